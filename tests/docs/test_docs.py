"""What the documentation says of the code is so: links, names, settings, reasons, plans."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest

from dev.env_files import read_env_file
from genquota.domain import errors
from genquota.store.plans.plan_terms import read_plan
from genquota.triggers.api.route_table import ROUTES
from tests.docs.pages import ROOT, Page, page, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

every_page = pytest.mark.parametrize("page_", pages(), ids=lambda page_: page_.name)

_CALLS = re.compile(
    r"""(?:httpsCallable\(functions, |httpsCallable\(|getHttpsCallable\(|\bcall\(\s*)["'](\w+)["']"""
)
_DOCUMENTED_COLLECTIONS = ("users", "userGenerations", "usageDaily", "windows")


@every_page
def test_relative_links_lead_somewhere(page_: Page) -> None:
    lost = []
    for link in page_.links():
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = Page((page_.path.parent / path).resolve() if path else page_.path)
        if not target.path.exists() or (anchor and anchor not in target.anchors()):
            lost.append(link)
    assert lost == []


@every_page
def test_python_blocks_compile(page_: Page) -> None:
    for code in page_.blocks("python"):
        compile(code, page_.name, "exec")


@every_page
def test_json_blocks_parse(page_: Page) -> None:
    for code in page_.blocks("json"):
        json.loads(code)


@pytest.mark.parametrize("name", ["README.md", "docs/plans.md"])
def test_plans_that_are_shown_are_understood(name: str) -> None:
    shown = [json.loads(code) for code in page(name).blocks("json")]
    plans = [each for each in shown if "credits" not in each]  # those that have are packs
    assert plans
    for plan in plans:
        assert read_plan("shown", plan).limits


def test_every_setting_is_described_with_its_default() -> None:
    shipped = read_env_file(ROOT / "functions" / ".env")
    described = {
        row[0].strip("`"): row[1].strip("`").replace("empty", "")
        for row in page("docs/settings.md").rows()
        if re.fullmatch("`[A-Z_]+`", row[0])
    }
    assert described == shipped


def _reasons() -> Iterator[str]:
    found = list(errors.GenquotaError.__subclasses__())
    for each in found:
        found.extend(each.__subclasses__())
        if "reason" in vars(each):
            yield each.reason
    yield "internal"


@pytest.mark.parametrize("name", ["README.md", "docs/clients.md"])
def test_every_reason_stands_in_the_table_of_errors_and_no_other(name: str) -> None:
    told = {
        reason
        for row in page(name).rows()
        if re.match("`[a-z]+(-[a-z]+)*`", row[0]) and len(row) in (2, 3)
        for reason in re.findall("`([a-z-]+)`", row[0])
    }
    assert set(_reasons()) <= told
    assert {reason for reason in told if "-" in reason} <= set(_reasons())


@every_page
def test_functions_that_are_called_are_those_that_are_deployed(page_: Page) -> None:
    main = ast.parse((ROOT / "functions/main.py").read_text())
    deployed = next(
        ast.literal_eval(node.value)
        for node in main.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    for language in ("ts", "swift", "kotlin", "dart"):
        for code in page_.blocks(language):
            called = set(_CALLS.findall(code))
            assert called, f"no call found in the {language} block"
            assert called <= set(deployed)


def test_every_field_that_has_an_index_rule_stands_in_the_data_model() -> None:
    declared = json.loads((ROOT / "firestore.indexes.json").read_text())["fieldOverrides"]
    told = page("docs/data-model.md").text
    missing = [
        each["fieldPath"]
        for each in declared
        if each["collectionGroup"] in _DOCUMENTED_COLLECTIONS
        and f"`{each['fieldPath']}`" not in told
        and f"`{each['fieldPath'].rpartition('.')[2]}`" not in told
    ]
    assert missing == []


def test_pages_that_code_cites_exist() -> None:
    cited = {
        found
        for folder in ("functions", "dev", "tests", "bench")
        for file in (ROOT / folder).rglob("*.py")
        if "venv" not in file.parts
        for found in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8"))
    }
    assert [name for name in sorted(cited) if not (ROOT / name).is_file()] == []


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page_ in pages()
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", page_.text, re.MULTILINE)
    }
    assert named <= targets


def test_routes_that_are_named_exist() -> None:
    routes = {f"{each.method} /api{each.pattern}" for each in ROUTES}
    named = {
        route
        for page_ in pages()
        for route in re.findall(r"(?:GET|POST|PUT|DELETE) /api/[^`\s?]*", page_.text)
    }
    # An ellipsis stands for the rest of a path; a bar for alternatives.
    assert {route for route in named if not {"…", "|", "*"} & set(route)} - routes == set()


def test_every_decision_is_listed() -> None:
    numbered = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert page("docs/decisions/README.md").links() == numbered
