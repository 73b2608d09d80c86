"""tests/seed-coverage.md keeps its word: all that it names on this side exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from dev.env_files import read_env_file
from genquota.triggers.api.route_table import ROUTES
from ops.commands import COMMANDS
from tests.docs.pages import ROOT, documented_fields, page
from tests.functions.app import CALLABLES, HTTP, SCHEDULES, WEBHOOKS

_PAGE = page("tests/seed-coverage.md")
_ROWS = [row for row in _PAGE.rows() if row[0] != "operation" and not row[0].startswith("-")]
_NAMED = sorted({name for row in _ROWS for name in re.findall(r"`([^`]+)`", row[1])})

_ROUTE = re.compile(r"(GET|POST|PUT|DELETE) /api(/\S+)")
_FIELD = re.compile(r"\w+/\{[^ ]+\}\.(\w+)")


@cache
def _defined_in(path: str) -> frozenset[str]:
    """Return the top-level names of a Python file."""
    names: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {ast.unparse(target) for target in targets}
    return frozenset(names)


def _exists(name: str) -> bool:
    if route := _ROUTE.fullmatch(name):
        return any((each.method, each.pattern) == route.groups() for each in ROUTES)
    if field := _FIELD.fullmatch(name):
        pages = (page(f"docs/{name}.md").text for name in ("plans", "feed"))
        return any(f"`{field[1]}`" in text for text in (documented_fields(), *pages))
    if name.startswith("make "):
        return f"\n{name.removeprefix('make ')}:" in (ROOT / "Makefile").read_text()
    if re.fullmatch(r"[A-Z_]+", name):
        return name in read_env_file(ROOT / "functions" / ".env")
    if re.fullmatch(r"[a-z]+(_[a-z]+)*", name):
        return name in {*CALLABLES, *HTTP, *SCHEDULES, *WEBHOOKS} | {
            command.name for command in COMMANDS
        }
    path, _, defined = name.partition("::")
    return (ROOT / path).is_file() and (not defined or defined in _defined_in(path))


def test_what_it_names_here_exists() -> None:
    assert _NAMED
    assert [name for name in _NAMED if not _exists(name)] == []


def test_every_operation_has_a_place_here() -> None:
    assert len(_ROWS) > 150
    assert [row[0] for row in _ROWS if len(row) != 3 or "`" not in row[1]] == []


def test_a_name_that_is_none_would_be_found() -> None:
    for wrong in (
        "GET /api/nothing",
        "users/{uid}.nothingOfTheKind",
        "make coffee",
        "NO_SUCH_SETTING",
        "no_such_function",
        "functions/genquota/domain/plans/plans.py::NoSuchPlan",
        "docs/no-such-page",
    ):
        assert not _exists(wrong), wrong
