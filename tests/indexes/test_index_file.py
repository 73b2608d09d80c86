"""Which queries an index serves, by Firestore's rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.indexes.index_file import IndexFile, parse_index_file
from tests.indexes.shapes import Shape

UP, DOWN = "ASCENDING", "DESCENDING"


def _file(*composites: list[tuple[str, str]], scope: str = "COLLECTION", **kept: Any) -> IndexFile:  # noqa: ANN401
    """Declare composite indexes of `things`, and the single-field modes that fields keep."""
    declared = {
        "indexes": [
            {
                "collectionGroup": "things",
                "queryScope": scope,
                "fields": [
                    {"fieldPath": path, "arrayConfig" if mode == "CONTAINS" else "order": mode}
                    for path, mode in fields
                ],
            }
            for fields in composites
        ],
        "fieldOverrides": [
            {
                "collectionGroup": "things",
                "fieldPath": path.replace("__", "."),
                "indexes": [{"queryScope": scope, "order": mode} for mode in modes],
            }
            for path, modes in kept.items()
        ],
    }
    return parse_index_file(declared)


def _asks(
    *equal: str, by: list[tuple[str, str]] | None = None, contains: str = "", group: bool = False
) -> Shape:
    return Shape(
        "things",
        is_group=group,
        equal=frozenset(equal),
        contains=frozenset({contains} - {""}),
        order=tuple(by or []),
    )


@pytest.mark.parametrize(
    "shape",
    [
        _asks(),
        _asks("a"),
        _asks("a", "b"),
        _asks(contains="tags"),
        _asks(by=[("a", UP)]),
        _asks(by=[("a", DOWN)]),
    ],
)
def test_firestores_own_indexes_serve_simple_queries(shape: Shape) -> None:
    assert _file().serving(shape) is not None


@pytest.mark.parametrize(
    "shape",
    [
        _asks("a", by=[("b", UP)]),
        _asks(by=[("a", UP), ("b", UP)]),
        _asks(contains="tags", by=[("a", UP)]),
        _asks("a", group=True),
        _asks(by=[("a", UP)], group=True),
    ],
)
def test_firestores_own_indexes_do_not_serve_more(shape: Shape) -> None:
    assert _file().serving(shape) is None


def test_equalities_come_first_in_any_order_then_the_order_as_asked() -> None:
    declared = _file([("b", UP), ("a", DOWN), ("c", DOWN)])
    assert declared.serving(_asks("a", "b", by=[("c", DOWN)])) == declared.composites


@pytest.mark.parametrize(
    "shape",
    [
        _asks("a", "b", by=[("c", UP)]),  # the other direction
        _asks("a", by=[("c", DOWN)]),  # skips a field
        _asks("a", by=[("b", UP)]),  # stops before the last field
        _asks("a", "b", "d", by=[("c", DOWN)]),  # one more equality
        _asks("a", "c", by=[("b", DOWN)]),  # the order is not last
        _asks("a", "b", by=[("c", DOWN)], group=True),  # another scope
        Shape("others", equal=frozenset({"a", "b"}), order=(("c", DOWN),)),
    ],
)
def test_a_composite_index_serves_nothing_but_its_own_query(shape: Shape) -> None:
    assert _file([("a", UP), ("b", UP), ("c", DOWN)]).serving(shape) is None


def test_a_group_index_serves_the_group_and_not_the_collection() -> None:
    declared = _file([("a", UP), ("c", DOWN)], scope="COLLECTION_GROUP")
    assert declared.serving(_asks("a", by=[("c", DOWN)], group=True)) == declared.composites
    assert declared.serving(_asks("a", by=[("c", DOWN)])) is None


def test_an_array_filter_needs_its_mode() -> None:
    shape = _asks(contains="tags", by=[("c", DOWN)])
    assert _file([("tags", "CONTAINS"), ("c", DOWN)]).serving(shape) is not None
    assert _file([("tags", UP), ("c", DOWN)]).serving(shape) is None


def test_the_name_at_the_end_of_an_index_changes_nothing() -> None:
    declared = _file([("a", UP), ("c", DOWN), ("__name__", DOWN)])
    assert declared.serving(_asks("a", by=[("c", DOWN)])) == declared.composites


def test_an_exempted_field_serves_no_query_by_itself() -> None:
    declared = _file(a=[])
    assert declared.serving(_asks("a")) is None
    assert declared.serving(_asks(by=[("a", UP)])) is None
    assert declared.serving(_asks("a", "b")) is None


def test_an_exempted_field_still_serves_in_a_composite_index() -> None:
    declared = _file([("a", UP), ("c", DOWN)], a=[], c=[])
    assert declared.serving(_asks("a", by=[("c", DOWN)])) == declared.composites


def test_a_field_that_keeps_one_direction_serves_that_one() -> None:
    declared = _file(a=[DOWN])
    assert declared.serving(_asks(by=[("a", DOWN)])) is not None
    assert declared.serving(_asks("a")) is not None
    assert declared.serving(_asks(by=[("a", UP)])) is None


def test_an_exempted_map_covers_what_is_in_it() -> None:
    assert _file(quota=[]).serving(_asks(by=[("quota.rollAt", UP)])) is None
    assert _file(quota=[]).serving(_asks("quota.holds.x")) is None
    assert _file(quota=[]).serving(_asks("quotas")) is not None


def test_a_field_of_an_exempted_map_may_keep_an_index_of_its_own() -> None:
    declared = _file(quota=[], quota__rollAt=[UP])
    assert declared.serving(_asks(by=[("quota.rollAt", UP)])) is not None
    assert declared.serving(_asks(by=[("quota.rollAt", DOWN)])) is None
    assert declared.serving(_asks(by=[("quota.expireAt", UP)])) is None
