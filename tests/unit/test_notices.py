"""What users are told of their limits: once, at the right moment, and never of what has no limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Window
from genquota.domain.quota.account import Counter, ReservedCredits
from genquota.domain.quota.allocation import limit_usages, rate_usages
from genquota.domain.quota.notices import (
    NoticeKind,
    NotificationPlan,
    SentThreshold,
    plan_notifications,
)
from genquota.domain.quota.rolling import ClosedWindow
from tests.unit.samples import NOW, account, at, holding, limits, plan, span, used_in, using

if TYPE_CHECKING:
    from genquota.domain.plans.plans import LimitKey
    from genquota.domain.quota.account import Account

NONE: frozenset[SentThreshold] = frozenset()
ENDED = ClosedWindow(
    Window.PERIOD, Counter(span("2026-10-01", "2026-11-01"), {"image": 3}, success=3)
)


def planned(
    before: Account,
    after: Account,
    terms: dict[LimitKey, int],
    sent: frozenset[SentThreshold] = NONE,
    closed: tuple[ClosedWindow, ...] = (),
) -> NotificationPlan:
    rows = limit_usages(after, plan(terms), ReservedCredits.of(after, NOW))
    return plan_notifications(before, after, rows, closed, sent)


def summary(found: NotificationPlan) -> list[tuple[str, str | None, int | None]]:
    return [(each.usage.window.value, each.usage.type, each.threshold) for each in found.notices]


def settling(
    before: int, after: int, terms: dict[LimitKey, int], sent: frozenset[SentThreshold] = NONE
) -> NotificationPlan:
    alice = account()
    return planned(using(alice, image=before), using(alice, image=after), terms, sent)


@pytest.mark.parametrize(
    ("before", "after", "threshold"),
    [(6, 7, None), (7, 8, 80), (8, 9, 80), (9, 10, 100), (7, 10, 100), (0, 10, 100), (10, 12, 100)],
)
def test_a_threshold_is_told_when_what_is_settled_reaches_it_and_of_two_the_higher(
    before: int, after: int, threshold: int | None
) -> None:
    sent = summary(settling(before, after, limits(period=10)))
    assert sent == ([] if threshold is None else [("period", None, threshold)])


def test_a_threshold_is_told_once() -> None:
    """F3"""
    first = settling(7, 8, limits(period=10))
    assert summary(settling(8, 9, limits(period=10), first.sent)) == []
    second = settling(9, 10, limits(period=10), first.sent)
    assert summary(second) == [("period", None, 100)]
    assert summary(settling(10, 11, limits(period=10), second.sent)) == []


def test_who_passes_both_thresholds_at_once_is_not_told_the_lower_one_later() -> None:
    """F3"""
    sent = settling(0, 10, limits(period=10)).sent
    assert summary(settling(7, 8, limits(period=10), sent)) == []


def test_a_refund_and_a_renewed_crossing_are_not_told_again() -> None:
    """F3"""
    sent = settling(7, 8, limits(period=10)).sent
    back = settling(8, 7, limits(period=10), sent)
    assert back == NotificationPlan((), sent)
    assert summary(settling(7, 8, limits(period=10), back.sent)) == []


def test_an_upgrade_arms_the_thresholds_again_and_the_way_back_does_not() -> None:
    """F3"""
    sent = settling(7, 8, limits(period=10)).sent
    upgraded = settling(79, 80, limits(period=100), sent)
    assert summary(upgraded) == [("period", None, 80)]
    assert summary(settling(8, 9, limits(period=10), upgraded.sent)) == []


def test_a_new_window_arms_the_thresholds_again() -> None:
    """F3"""
    october = SentThreshold(Window.PERIOD, None, at("2026-10-01"), 10, 80)
    found = settling(7, 8, limits(period=10), frozenset({october}))
    assert summary(found) == [("period", None, 80)]
    assert found.sent == {replace(october, start=at("2026-11-01"))}


def test_what_was_told_of_windows_that_have_ended_is_forgotten() -> None:
    ended = SentThreshold(Window.DAY, None, at("2026-11-17"), 10, 80)
    running = SentThreshold(Window.DAY, None, at("2026-11-18"), 10, 80)
    alice = account()
    assert planned(alice, alice, {}, frozenset({ended, running})) == NotificationPlan(
        (), frozenset({running})
    )


@pytest.mark.parametrize("limit", [-1, 0])
def test_nothing_is_told_of_what_is_unlimited_or_allows_nothing(limit: int) -> None:
    """F3"""
    terms = limits(period=limit, day=limit)
    assert settling(0, 100, terms) == NotificationPlan()
    assert planned(account(), account(), terms, closed=(ENDED,)) == NotificationPlan()


def test_each_limit_is_told_by_itself() -> None:
    alice = account()
    terms = limits(day=5, month=20, video={"day": 1}, audio={"day": 1})
    before = used_in(using(alice, image=15), Window.DAY, image=3)
    after = used_in(using(alice, image=15, video=1), Window.DAY, image=3, video=1)
    assert summary(planned(before, after, terms)) == [
        ("day", None, 80),
        ("month", None, 80),
        ("day", "video", 100),
    ]


def test_what_is_only_reserved_is_no_news() -> None:
    alice = using(account(), image=7)
    assert planned(alice, holding(alice, 3), limits(period=10)) == NotificationPlan()


def test_a_lowered_limit_is_no_news_until_something_is_settled() -> None:
    alice = using(account(), image=9)
    assert planned(alice, using(alice, image=9, failed=1), limits(period=10)) == NotificationPlan()
    assert summary(settling(9, 10, limits(period=12))) == [("period", None, 80)]


def test_rates_are_not_told() -> None:
    alice = account(plan({}, rates={"hour": 2}))
    terms = plan({}, rates={"hour": 2})
    after = used_in(alice, Window.HOUR, image=2)
    assert (
        plan_notifications(alice, after, rate_usages(after, terms), (), NONE) == NotificationPlan()
    )


def test_a_period_that_begins_after_one_with_something_counted_is_told() -> None:
    alice = account()
    (notice,) = planned(alice, alice, limits(period=10), closed=(ENDED,)).notices
    assert (notice.kind, notice.threshold, notice.id) == (
        NoticeKind.PERIOD,
        None,
        "period_20261101T000000Z",
    )
    assert (notice.usage.limit, notice.usage.used, notice.usage.resets_at) == (
        10,
        0,
        at("2026-12-01"),
    )


def test_a_period_is_not_told_after_one_in_which_nothing_was_counted_nor_after_other_windows() -> (
    None
):
    alice = account()
    empty = replace(ENDED, counter=Counter(ENDED.counter.span))
    month = replace(ENDED, window=Window.MONTH)
    assert (
        planned(alice, alice, limits(period=10, month=5), closed=(empty, month))
        == NotificationPlan()
    )


def test_notices_are_named_by_what_they_tell() -> None:
    terms = limits(day=5, video={"day": 1})
    alice = account()
    found = planned(alice, using(alice, image=4, video=1), terms)
    assert [each.id for each in found.notices] == [
        "day_20261118T000000Z_5_100",
        "day_20261118T000000Z_1_100_video",
    ]


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 25))
def test_whatever_is_settled_and_given_back_each_threshold_is_told_once_at_most(
    course: list[int], limit: int
) -> None:
    """F3"""
    sent = NONE
    heard: list[tuple[str, str | None, int | None]] = []
    for before, after in zip([0, *course], course, strict=False):
        found = settling(before, after, limits(period=limit), sent)
        sent, heard = found.sent, [*heard, *summary(found)]
    assert len(heard) == len(set(heard))
    most = max(course, default=0)
    assert (("period", None, 100) in heard) == (most >= limit)
