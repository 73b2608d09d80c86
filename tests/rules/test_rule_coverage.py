"""Runs last (see conftest): every expression of the shipped rules was true once and false once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.rule_coverage import unproven

if TYPE_CHECKING:
    from tests.rules.rest import Project
    from tests.rules.wire import Json


def test_every_expression_of_the_rules_was_seen_both_true_and_false(
    shipped: Project, rules_text: str
) -> None:
    gaps = unproven(shipped.rule_coverage(), rules_text)
    assert gaps == [], "not proven by the whole suite (run `python -m pytest tests/rules`)"


def _node(text: str, *values: Json) -> Json:
    start = "a && b".index(text)
    return {
        "sourcePosition": {
            "line": 1,
            "column": start + 1,
            "currentOffset": start,
            "endOffset": start + len(text) - 1,
        },
        "values": [{"value": value, "count": 1} for value in values],
    }


_TRUE: Json = {"boolValue": True}
_FALSE: Json = {"boolValue": False}
_NOT_REACHED: Json = {}
_FAILED: Json = {"undefined": {"causeMessage": "Null value error."}}


def test_an_expression_that_was_true_and_false_is_proven() -> None:
    assert unproven([_node("a && b", _TRUE, _FALSE, _FAILED)], "a && b") == []


def test_an_expression_that_was_never_false_is_named() -> None:
    assert unproven([_node("a", _TRUE)], "a && b") == ["line 1, column 1: `a` was never false"]


def test_an_expression_that_was_never_true_is_named_below_its_parent() -> None:
    tree = _node("a && b", _TRUE, _FALSE) | {"children": [_node("b", _FALSE, _NOT_REACHED)]}
    assert unproven([tree], "a && b") == ["line 1, column 6: `b` was never true"]


def test_an_expression_that_was_never_reached_is_named() -> None:
    never = ["line 1, column 6: `b` was never evaluated"]
    assert unproven([_node("b", _NOT_REACHED, _FAILED)], "a && b") == never
    assert unproven([_node("b")], "a && b") == never


def test_an_expression_that_is_no_condition_needs_one_value() -> None:
    assert unproven([_node("a", {"stringValue": "alice"})], "a && b") == []


def test_no_report_at_all_proves_nothing() -> None:
    assert unproven([], "a && b") == ["the emulator reports no expression at all"]
