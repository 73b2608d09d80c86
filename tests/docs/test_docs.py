"""What the documentation says of the code is so: links, names, reasons, plans."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from genquota.domain import errors
from genquota.store.plans.plan_terms import read_plan
from genquota.triggers.api.route_table import ROUTES
from tests.docs.pages import ROOT, Page, documented_fields, page, pages
from tests.functions.app import CALLABLES, HTTP, SCHEDULES, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLS = re.compile(
    r"""(?:httpsCallable\(functions, |httpsCallable\(|getHttpsCallable\(|\bcall\(\s*)["'](\w+)["']"""
)
_DOCUMENTED_COLLECTIONS = ("users", "userGenerations", "usageDaily", "windows")
_ERRORS = "docs/clients/README.md"
_ROOTS = {"functions", "ops", "web", "dev", "monitoring", "tests", "bench", "findings", "docs"}
_ROOMS = {"triggers", "messages", "use_cases", "domain", "store", "billing"}


def test_relative_links_lead_somewhere() -> None:
    lost = []
    for page_ in pages():
        for link in page_.links():
            path, _, anchor = link.partition("#")
            if "://" in link:
                continue
            target = Page((page_.path.parent / path).resolve() if path else page_.path)
            if not target.path.exists() or (anchor and anchor not in target.anchors()):
                lost.append(f"{page_.name}: {link}")
    assert lost == []


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    index = page("docs/README.md")
    listed = {(index.path.parent / link.partition("#")[0]).resolve() for link in index.links()}
    decisions = (ROOT / "docs/decisions").glob("0*.md")  # they have an index of their own
    assert {*(ROOT / "docs").rglob("*.md")} - {*decisions, index.path} - listed == set()


def test_python_blocks_compile() -> None:
    broken = []
    for page_ in pages():
        for code in page_.blocks("python"):
            try:
                compile(code, page_.name, "exec")
            except SyntaxError as error:
                broken.append(f"{page_.name}: {error}")
    assert broken == []


def test_json_blocks_parse() -> None:
    broken = []
    for page_ in pages():
        for code in page_.blocks("json"):
            try:
                json.loads(code)
            except ValueError as error:
                broken.append(f"{page_.name}: {error}")
    assert broken == []


@pytest.mark.parametrize("name", ["README.md", "docs/plans.md"])
def test_plans_that_are_shown_are_understood(name: str) -> None:
    shown = [json.loads(code) for code in page(name).blocks("json")]
    plans = [each for each in shown if "credits" not in each]  # those that have are packs
    assert plans
    for plan in plans:
        assert read_plan("shown", plan).limits


def _reasons() -> Iterator[str]:
    found = list(errors.GenquotaError.__subclasses__())
    for each in found:
        found.extend(each.__subclasses__())
        if "reason" in vars(each):
            yield each.reason
    yield "internal"


def test_every_reason_stands_in_the_table_of_errors_and_no_other() -> None:
    documented = {
        reason
        for row in page(_ERRORS).rows()
        if re.match("`[a-z]+(-[a-z]+)*`", row[0]) and len(row) == 3
        for reason in re.findall("`([a-z-]+)`", row[0])
    }
    assert documented == set(_reasons())


DEPLOYED = {*CALLABLES, *HTTP, *SCHEDULES, *WEBHOOKS}


def test_functions_that_are_called_are_those_that_are_deployed() -> None:
    wrong = []
    for page_ in pages():
        for language in ("ts", "swift", "kotlin", "dart"):
            for code in page_.blocks(language):
                called = set(_CALLS.findall(code))
                if not called or called - DEPLOYED:
                    wrong.append(
                        f"{page_.name}, {language}: {called - DEPLOYED or 'calls nothing'}"
                    )
    assert wrong == []


def test_every_field_that_has_an_index_rule_stands_in_the_data_model() -> None:
    declared = json.loads((ROOT / "firestore.indexes.json").read_text())["fieldOverrides"]
    text = documented_fields()
    missing = [
        each["fieldPath"]
        for each in declared
        if each["collectionGroup"] in _DOCUMENTED_COLLECTIONS
        and f"`{each['fieldPath']}`" not in text
        and f"`{each['fieldPath'].rpartition('.')[2]}`" not in text
    ]
    assert missing == []


def test_pages_that_code_cites_exist() -> None:
    folders = ("functions", "dev", "tests", "bench", "ops", "monitoring")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.*")]
    files += [ROOT / "functions/.env", ROOT / "functions/.secret.local.example", ROOT / "Makefile"]
    cited = {
        found
        for file in files
        if "venv" not in file.parts
        and file.suffix in {".py", ".json", ".mjs", ".env", ".example", ""}
        for found in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8"))
    }
    assert cited
    assert [name for name in sorted(cited) if not (ROOT / name).is_file()] == []


def test_files_that_pages_name_exist() -> None:
    lost = []
    for page_ in pages():
        for name in re.findall(r"`([\w.-]+(?:/[\w-][\w.-]*)+/?)`", page_.prose):
            first = name.split("/")[0]
            root = ROOT if first in _ROOTS else ROOT / "functions/genquota"
            if first in _ROOTS | _ROOMS and not (root / name).exists():
                lost.append(f"{page_.name}: {name}")
    assert lost == []


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
