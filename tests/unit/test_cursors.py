"""Cursors: a position written down and read back; whatever has the form is one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.texts import is_document_name
from genquota.messages.requests.cursors import PATTERN, cursor_of, position_of

TIMES = st.none() | st.datetimes(max_value=datetime(9500, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
NAMES = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=128
).filter(is_document_name)


@given(TIMES, NAMES)
def test_what_is_written_is_read_and_has_the_form(at: datetime | None, name: str) -> None:
    cursor = cursor_of((at, name))
    assert cursor is not None
    assert re.fullmatch(PATTERN, cursor)
    assert position_of(cursor) == (at, name)


@given(st.from_regex(PATTERN, fullmatch=True))
def test_whatever_has_the_form_is_a_position(cursor: str) -> None:
    position = position_of(cursor)
    assert position is not None
    at, name = position
    assert at is None or at.tzinfo is UTC
    assert name
    assert "/" not in name
    name.encode()


@pytest.mark.parametrize(
    "name", [".", "..", "__x__", "__id12345678901234567890__", "\u00e9" * 1000]
)
def test_a_name_that_no_document_has_is_a_position_too(name: str) -> None:
    """The store refuses to look for one."""
    assert position_of(cursor_of((None, name))) == (None, "\N{REPLACEMENT CHARACTER}")


def test_nothing_is_nothing() -> None:
    assert cursor_of(None) is None
    assert position_of(None) is None


@pytest.mark.parametrize(
    ("position", "cursor"),
    [
        ((None, "ada"), "n_ada"),
        ((datetime(2027, 3, 15, 9, tzinfo=UTC), "g1-x"), "063940698000000000_g1-x"),
        ((None, "a_b"), "n_a_00005fb"),
    ],
)
def test_a_cursor_looks_like_this(position: tuple[datetime | None, str], cursor: str) -> None:
    assert cursor_of(position) == cursor
