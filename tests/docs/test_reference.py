"""docs/reference is what the code states now, and complete; nothing keeps a copy by hand."""

from __future__ import annotations

import ast
import re

from dev.env_files import read_env_file
from dev.reference import FOLDER, pages
from genquota.domain.audit_actions import AuditAction
from genquota.triggers.api.route_table import ROUTES
from tests.docs.pages import ROOT, Page, page


def first_cells(name: str) -> list[str]:
    """Return the code in the first cell of each row of a reference page."""
    found = (re.fullmatch("`(.+)`", row[0]) for row in Page(FOLDER / name).rows())
    return [code[1] for code in found if code]


def test_the_pages_are_written_anew_after_a_change() -> None:
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert stored == pages(), "functions/venv/bin/python -m dev.reference writes them"


def test_every_setting_is_described_with_its_default() -> None:
    described = {
        row[0].strip("`"): row[1].strip("`").replace("empty", "")
        for row in page("docs/reference/settings.md").rows()
        if re.fullmatch("`[A-Z_]+`", row[0]) and len(row) == 4 and row[2] and len(row[3]) > 10
    }
    assert described == read_env_file(ROOT / "functions" / ".env")


def test_every_route_is_there_and_no_other() -> None:
    assert first_cells("routes.md") == [f"{route.method} {route.pattern}" for route in ROUTES]


def test_every_audit_action_is_there_and_no_other() -> None:
    assert first_cells("audit-actions.md") == [action.value for action in AuditAction]


def test_every_callable_function_is_there_and_no_other() -> None:
    triggers = ROOT / "functions/genquota/triggers"
    defined = {
        node.name
        for path in (*triggers.glob("callables/*.py"), triggers / "self_service.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    headings = re.findall(r"^## `(\w+)`$", page("docs/reference/functions.md").text, re.MULTILINE)
    assert sorted(headings) == sorted(defined)
