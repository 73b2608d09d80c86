"""What the emulator's coverage report leaves unproven."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rules.wire import Json


def unproven(report: list[Json], rules: str) -> list[str]:
    """Name each expression that was never evaluated, or as a condition only ever went one way.

    Constants are no expressions to the emulator: it does not report them.
    """
    if not report:
        return ["the emulator reports no expression at all"]
    return [gap for node in report for gap in _gaps(node, rules)]


def _gaps(node: Json, rules: str) -> list[str]:
    values = [seen["value"] for seen in node.get("values", [])]
    # An empty value stands for "not reached", `undefined` for an error: neither proves a thing.
    results = [value for value in values if value and "undefined" not in value]
    conditions = {value["boolValue"] for value in results if "boolValue" in value}
    if not results:
        gaps = ["was never evaluated"]
    elif conditions:
        gaps = [f"was never {str(way).lower()}" for way in (True, False) if way not in conditions]
    else:
        gaps = []
    at = node["sourcePosition"]
    text = " ".join(rules[at["currentOffset"] : at["endOffset"] + 1].split())
    named = [f"line {at['line']}, column {at['column']}: `{text}` {gap}" for gap in gaps]
    return named + [gap for child in node.get("children", []) for gap in _gaps(child, rules)]
