"""What a query asks of indexes, read from the queries that Google's client builds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter, Or

from tests.indexes.shapes import NotModelled, Shape, shape_of

if TYPE_CHECKING:
    from google.cloud.firestore_v1.query import Query

_NO_ONE = AnonymousCredentials()  # type: ignore[no-untyped-call] # google-auth has no types
DB = firestore.Client(project="demo-shapes", credentials=_NO_ONE)


def _shape(query: Query) -> Shape:
    return shape_of(query._to_protobuf())


def _where(path: str, operator: str, value: Any = 1) -> Query:  # noqa: ANN401
    return DB.collection("users").where(filter=FieldFilter(path, operator, value))


def test_equalities_have_no_order_among_themselves() -> None:
    query = _where("role", "==").where(filter=FieldFilter("planId", "in", ["a", "b"]))
    assert _shape(query) == Shape("users", equal=frozenset({"role", "planId"}))


def test_is_null_is_an_equality() -> None:
    assert _shape(_where("deletedAt", "==", None)) == Shape("users", equal=frozenset({"deletedAt"}))


def test_an_array_filter_is_its_own_kind() -> None:
    query = _where("tags", "array_contains")
    assert _shape(query) == Shape("users", contains=frozenset({"tags"}))


def test_a_range_orders_by_its_field_ascending() -> None:
    assert _shape(_where("age", ">")) == Shape("users", order=(("age", "ASCENDING"),))


def test_not_equal_is_a_range() -> None:
    assert _shape(_where("age", "!=")) == Shape("users", order=(("age", "ASCENDING"),))


def test_a_range_keeps_the_order_that_was_asked() -> None:
    query = _where("age", ">").order_by("age", direction="DESCENDING")
    assert _shape(query) == Shape("users", order=(("age", "DESCENDING"),))


def test_a_range_without_an_order_of_its_own_takes_the_last_direction() -> None:
    query = _where("age", ">").order_by("name", direction="DESCENDING")
    assert _shape(query) == Shape("users", order=(("name", "DESCENDING"), ("age", "DESCENDING")))


def test_two_ranges_order_by_name_of_field() -> None:
    query = _where("size", ">").where(filter=FieldFilter("age", "<", 9))
    assert _shape(query) == Shape("users", order=(("age", "ASCENDING"), ("size", "ASCENDING")))


def test_ordering_by_what_is_equal_orders_nothing() -> None:
    query = _where("role", "==").order_by("role").order_by("age")
    expected = Shape("users", equal=frozenset({"role"}), order=(("age", "ASCENDING"),))
    assert _shape(query) == expected


def test_the_documents_name_at_the_end_asks_for_nothing_more() -> None:
    query = _where("quota.rollAt", "<=").order_by("quota.rollAt").order_by("__name__")
    assert _shape(query) == Shape("users", order=(("quota.rollAt", "ASCENDING"),))


def test_a_scan_by_name_asks_for_no_index() -> None:
    assert _shape(DB.collection("users").order_by("__name__").limit(9)) == Shape("users")


def test_limits_selections_and_cursors_ask_for_nothing_more() -> None:
    query = _where("age", ">").order_by("age").select(["age"]).limit(5).start_at({"age": 3})
    assert _shape(query) == Shape("users", order=(("age", "ASCENDING"),))


def test_a_collection_group_is_told_from_a_collection() -> None:
    assert _shape(DB.collection_group("windows").order_by("start")) == Shape(
        "windows", is_group=True, order=(("start", "ASCENDING"),)
    )


def test_a_subcollection_is_known_by_its_own_name() -> None:
    query = DB.document("users/alice").collection("windows").order_by("start")
    assert _shape(query) == Shape("windows", order=(("start", "ASCENDING"),))


@pytest.mark.parametrize(
    "query",
    [
        DB.collection("users").order_by("__name__", direction="DESCENDING"),
        DB.collection("users").order_by("age").order_by("__name__", direction="DESCENDING"),
        DB.collection("users").where(
            filter=Or([FieldFilter("age", "==", 1), FieldFilter("age", "==", 2)])
        ),
        DB.collection("users").where(filter=FieldFilter("__name__", "==", DB.document("users/a"))),
    ],
    ids=["by name backwards", "by name against the rest", "or", "by name"],
)
def test_what_is_not_modelled_is_said_and_not_guessed(query: Query) -> None:
    with pytest.raises(NotModelled):
        _shape(query)
