"""tests/pitfalls.md keeps its word: each line names tests that exist, or says why there is none."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.docs.pages import ROOT, page

LINES = [
    f"{part}{number}"
    for part, last in (("A", 13), ("B", 16), ("C", 12), ("D", 17), ("E", 15), ("F", 7))
    for number in range(1, last + 1)
]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
SHORTEST = 20
_EXCUSE = re.compile(r"(Not yet|Does not apply|Outside the tests): \S.{10,}")

MAP = {
    row[0]: row[1:] for row in page("tests/pitfalls.md").rows() if re.match("[A-F][0-9]", row[0])
}


def test_every_line_is_there_once_in_order() -> None:
    assert [row[0] for row in page("tests/pitfalls.md").rows() if row[0][:1] in "ABCDEF"] == LINES


def test_each_line_names_tests_that_exist_or_says_why_not() -> None:
    wrong = []
    for line in LINES:
        what, proof = MAP[line]
        named = _TEST.findall(proof)
        lost = [f"{file}::{name}" for file, name in named if name not in _tests_in(file)]
        if lost or len(what) <= SHORTEST or not (named or _EXCUSE.fullmatch(proof)):
            wrong.append((line, lost or proof))
    assert wrong == []


@cache
def _tests_in(file: str) -> frozenset[str]:
    """Return the tests of a file, those of a class as `Class::test`."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            inner = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}::{each.name}" for each in inner}
            if any(ast.unparse(base).endswith("RuleBasedStateMachine") for base in node.bases):
                found.add(node.name)
        elif isinstance(node, ast.Assign) and ast.unparse(node.value).endswith(".TestCase"):
            found |= {ast.unparse(target) for target in node.targets}
    return frozenset(name for name in found if "test" in name.lower())
