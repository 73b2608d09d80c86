"""What users are told of their limits: once, at the right moment, and never of what has no limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.quota.account import Counter, Reserved
from genquota.domain.quota.limit_usage import limit_rows, rate_rows
from genquota.domain.quota.notices import News, NoticeKind, Told, news_of
from genquota.domain.quota.rolling import Closed
from genquota.domain.words import Window
from tests.unit.samples import NOW, account, at, holding, limits, plan, span, used_in, using

if TYPE_CHECKING:
    from genquota.domain.plans.plans import LimitKey
    from genquota.domain.quota.account import Account

NONE: frozenset[Told] = frozenset()
ENDED = Closed(Window.PERIOD, Counter(span("2026-10-01", "2026-11-01"), {"image": 3}, success=3))


def news(
    before: Account,
    after: Account,
    terms: dict[LimitKey, int],
    told: frozenset[Told] = NONE,
    closed: tuple[Closed, ...] = (),
) -> News:
    rows = limit_rows(after, plan(terms), Reserved.of(after, NOW))
    return news_of(before, after, rows, closed, told)


def said(found: News) -> list[tuple[str, str | None, int | None]]:
    return [(each.row.window.value, each.row.type, each.threshold) for each in found.notices]


def settling(
    before: int, after: int, terms: dict[LimitKey, int], told: frozenset[Told] = NONE
) -> News:
    alice = account()
    return news(using(alice, image=before), using(alice, image=after), terms, told)


@pytest.mark.parametrize(
    ("before", "after", "threshold"),
    [(6, 7, None), (7, 8, 80), (8, 9, 80), (9, 10, 100), (7, 10, 100), (0, 10, 100), (10, 12, 100)],
)
def test_a_threshold_is_told_when_what_is_settled_reaches_it_and_of_two_the_higher(
    before: int, after: int, threshold: int | None
) -> None:
    told = said(settling(before, after, limits(period=10)))
    assert told == ([] if threshold is None else [("period", None, threshold)])


def test_a_threshold_is_told_once() -> None:
    """F3"""
    first = settling(7, 8, limits(period=10))
    assert said(settling(8, 9, limits(period=10), first.told)) == []
    second = settling(9, 10, limits(period=10), first.told)
    assert said(second) == [("period", None, 100)]
    assert said(settling(10, 11, limits(period=10), second.told)) == []


def test_who_passes_both_thresholds_at_once_is_not_told_the_lower_one_later() -> None:
    """F3"""
    told = settling(0, 10, limits(period=10)).told
    assert said(settling(7, 8, limits(period=10), told)) == []


def test_a_refund_and_a_renewed_crossing_are_not_told_again() -> None:
    """F3"""
    told = settling(7, 8, limits(period=10)).told
    back = settling(8, 7, limits(period=10), told)
    assert back == News((), told)
    assert said(settling(7, 8, limits(period=10), back.told)) == []


def test_an_upgrade_arms_the_thresholds_again_and_the_way_back_does_not() -> None:
    """F3"""
    told = settling(7, 8, limits(period=10)).told
    upgraded = settling(79, 80, limits(period=100), told)
    assert said(upgraded) == [("period", None, 80)]
    assert said(settling(8, 9, limits(period=10), upgraded.told)) == []


def test_a_new_window_arms_the_thresholds_again() -> None:
    """F3"""
    october = Told(Window.PERIOD, None, at("2026-10-01"), 10, 80)
    found = settling(7, 8, limits(period=10), frozenset({october}))
    assert said(found) == [("period", None, 80)]
    assert found.told == {replace(october, start=at("2026-11-01"))}


def test_what_was_told_of_windows_that_have_ended_is_forgotten() -> None:
    ended = Told(Window.DAY, None, at("2026-11-17"), 10, 80)
    running = Told(Window.DAY, None, at("2026-11-18"), 10, 80)
    alice = account()
    assert news(alice, alice, {}, frozenset({ended, running})) == News((), frozenset({running}))


@pytest.mark.parametrize("limit", [-1, 0])
def test_nothing_is_told_of_what_is_unlimited_or_allows_nothing(limit: int) -> None:
    """F3"""
    terms = limits(period=limit, day=limit)
    assert settling(0, 100, terms) == News()
    assert news(account(), account(), terms, closed=(ENDED,)) == News()


def test_each_limit_is_told_by_itself() -> None:
    alice = account()
    terms = limits(day=5, month=20, video={"day": 1}, audio={"day": 1})
    before = used_in(using(alice, image=15), Window.DAY, image=3)
    after = used_in(using(alice, image=15, video=1), Window.DAY, image=3, video=1)
    assert said(news(before, after, terms)) == [
        ("day", None, 80),
        ("month", None, 80),
        ("day", "video", 100),
    ]


def test_what_is_only_reserved_is_no_news() -> None:
    alice = using(account(), image=7)
    assert news(alice, holding(alice, 3), limits(period=10)) == News()


def test_a_lowered_limit_is_no_news_until_something_is_settled() -> None:
    alice = using(account(), image=9)
    assert news(alice, using(alice, image=9, failed=1), limits(period=10)) == News()
    assert said(settling(9, 10, limits(period=12))) == [("period", None, 80)]


def test_rates_are_not_told() -> None:
    alice = account(plan({}, rates={"hour": 2}))
    terms = plan({}, rates={"hour": 2})
    after = used_in(alice, Window.HOUR, image=2)
    assert news_of(alice, after, rate_rows(after, terms), (), NONE) == News()


def test_a_period_that_begins_after_one_with_something_counted_is_told() -> None:
    alice = account()
    (notice,) = news(alice, alice, limits(period=10), closed=(ENDED,)).notices
    assert (notice.kind, notice.threshold, notice.id) == (
        NoticeKind.PERIOD,
        None,
        "period_20261101T000000Z",
    )
    assert (notice.row.limit, notice.row.used, notice.row.resets_at) == (10, 0, at("2026-12-01"))


def test_a_period_is_not_told_after_one_in_which_nothing_was_counted_nor_after_other_windows() -> (
    None
):
    alice = account()
    empty = replace(ENDED, counter=Counter(ENDED.counter.span))
    month = replace(ENDED, window=Window.MONTH)
    assert news(alice, alice, limits(period=10, month=5), closed=(empty, month)) == News()


def test_notices_are_named_by_what_they_tell() -> None:
    terms = limits(day=5, video={"day": 1})
    alice = account()
    found = news(alice, using(alice, image=4, video=1), terms)
    assert [each.id for each in found.notices] == [
        "day_20261118T000000Z_5_100",
        "day_20261118T000000Z_1_100_video",
    ]


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 25))
def test_whatever_is_settled_and_given_back_each_threshold_is_told_once_at_most(
    course: list[int], limit: int
) -> None:
    """F3"""
    told = NONE
    heard: list[tuple[str, str | None, int | None]] = []
    for before, after in zip([0, *course], course, strict=False):
        found = settling(before, after, limits(period=limit), told)
        told, heard = found.told, [*heard, *said(found)]
    assert len(heard) == len(set(heard))
    most = max(course, default=0)
    assert (("period", None, 100) in heard) == (most >= limit)
