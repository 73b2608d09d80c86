"""That each thing that can be wrong with the indexes is found and named."""

from __future__ import annotations

from typing import Any

from tests.indexes.index_file import parse_index_file
from tests.indexes.problems import file_problems, needless_fields, query_problems
from tests.indexes.shapes import Shape

BY_AGE = Shape("things", order=(("age", "ASCENDING"),))
OF_KIND_BY_AGE = Shape("things", equal=frozenset({"kind"}), order=(("age", "ASCENDING"),))

COMPOSITE: dict[str, Any] = {
    "collectionGroup": "things",
    "queryScope": "COLLECTION",
    "fields": [
        {"fieldPath": "kind", "order": "ASCENDING"},
        {"fieldPath": "age", "order": "ASCENDING"},
    ],
}


def _override(path: str, *modes: str, **more: object) -> dict[str, Any]:
    indexes = [{"queryScope": "COLLECTION", "order": mode} for mode in modes]
    return {"collectionGroup": "things", "fieldPath": path, "indexes": indexes, **more}


def _queries(
    queries: dict[Shape, str], *overrides: dict[str, Any], composites: int = 0
) -> list[str]:
    declared = {"indexes": [COMPOSITE] * composites, "fieldOverrides": list(overrides)}
    return query_problems(parse_index_file(declared), queries)


def _says(*overrides: dict[str, Any], composites: int = 0) -> list[str]:
    declared = {"indexes": [COMPOSITE] * composites, "fieldOverrides": list(overrides)}
    return file_problems(parse_index_file(declared))


def test_nothing_is_wrong_when_every_index_has_its_query() -> None:
    asked = {OF_KIND_BY_AGE: "somebody", BY_AGE: "somebody"}
    assert _queries(asked, _override("age", "ASCENDING"), composites=1) == []


def test_a_missing_composite_index_is_found() -> None:
    assert _queries({OF_KIND_BY_AGE: "store/things.py:list_things"}) == [
        "no index for [things, kind ==, by age ASCENDING], which store/things.py:list_things asks"
    ]


def test_a_composite_index_that_no_query_needs_is_found() -> None:
    assert _queries({BY_AGE: "somebody"}, composites=1) == [
        "no query needs things (kind ASCENDING, age ASCENDING) for a collection"
    ]


def test_a_query_by_an_exempted_field_is_found() -> None:
    assert _queries({BY_AGE: "somebody"}, _override("age")) == [
        "no index for [things, by age ASCENDING], which somebody asks"
    ]


def test_an_index_that_a_field_keeps_for_no_query_is_found() -> None:
    assert _queries({BY_AGE: "somebody"}, _override("age", "ASCENDING", "DESCENDING")) == [
        "no query needs things.age DESCENDING for a collection"
    ]


def test_what_is_declared_twice_is_found() -> None:
    assert _says(_override("age"), _override("age", "ASCENDING"), composites=2) == [
        "declared twice: things (kind ASCENDING, age ASCENDING) for a collection",
        "declared twice: things.age",
    ]


def test_an_exemption_within_an_exempted_map_is_found() -> None:
    problems = _says(
        _override("quota"), _override("quota.holds"), _override("quota.at", "ASCENDING")
    )
    assert problems == ["changes nothing: things.quota.holds"]


def test_a_ttl_field_is_exempt_and_named_delete_at() -> None:
    assert _says(_override("deleteAt", ttl=True)) == []
    assert _says(_override("deleteAt", "ASCENDING", ttl=True)) == [
        "a TTL field that is indexed: things.deleteAt"
    ]
    named_otherwise = ["`deleteAt` and nothing else is a TTL field: things.expiresAt"]
    assert _says(_override("expiresAt", ttl=True)) == named_otherwise
    assert _says(_override("deleteAt")) == [
        "`deleteAt` and nothing else is a TTL field: things.deleteAt"
    ]


def test_a_written_field_that_is_indexed_for_nobody_is_found() -> None:
    declared = parse_index_file(
        {"indexes": [], "fieldOverrides": [_override("text"), _override("quota")]}
    )
    written = {"things": {"text", "quota", "owner", "story"}, "others": {"text"}}
    problems = needless_fields(declared, written, {"things": {"owner"}})
    assert problems == ["indexed for nobody: things.story"]
