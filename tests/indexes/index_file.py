"""`firestore.indexes.json`: which indexes there are, and which a query is served by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.indexes.shapes import ASCENDING, CONTAINS, DESCENDING, NAME, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Field = tuple[str, str]
"""A field path in an index, and its mode there: ascending, descending or contains."""

_COLLECTION, _GROUP = "COLLECTION", "COLLECTION_GROUP"
_BY_DEFAULT = frozenset((_COLLECTION, mode) for mode in (ASCENDING, DESCENDING, CONTAINS))


@dataclass(frozen=True, slots=True)
class Composite:
    """An index over several fields, in their order."""

    collection: str
    scope: str
    fields: tuple[Field, ...]

    def __str__(self) -> str:
        fields = ", ".join(f"{path} {mode}" for path, mode in self.fields)
        return f"{self.collection} ({fields}) for a {self.scope.lower()}"

    def serves(self, shape: Shape) -> bool:
        """Whether it has the equalities first, in any order, then exactly the query's order."""
        if (self.collection, self.scope) != (shape.collection, _scope(shape)):
            return False
        count = len(shape.equal) + len(shape.contains)
        first, rest = self.fields[:count], self.fields[count:]
        found = {(path, mode == CONTAINS) for path, mode in first}
        wanted = {(path, False) for path in shape.equal} | {(path, True) for path in shape.contains}
        return found == wanted and rest == shape.order


@dataclass(frozen=True, slots=True)
class Single:
    """An index over one field, as Firestore keeps them by itself unless told otherwise."""

    collection: str
    scope: str
    path: str
    mode: str


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What is declared."""

    composites: tuple[Composite, ...]
    overrides: tuple[tuple[str, str, frozenset[Field], bool], ...]
    """Collection, field path, the (scope, mode) pairs that are kept, whether it is a TTL field."""

    def kept(self, collection: str, path: str) -> frozenset[Field]:
        """Return the single-field indexes of a field: its own override's, its parent map's, or all."""
        declared = {(each[0], each[1]): each[2] for each in self.overrides}
        while path:
            if (collection, path) in declared:
                return declared[collection, path]
            path = path.rpartition(".")[0]
        return _BY_DEFAULT

    def inherited(self, collection: str, path: str) -> frozenset[Field]:
        """Return what a field would keep without an override of its own."""
        return self.kept(collection, path.rpartition(".")[0])

    def serving(self, shape: Shape) -> tuple[Composite | Single, ...] | None:
        """Return the indexes that a query is served by, none if it needs none, None if it fails."""
        if not shape.order:
            singles = [self._single(shape, path, ASCENDING, DESCENDING) for path in shape.equal]
            singles += [self._single(shape, path, CONTAINS) for path in shape.contains]
            found = tuple(single for single in singles if single)
            if len(found) == len(singles):
                return found
        elif len(shape.order) == 1 and not shape.equal and not shape.contains:
            path, mode = shape.order[0]
            single = self._single(shape, path, mode)
            return (single,) if single else None
        composites = [composite for composite in self.composites if composite.serves(shape)]
        return tuple(composites[:1]) or None

    def _single(self, shape: Shape, path: str, *modes: str) -> Single | None:
        kept = self.kept(shape.collection, path)
        for mode in modes:
            if (_scope(shape), mode) in kept:
                return Single(shape.collection, _scope(shape), path, mode)
        return None


def read_index_file(path: Path) -> IndexFile:
    return parse_index_file(json.loads(path.read_text(encoding="utf-8")))


def parse_index_file(declared: Mapping[str, Any]) -> IndexFile:
    """Understand the file's content."""
    return IndexFile(
        tuple(
            Composite(
                each["collectionGroup"],
                each["queryScope"],
                _without_name(tuple((f["fieldPath"], _mode(f)) for f in each["fields"])),
            )
            for each in declared["indexes"]
        ),
        tuple(
            (
                each["collectionGroup"],
                each["fieldPath"],
                frozenset((index["queryScope"], _mode(index)) for index in each["indexes"]),
                each.get("ttl", False),
            )
            for each in declared.get("fieldOverrides", [])
        ),
    )


def _scope(shape: Shape) -> str:
    return _GROUP if shape.is_group else _COLLECTION


def _mode(entry: Mapping[str, str]) -> str:
    return entry.get("order") or entry["arrayConfig"]


def _without_name(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Drop a last `__name__` that says what Firestore adds anyway."""
    if len(fields) > 1 and fields[-1] == (NAME, fields[-2][1]):
        return fields[:-1]
    return fields
