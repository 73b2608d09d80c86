"""What goes over the wire is, byte by byte, what the library would have sent, and is read as it reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import DELETE_FIELD, Client, GeoPoint, Increment
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import write as types
from hypothesis import given
from hypothesis import strategies as st

from genquota.store.values import read_fields, write_changes, write_merge, write_whole
from tests.unit.samples import instants

if TYPE_CHECKING:
    from collections.abc import Callable

DB = Client("demo-wire", AnonymousCredentials())  # type: ignore[no-untyped-call]
PATH = "users/ada"
NAME = DB.document(PATH)._document_path

NAMES = st.sampled_from(
    ["a", "b1", "_c", "day", "3d", "with space", "dotted.name", "tick`", "é", "a-b"]
)
WORDS = st.sampled_from(["a", "b", "_c", "day3", "q", "quota"])
PATHS = st.lists(WORDS, min_size=1, max_size=3).map(".".join)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | instants
    | st.just(GeoPoint(1.5, -2.5))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
INCREMENTS = st.integers(-5, 5).map(Increment) | st.floats(-2, 2).map(Increment)
"""Lists in lists are refused by Firestore, not by the library."""


def _write(fill: Callable[[Any, Any], None], data: dict[str, Any]) -> Any:  # noqa: ANN401
    write = types.Write.pb(types.Write())
    write.update.name = NAME
    fill(write, data)
    return write


def _same(ours: Any, theirs: list[types.Write]) -> None:  # noqa: ANN401
    (their,) = (types.Write.pb(each) for each in theirs)
    their.ClearField("current_document")
    assert ours.SerializeToString(deterministic=True) == their.SerializeToString(deterministic=True)


@given(st.dictionaries(NAMES, VALUES | INCREMENTS, max_size=5))
def test_a_whole_document(data: dict[str, Any]) -> None:
    _same(_write(write_whole, data), _helpers.pbs_for_create(NAME, data))
    _same(_write(write_whole, data), _helpers.pbs_for_set_no_merge(NAME, data))


@given(st.dictionaries(PATHS, VALUES | INCREMENTS | st.just(DELETE_FIELD), min_size=1, max_size=5))
def test_changes_by_path(changes: dict[str, Any]) -> None:
    try:
        theirs = _helpers.pbs_for_update(NAME, changes, None)
    except (ValueError, TypeError, AttributeError):  # whichever way it stumbles over the second
        with pytest.raises(ValueError, match="is part of"):
            _write(write_changes, changes)
    else:
        _same(_write(write_changes, changes), theirs)


@pytest.mark.parametrize(
    "path", ["quota.holds.`g-1`", "usage.byType.3d", "`a b`.c", "quota.`x.y`", "é", "_a1.b_2"]
)
def test_names_that_are_no_words(path: str) -> None:
    changes = {path: 1, "other": Increment(2), "gone": DELETE_FIELD}
    _same(_write(write_changes, changes), _helpers.pbs_for_update(NAME, changes, None))


MERGED = st.recursive(
    SCALARS | INCREMENTS,
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, MERGED, min_size=1, max_size=4))
def test_merged_maps(data: dict[str, Any]) -> None:
    _same(_write(write_merge, data), _helpers.pbs_for_set_with_merge(NAME, data, merge=True))


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_read_is_what_the_library_reads(data: dict[str, Any]) -> None:
    write = _write(write_whole, data)
    theirs = _helpers.decode_dict(types.Write.wrap(write).update.fields, DB)
    assert read_fields(write.update.fields) == theirs


def test_times_are_to_the_microsecond_and_aware() -> None:
    at = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    (found,) = read_fields(_write(write_whole, {"at": at}).update.fields).values()
    assert (found, found.tzinfo) == (at, UTC)


def test_other_things_are_refused() -> None:
    with pytest.raises(TypeError, match="no value of Firestore: object"):
        _write(write_whole, {"a": object()})
    with pytest.raises(TypeError, match="no value of Firestore: Increment"):
        _write(write_whole, {"a": {"b": Increment(1)}})
