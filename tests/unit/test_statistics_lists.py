"""Top lists: exact while short, with a bound that holds when long; errors without particulars."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.statistics.top_lists import Entry, TopList, highest, mask_error

KEYS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")
PAGES = st.lists(st.lists(KEYS, min_size=1, max_size=30), min_size=1, max_size=12)


def list_of(keys: list[str]) -> TopList:
    return TopList({key: Entry(n, charged=2 * n) for key, n in Counter(keys).items()})


def assert_bounds_hold(found: TopList, truth: Counter[str]) -> None:
    for key, entry in found.entries.items():
        assert entry.n - entry.over <= truth[key] <= entry.n
        assert entry.charged <= 2 * truth[key]
    for key in truth.keys() - found.entries.keys():
        assert truth[key] <= found.at_most
    listed = sum(entry.n - entry.over for entry in found.entries.values())
    assert listed + found.rest == truth.total()


@given(PAGES, st.integers(1, 8))
def test_what_a_list_says_is_true_within_its_bound(pages: list[list[str]], most: int) -> None:
    truth: Counter[str] = Counter()
    found = TopList()
    for page in pages:
        truth.update(page)
        found = found.plus(list_of(page), most)
        assert len(found.entries) <= most
        assert found.is_exact or len(truth) > most
        assert_bounds_hold(found, truth)


@given(PAGES)
def test_a_list_with_room_for_all_is_exact(pages: list[list[str]]) -> None:
    found = TopList()
    for page in pages:
        found = found.plus(list_of(page))
    assert found == TopList(list_of(list(chain(*pages))).entries)


@given(PAGES, st.integers(1, 8), KEYS)
def test_a_key_that_is_taken_out_belongs_to_the_rest(
    pages: list[list[str]], most: int, more: str
) -> None:
    truth: Counter[str] = Counter()
    found = TopList()
    for page in pages:
        truth.update(page)
        found = found.plus(list_of(page), most)
    gone = next(iter(found.entries))
    found = found.without(gone)
    assert gone not in found.entries
    if found.entries and more != gone:
        truth[more] += 1
        found = found.plus(list_of([more]), most)
        entry = found.entries.get(more)
        assert entry is None or entry.n - entry.over <= truth[more] <= entry.n
    listed = sum(entry.n - entry.over for entry in found.entries.values())
    assert listed + found.rest == truth.total()


def test_only_exact_counts_can_be_added() -> None:
    long = TopList().plus(list_of(list("abc")), 2)
    with pytest.raises(ValueError, match="exact"):
        TopList().plus(long)


def test_a_correction_of_credits_reaches_a_key_that_is_there() -> None:
    long = TopList().plus(list_of([*"aaabb", "a-dropped-one"]), 2)
    correction = TopList({"a": Entry(0, -1), "a-dropped-one": Entry(0, -1)})
    assert long.plus(correction, 2).entries == {"a": Entry(3, 5), "b": Entry(2, 4)}


def test_the_highest_come_first_and_equals_by_name() -> None:
    entries = {"b": Entry(2, 9), "a": Entry(2, 1), "c": Entry(5, 3)}
    assert [key for key, _ in highest(entries, 2)] == ["c", "a"]
    assert [key for key, _ in highest(entries, 2, by_charged=True)] == ["b", "c"]


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("timeout after 31 s", "timeout after # s"),
        ("Timeout after 31.5s (try 2)", "Timeout after # (try #)"),
        ("no answer of 10.0.0.7:8080", "no answer of #"),
        ("GET https://x.example/a?b=1 failed", "GET … failed"),
        ("no gs://bucket/ada.png", "no …"),
        ("ada.l+x@example.com is no model", "… is no model"),
        ("<ada@example.com>: bounced", "<…>: bounced"),
        ("id 3fa85f64-5717-4562-b3fc-2c963f66afa6", "id #"),
        ("a\n  b", "a b"),
        ("x" * 500, "x" * 120),
        (" ", None),
        ("", None),
        (None, None),
    ],
)
def test_an_error_is_shown_without_particulars(message: str | None, masked: str | None) -> None:
    assert mask_error(message) == masked
