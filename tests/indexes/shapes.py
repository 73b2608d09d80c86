"""What a query asks of indexes: its values don't matter, its collection, fields and directions do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore_v1.types import StructuredQuery

ASCENDING, DESCENDING, CONTAINS = "ASCENDING", "DESCENDING", "CONTAINS"
NAME = "__name__"
ALL_BELOW = "whatever lies below"
"""A query of all descendants, of whatever collections; by name alone it needs no index."""

_EQUAL = {"EQUAL", "IN", "IS_NULL", "IS_NAN"}
_CONTAINS = {"ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"}
_RANGE = {
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "NOT_EQUAL",
    "NOT_IN",
    "IS_NOT_NULL",
    "IS_NOT_NAN",
}


class NotModelled(Exception):
    """A query of a kind that the index check does not understand yet: teach it first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A query without its values."""

    collection: str
    is_group: bool = False
    equal: frozenset[str] = frozenset()
    contains: frozenset[str] = frozenset()
    order: tuple[tuple[str, str], ...] = ()
    """Field and direction. Ends before `__name__`, which every index has at its end."""

    def __str__(self) -> str:
        words = [f"{self.collection} as a collection group" if self.is_group else self.collection]
        words += [f"{path} ==" for path in sorted(self.equal)]
        words += [f"{path} contains" for path in sorted(self.contains)]
        words += [f"by {path} {direction}" for path, direction in self.order]
        return ", ".join(words)


def shape_of(query: StructuredQuery) -> Shape:
    """Return what Firestore makes of a structured query.

    Raises:
        NotModelled: The check would only guess.
    """
    if len(query.from_) != 1 or not _collection(query) or "find_nearest" in query:
        raise NotModelled("not one collection, or a vector search")
    equal: set[str] = set()
    contains: set[str] = set()
    ranged: set[str] = set()
    for path, operator in _conditions(query.where):
        kind = {**dict.fromkeys(_EQUAL, "="), **dict.fromkeys(_CONTAINS, "[")}.get(operator, "<")
        if kind == "<" and operator not in _RANGE:
            raise NotModelled(operator)
        {"=": equal, "[": contains, "<": ranged}[kind].add(path)
    if NAME in equal or len(contains) > 1:
        raise NotModelled("an equality on the document's name, or two array filters")
    order = [(each.field.field_path, each.direction.name) for each in query.order_by]
    return Shape(
        collection=_collection(query),
        is_group=query.from_[0].all_descendants,
        equal=frozenset(equal),
        contains=frozenset(contains),
        order=_effective(order, ranged, equal),
    )


def _collection(query: StructuredQuery) -> str:
    selector = query.from_[0]
    return selector.collection_id or (ALL_BELOW if selector.all_descendants else "")


def _effective(
    order: list[tuple[str, str]], ranged: set[str], equal: set[str]
) -> tuple[tuple[str, str], ...]:
    """Return the order that Firestore uses: also by each field with a range, last by name."""
    order = [(path, direction or ASCENDING) for path, direction in order]
    named = {path for path, _ in order}
    last = order[-1][1] if order else ASCENDING
    order += [(path, last) for path in sorted(ranged - named)]
    order = [(path, direction) for path, direction in order if path not in equal]
    paths = [path for path, _ in order]
    if NAME not in paths:
        return tuple(order)
    at = paths.index(NAME)
    if order[at][1] != (order[at - 1][1] if at else ASCENDING):
        raise NotModelled("an order by name against the direction of the rest")
    return tuple(order[:at])


def _conditions(where: StructuredQuery.Filter) -> Iterator[tuple[str, str]]:
    """Yield field path and operator of each condition, all of which must hold."""
    if where.composite_filter.filters:
        if where.composite_filter.op.name != "AND":
            raise NotModelled("OR")
        for each in where.composite_filter.filters:
            yield from _conditions(each)
    elif where.unary_filter.field.field_path:
        yield where.unary_filter.field.field_path, where.unary_filter.op.name
    elif where.field_filter.field.field_path:
        yield where.field_filter.field.field_path, where.field_filter.op.name
