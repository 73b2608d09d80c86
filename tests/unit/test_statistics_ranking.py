"""The lists of several days, added: exact where they are, within the bound where one is not."""

from __future__ import annotations

from collections import Counter
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.statistics.ranking import DayList, highest_of, shortened
from genquota.domain.statistics.top_lists import Entry, TopList, highest
from genquota.store.statistics.documents import columns_from_document, list_to_document
from tests.unit.test_statistics_lists import PAGES, assert_bounds_hold, list_of

DAYS = st.lists(PAGES, max_size=5)
ALL = 1000


def _stored(day: TopList) -> DayList:
    return columns_from_document(list_to_document(day))


def _days(days: list[list[list[str]]], longest: int) -> tuple[list[TopList], Counter[str]]:
    """Return the list of each day, folded page by page with so many keys at most, and the truth."""
    truth: Counter[str] = Counter()
    lists = []
    for pages in days:
        truth.update(key for page in pages for key in page)
        lists.append(reduce(lambda day, page: day.plus(list_of(page), longest), pages, TopList()))
    return lists, truth


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_what_is_said_of_a_key_is_true_within_its_bound(
    days: list[list[list[str]]], longest: int, most: int
) -> None:
    lists, truth = _days(days, longest)
    found = highest_of(map(_stored, lists), most)
    assert len(found.entries) == min(most, len(highest_of(map(_stored, lists), ALL).entries))
    for key, entry in found.entries.items():
        assert entry.n - entry.over <= truth[key] <= entry.n
        assert entry.charged <= 2 * truth[key]
    listed = sum(entry.n - entry.over for entry in found.entries.values())
    assert listed + found.rest == truth.total()
    assert found.is_exact == all(each.is_exact for each in lists)


@given(DAYS, st.integers(1, 8))
def test_all_keys_of_long_lists_keep_the_bound(days: list[list[list[str]]], longest: int) -> None:
    lists, truth = _days(days, longest)
    assert_bounds_hold(highest_of(map(_stored, lists), ALL), truth)


@given(DAYS, st.integers(1, 30))
def test_of_exact_lists_the_highest_are_those_of_all_days(
    days: list[list[list[str]]], most: int
) -> None:
    lists, truth = _days(days, ALL)
    found = highest_of(map(_stored, lists), most)
    right = {key: Entry(n, 2 * n) for key, n in truth.items()}
    assert list(found.entries.items()) == highest(right, most)
    assert found.is_exact


def test_a_key_may_have_been_dropped_where_it_is_not() -> None:
    exact = DayList(["a", "b"], [5, 1], [5, 1], [], 0, is_exact=True)
    long = DayList(["c", "a"], [4, 3], [2, 2], [0, 1], 2, is_exact=False)
    found = highest_of([exact, long], 2)
    assert found.entries == {"a": Entry(8, 7, 1), "b": Entry(4, 1, 3)}
    assert found.rest == 6 + 2 + 4 + 2 - 7 - 1
    assert not found.is_exact


@given(PAGES, st.integers(1, 8), st.integers(1, 8))
def test_what_a_list_is_shortened_by_is_in_its_rest(
    pages: list[list[str]], longest: int, most: int
) -> None:
    (day,), truth = _days([pages], longest)
    found = shortened(day, most)
    assert list(found.entries.items()) == highest(day.entries, most)
    listed = sum(entry.n - entry.over for entry in found.entries.values())
    assert (listed + found.rest, found.is_exact) == (truth.total(), day.is_exact)
