"""Runs last: every query has its index, every index its query, and heavy fields have none.

The emulator answers queries that would fail in production for want of an index, so this compares
firestore.indexes.json with what the other suites made the code ask (see tests/query_recorder.py).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.indexes.client_queries import CLIENT_QUERIES, KEPT_INDEXED
from tests.indexes.index_file import read_index_file
from tests.indexes.problems import file_problems, needless_fields, query_problems
from tests.indexes.recordings import CODE, ROOT, Recordings, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.indexes.shapes import Shape

DECLARED = read_index_file(ROOT / "firestore.indexes.json")


@pytest.fixture(scope="module")
def recorded(request: pytest.FixtureRequest) -> Recordings:
    """Give what was recorded, in this run and in those before it."""
    recorder = request.config.pluginmanager.get_plugin("query-recorder")
    if recorder is not None:
        recorder.save()
    recordings = load()
    missing = {"emulator", "functions"} - recordings.suites
    assert not missing, (
        f"nothing is known of the code as it stands: run {' and '.join(sorted(missing))} first, "
        "each as a whole (python -m pytest tests/emulator)"
    )
    assert recordings.makers
    return recordings


def test_the_file_says_nothing_twice_to_no_effect_or_against_itself() -> None:
    assert file_problems(DECLARED) == []


@pytest.mark.parametrize("shape", CLIENT_QUERIES)
def test_each_query_of_a_client_has_its_index(shape: Shape) -> None:
    assert DECLARED.serving(shape) is not None


def test_every_query_has_its_index_and_every_index_its_query(recorded: Recordings) -> None:
    by_code = {shape: " and ".join(sorted(makers)) for shape, makers in recorded.makers.items()}
    assert query_problems(DECLARED, by_code | CLIENT_QUERIES) == []


def test_the_check_understands_every_query(recorded: Recordings) -> None:
    assert sorted(recorded.not_modelled) == []


def test_every_function_that_queries_was_heard(recorded: Recordings) -> None:
    heard = set().union(*recorded.makers.values())
    assert sorted(set(_querying_functions()) - heard) == [], "no test runs these, or not to the end"


def test_no_write_pays_for_an_index_that_nobody_uses(recorded: Recordings) -> None:
    assert {"users", "userGenerations"} <= recorded.written.keys()
    assert needless_fields(DECLARED, recorded.written, KEPT_INDEXED) == []


def _querying_functions() -> Iterator[str]:
    """Yield `file:function` for each function of the code that runs a query."""
    for path in sorted(CODE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and any(
                map(_runs_a_query, ast.walk(function))
            ):
                yield f"{path.relative_to(CODE).as_posix()}:{function.name}"


def _runs_a_query(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    built = {each.attr for each in ast.walk(node.func.value) if isinstance(each, ast.Attribute)}
    is_query = built & {"where", "order_by", "collection_group", "limit"}
    return node.func.attr == "stream" or (node.func.attr == "get" and bool(is_query))
