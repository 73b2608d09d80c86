"""What limits allow, and how much of each a decision shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Window
from genquota.domain.errors import QuotaExceeded
from genquota.domain.quota.decision import Decision, QuotaRequest, decide
from tests.unit.samples import (
    NOW,
    POLICY,
    account,
    at,
    holding,
    limits,
    plan,
    used_in,
    using,
)

if TYPE_CHECKING:
    from genquota.domain.plans.plans import Plan
    from genquota.domain.quota.account import Account

IMAGE, VIDEO = QuotaRequest("image"), QuotaRequest("video")
DAY_END = at("2026-11-19")


def ask_for(alice: Account, terms: Plan, quota_request: QuotaRequest = IMAGE) -> Decision:
    return decide(alice, terms, "test", quota_request, NOW, POLICY)


def refused_by(decision: Decision) -> tuple[str, str | None]:
    assert isinstance(decision.refusal, QuotaExceeded)
    return decision.refusal.window, decision.refusal.type


class TestALimit:
    @pytest.mark.parametrize("window", ["day", "week", "month", "period"])
    def test_allows_the_last_credit_and_refuses_the_next(self, window: str) -> None:
        terms = plan(limits(**{window: 3}))
        nearly = used_in(account(terms), Window(window), image=2)
        assert ask_for(nearly, terms).can_generate
        spent = used_in(account(terms), Window(window), image=3)
        decision = ask_for(spent, terms)
        assert not decision.can_generate
        assert refused_by(decision) == (window, None)

    def test_counts_credits_of_open_generations_as_taken(self) -> None:
        terms = plan(limits(day=3))
        alice = holding(using(account(terms), image=1), 1)
        assert ask_for(alice, terms).can_generate
        assert not ask_for(holding(alice, 1), terms).can_generate

    def test_counts_an_open_generation_only_in_the_windows_it_was_reserved_in(self) -> None:
        terms = plan(limits(day=3, period=5))
        yesterday = account(terms, at("2026-11-17T23:50"))
        alice = holding(yesterday, 3, end=at("2026-11-18T12:15"))
        today = replace(account(terms), holds=alice.holds)
        rows = {row.window: row.reserved for row in ask_for(today, terms).usages}
        assert rows == {"day": 0, "period": 3}

    def test_counts_a_hold_up_to_its_end_and_no_longer(self) -> None:
        terms = plan(limits(day=1))
        alice = holding(account(terms), 1, end=NOW + timedelta(seconds=1))
        assert not ask_for(alice, terms).can_generate
        assert ask_for(holding(account(terms), 1, end=NOW), terms).can_generate

    def test_for_all_types_counts_all_of_them(self) -> None:
        terms = plan(limits(day=3))
        alice = using(account(terms), image=1, video=2)
        assert not ask_for(alice, terms).can_generate
        assert not ask_for(alice, terms, VIDEO).can_generate

    def test_for_one_type_counts_and_refuses_only_that(self) -> None:
        terms = plan(limits(day=9, video={"day": 2}))
        alice = holding(using(account(terms), image=5, video=1), 1, type_="video")
        assert ask_for(alice, terms).can_generate
        decision = ask_for(alice, terms, VIDEO)
        assert refused_by(decision) == ("day", "video")

    def test_for_all_types_also_refuses_where_the_types_own_has_room(self) -> None:
        terms = plan(limits(period=3, video={"period": 50}))
        decision = ask_for(using(account(terms), image=3), terms, VIDEO)
        assert refused_by(decision) == ("period", None)

    def test_of_minus_one_never_refuses(self) -> None:
        terms = plan(limits(day=-1, period=-1, video={"day": -1}))
        assert ask_for(using(account(terms), video=10**12), terms, VIDEO).can_generate

    def test_of_zero_refuses_everything_that_costs(self) -> None:
        terms = plan(limits(video={"month": 0}))
        assert not ask_for(account(terms), terms, VIDEO).can_generate
        assert ask_for(account(terms), terms, QuotaRequest("video", credits=0)).can_generate
        assert ask_for(account(terms), terms).can_generate

    def test_that_was_lowered_refuses_at_once_and_shows_nothing_left(self) -> None:
        terms = plan(limits(period=5))
        decision = ask_for(using(account(terms), image=8), terms)
        assert not decision.can_generate
        assert decision.tightest_limit
        assert (decision.tightest_limit.remaining, decision.tightest_limit.has_exceeded) == (
            0,
            True,
        )

    def test_that_was_raised_gives_room_at_once(self) -> None:
        spent = using(account(), image=5)
        assert not ask_for(spent, plan(limits(period=5))).can_generate
        assert ask_for(spent, plan(limits(period=6))).can_generate

    def test_that_a_plan_gains_later_knows_what_was_used_before(self) -> None:
        spent = using(account(plan({})), image=5)
        assert not ask_for(spent, plan(limits(week=5))).can_generate


class TestTheRows:
    def test_are_day_and_period_always_and_every_other_named_limit_then_the_rates(self) -> None:
        terms = plan(
            limits(month=9, video={"week": 1, "day": 2}, audio={"day": 3}),
            rates={"hour": 4, "minute": 5},
        )
        rows = ask_for(account(terms), terms).usages
        assert [(row.window, row.type, row.limit) for row in rows] == [
            ("day", None, -1),
            ("month", None, 9),
            ("period", None, -1),
            ("day", "audio", 3),
            ("day", "video", 2),
            ("week", "video", 1),
            ("minute", None, 5),
            ("hour", None, 4),
        ]

    def test_say_what_is_used_reserved_and_left_and_until_when(self) -> None:
        terms = plan(limits(day=9))
        alice = holding(using(account(terms), image=2, video=1), 4)
        row = ask_for(alice, terms).usages[0]
        assert (row.used, row.reserved, row.remaining, row.has_exceeded) == (3, 4, 2, False)
        assert (row.start, row.resets_at) == (at("2026-11-18"), DAY_END)

    @pytest.mark.parametrize(("used", "exceeded"), [(8, False), (9, True), (10, True)])
    def test_have_exceeded_when_nothing_is_left(self, used: int, exceeded: bool) -> None:  # noqa: FBT001
        terms = plan(limits(day=9))
        row = ask_for(using(account(terms), image=used), terms).usages[0]
        assert row.has_exceeded is exceeded

    def test_of_an_unlimited_window_show_what_is_used_and_minus_one_left(self) -> None:
        row = ask_for(using(account(), image=7), plan({})).usages[1]
        assert (row.window, row.limit, row.used, row.remaining) == ("period", -1, 7, -1)
        assert (row.is_unlimited, row.has_exceeded) == (True, False)

    def test_of_rates_count_generations_whatever_they_cost(self) -> None:
        terms = plan({}, rates={"minute": 5})
        row = ask_for(used_in(account(terms), Window.MINUTE, image=1, video=2), terms).usages[-1]
        assert (row.used, row.reserved, row.remaining) == (3, 0, 2)


class TestTheHeadline:
    def test_is_the_limit_with_least_left(self) -> None:
        terms = plan(limits(day=5, week=9, month=20, period=100))
        tightest_limit = ask_for(
            used_in(account(terms), Window.WEEK, image=5), terms
        ).tightest_limit
        assert tightest_limit
        assert (tightest_limit.window, tightest_limit.remaining) == ("week", 4)

    def test_is_the_longest_of_those_with_equally_little_left(self) -> None:
        terms = plan(limits(day=5, week=5, month=5))
        tightest_limit = ask_for(account(terms), terms).tightest_limit
        assert tightest_limit
        assert tightest_limit.window == "month"
        terms = plan(limits(day=5, period=5, video={"week": 5}))
        tightest_limit = ask_for(account(terms), terms, VIDEO).tightest_limit
        assert tightest_limit
        assert (tightest_limit.window, tightest_limit.type) == ("period", None)

    def test_speaks_of_the_type_that_was_asked_for(self) -> None:
        terms = plan(limits(day=5, video={"day": 1}))
        image, video = ask_for(account(terms), terms), ask_for(account(terms), terms, VIDEO)
        assert image.tightest_limit
        assert (image.tightest_limit.type, image.tightest_limit.limit) == (None, 5)
        assert video.tightest_limit
        assert (video.tightest_limit.type, video.tightest_limit.limit) == ("video", 1)

    def test_is_never_an_unlimited_one_while_another_limits(self) -> None:
        terms = plan(limits(day=-1, month=10**9))
        tightest_limit = ask_for(account(terms), terms).tightest_limit
        assert tightest_limit
        assert tightest_limit.window == "month"

    def test_is_the_period_where_nothing_limits(self) -> None:
        terms = plan(limits(video={"day": 1}))
        tightest_limit = ask_for(account(terms), terms).tightest_limit
        assert tightest_limit
        assert (tightest_limit.window, tightest_limit.limit, tightest_limit.remaining) == (
            "period",
            -1,
            -1,
        )

    def test_is_never_a_rate(self) -> None:
        terms = plan(limits(period=100), rates={"minute": 1})
        spent = used_in(account(terms), Window.MINUTE, image=1)
        tightest_limit = ask_for(spent, terms).tightest_limit
        assert tightest_limit
        assert tightest_limit.window == "period"

    def test_is_the_refusing_limit_even_if_another_has_less_left(self) -> None:
        terms = plan(limits(day=3, month=10))
        alice = used_in(used_in(account(terms), Window.DAY, image=2), Window.MONTH, image=8)
        shown, refused = ask_for(alice, terms), ask_for(alice, terms, QuotaRequest(count=3))
        assert shown.tightest_limit
        assert (shown.tightest_limit.window, shown.tightest_limit.remaining) == ("day", 1)
        assert refused.tightest_limit
        assert (refused.tightest_limit.window, refused.tightest_limit.remaining) == ("month", 2)
