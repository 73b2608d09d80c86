"""May this user generate? Limits, what they show, and what refuses first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.decision import Ask, Decision, decide
from genquota.domain.errors import NoPlan, QuotaExceeded, RateExceeded, TooManyOpen
from genquota.domain.plans import Price
from genquota.domain.policy import Policy
from genquota.domain.words import Window
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
    from genquota.domain.account import Account
    from genquota.domain.plans import Plan

IMAGE, VIDEO = Ask("image"), Ask("video")
DAY_END, WEEK_END, MONTH_END = at("2026-11-19"), at("2026-11-23"), at("2026-12-01")


def ask_for(alice: Account, terms: Plan, ask: Ask = IMAGE) -> Decision:
    return decide(alice, terms, "test", ask, NOW, POLICY)


def refusal(decision: Decision) -> QuotaExceeded | TooManyOpen | RateExceeded:
    found = decision.refusal
    assert isinstance(found, QuotaExceeded | TooManyOpen | RateExceeded)
    return found


class TestALimit:
    @pytest.mark.parametrize("window", ["day", "week", "month", "period"])
    def test_allows_the_last_credit_and_refuses_the_next(self, window: str) -> None:
        terms = plan(limits(**{window: 3}))
        nearly = used_in(account(terms), Window(window), image=2)
        assert ask_for(nearly, terms).can_generate
        spent = used_in(account(terms), Window(window), image=3)
        decision = ask_for(spent, terms)
        assert not decision.can_generate
        assert refusal(decision).window == window

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
        rows = {row.window: row.reserved for row in ask_for(today, terms).rows}
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
        assert (refusal(decision).window, refusal(decision).type) == ("day", "video")

    def test_for_all_types_also_refuses_where_the_types_own_has_room(self) -> None:
        terms = plan(limits(period=3, video={"period": 50}))
        decision = ask_for(using(account(terms), image=3), terms, VIDEO)
        assert (refusal(decision).window, refusal(decision).type) == ("period", None)

    def test_of_minus_one_never_refuses(self) -> None:
        terms = plan(limits(day=-1, period=-1, video={"day": -1}))
        assert ask_for(using(account(terms), video=10**12), terms, VIDEO).can_generate

    def test_of_zero_refuses_everything_that_costs(self) -> None:
        terms = plan(limits(video={"month": 0}))
        assert not ask_for(account(terms), terms, VIDEO).can_generate
        assert ask_for(account(terms), terms, Ask("video", credits=0)).can_generate
        assert ask_for(account(terms), terms).can_generate

    def test_that_was_lowered_refuses_at_once_and_shows_nothing_left(self) -> None:
        terms = plan(limits(period=5))
        decision = ask_for(using(account(terms), image=8), terms)
        assert not decision.can_generate
        assert decision.headline
        assert (decision.headline.remaining, decision.headline.has_exceeded) == (0, True)

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
        rows = ask_for(account(terms), terms).rows
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
        row = ask_for(alice, terms).rows[0]
        assert (row.used, row.reserved, row.remaining, row.has_exceeded) == (3, 4, 2, False)
        assert (row.start, row.resets_at) == (at("2026-11-18"), DAY_END)

    @pytest.mark.parametrize(("used", "exceeded"), [(8, False), (9, True), (10, True)])
    def test_have_exceeded_when_nothing_is_left(self, used: int, exceeded: bool) -> None:  # noqa: FBT001
        terms = plan(limits(day=9))
        row = ask_for(using(account(terms), image=used), terms).rows[0]
        assert row.has_exceeded is exceeded

    def test_of_an_unlimited_window_show_what_is_used_and_minus_one_left(self) -> None:
        row = ask_for(using(account(), image=7), plan({})).rows[1]
        assert (row.window, row.limit, row.used, row.remaining) == ("period", -1, 7, -1)
        assert (row.is_unlimited, row.has_exceeded) == (True, False)

    def test_of_rates_count_generations_whatever_they_cost(self) -> None:
        terms = plan({}, rates={"minute": 5})
        row = ask_for(used_in(account(terms), Window.MINUTE, image=1, video=2), terms).rows[-1]
        assert (row.used, row.reserved, row.remaining) == (3, 0, 2)


class TestTheHeadline:
    def test_is_the_limit_with_least_left(self) -> None:
        terms = plan(limits(day=5, week=4, month=9, period=100))
        headline = ask_for(account(terms), terms).headline
        assert headline
        assert (headline.window, headline.remaining) == ("week", 4)

    def test_is_the_longest_of_those_with_equally_little_left(self) -> None:
        terms = plan(limits(day=5, week=5, month=5))
        headline = ask_for(account(terms), terms).headline
        assert headline
        assert headline.window == "month"
        terms = plan(limits(day=5, period=5, video={"week": 5}))
        headline = ask_for(account(terms), terms, VIDEO).headline
        assert headline
        assert (headline.window, headline.type) == ("period", None)

    def test_speaks_of_the_type_that_was_asked_for(self) -> None:
        terms = plan(limits(day=5, video={"day": 1}))
        image, video = ask_for(account(terms), terms), ask_for(account(terms), terms, VIDEO)
        assert image.headline
        assert (image.headline.type, image.headline.limit) == (None, 5)
        assert video.headline
        assert (video.headline.type, video.headline.limit) == ("video", 1)

    def test_is_never_an_unlimited_one_while_another_limits(self) -> None:
        terms = plan(limits(day=-1, month=10**9))
        headline = ask_for(account(terms), terms).headline
        assert headline
        assert headline.window == "month"

    def test_is_the_period_where_nothing_limits(self) -> None:
        terms = plan(limits(video={"day": 1}))
        headline = ask_for(account(terms), terms).headline
        assert headline
        assert (headline.window, headline.limit, headline.remaining) == ("period", -1, -1)

    def test_is_never_a_rate(self) -> None:
        terms = plan(limits(period=100), rates={"minute": 1})
        spent = used_in(account(terms), Window.MINUTE, image=1)
        headline = ask_for(spent, terms).headline
        assert headline
        assert headline.window == "period"

    def test_is_the_refusing_limit_even_if_another_has_less_left(self) -> None:
        terms = plan(limits(day=3, month=10))
        alice = used_in(used_in(account(terms), Window.DAY, image=2), Window.MONTH, image=8)
        shown, refused = ask_for(alice, terms), ask_for(alice, terms, Ask(count=3))
        assert shown.headline
        assert (shown.headline.window, shown.headline.remaining) == ("day", 1)
        assert refused.headline
        assert (refused.headline.window, refused.headline.remaining) == ("month", 2)


class TestARefusal:
    def test_says_what_was_asked_and_what_there_was(self) -> None:
        terms = plan(limits(day=9))
        alice = holding(using(account(terms), image=2, video=1), 4)
        found = refusal(ask_for(alice, terms, Ask(count=3)))
        assert isinstance(found, QuotaExceeded)
        assert (found.window, found.type, found.limit) == ("day", None, 9)
        assert (found.used, found.reserved, found.remaining) == (3, 4, 2)
        assert (found.requested, found.resets_at) == (3, DAY_END)

    def test_is_of_the_window_that_resets_last(self) -> None:
        terms = plan(limits(day=1, week=1, month=1))
        assert refusal(ask_for(using(account(terms), image=1), terms)).resets_at == MONTH_END
        assert refusal(ask_for(using(account(terms), image=1), terms)).window == "month"
        only_week = used_in(used_in(account(terms), Window.WEEK, image=1), Window.DAY, image=1)
        assert refusal(ask_for(only_week, terms)).resets_at == WEEK_END

    def test_is_of_the_longer_window_if_both_reset_together(self) -> None:
        terms = plan(limits(month=1, period=1))
        assert refusal(ask_for(using(account(terms), image=1), terms)).window == "period"

    def test_gives_daily_and_monthly_exhaustion_their_own_reset(self) -> None:
        terms = plan(limits(day=1, month=5))
        daily = refusal(ask_for(using(account(terms), image=1), terms))
        assert (daily.window, daily.resets_at) == ("day", DAY_END)
        monthly = refusal(ask_for(used_in(account(terms), Window.MONTH, image=5), terms))
        assert (monthly.window, monthly.resets_at) == ("month", MONTH_END)

    def test_of_more_than_the_whole_limit_promises_no_reset(self) -> None:
        terms = plan(limits(day=3), overage=1)
        assert refusal(ask_for(account(terms), terms, Ask(count=5))).resets_at is None
        spent = using(account(terms), image=1)
        assert refusal(ask_for(spent, terms, Ask(count=4))).resets_at == DAY_END

    def test_that_never_ends_is_named_before_one_that_resets_later(self) -> None:
        terms = plan(limits(day=3, month=10))
        spent = used_in(account(terms), Window.MONTH, image=10)
        found = refusal(ask_for(spent, terms, Ask(count=5)))
        assert (found.window, found.resets_at) == ("day", None)

    def test_names_first_the_quota_then_open_generations_then_rates(self) -> None:
        terms = plan(limits(day=1), rates={"minute": 1}, max_open=1)
        alice = used_in(account(terms), Window.MINUTE, image=1)
        assert isinstance(ask_for(holding(alice, 1), terms).refusal, QuotaExceeded)
        assert isinstance(ask_for(holding(alice, 0), terms).refusal, TooManyOpen)
        assert isinstance(ask_for(alice, terms).refusal, RateExceeded)

    def test_comes_with_the_rows_as_they_are(self) -> None:
        terms = plan(limits(day=1))
        spent = using(account(terms), image=1)
        assert ask_for(spent, terms).rows == ask_for(spent, terms, Ask(credits=0)).rows


class TestOpenGenerations:
    def test_are_limited_by_the_plan(self) -> None:
        terms = plan({}, max_open=2)
        alice = holding(account(terms), 1, end=NOW + timedelta(minutes=9))
        assert ask_for(alice, terms).can_generate
        alice = holding(alice, 1, end=NOW + timedelta(minutes=5))
        found = refusal(ask_for(alice, terms))
        assert isinstance(found, TooManyOpen)
        assert (found.window, found.type, found.limit) == ("open", None, 2)
        assert (found.used, found.reserved, found.remaining, found.requested) == (0, 2, 0, 1)
        assert found.resets_at == NOW + timedelta(minutes=5)

    def test_count_only_while_their_hold_lasts(self) -> None:
        terms = plan({}, max_open=1)
        assert ask_for(holding(account(terms), 1, end=NOW), terms).can_generate

    def test_none_may_be_open_and_waiting_does_not_help(self) -> None:
        terms = plan({}, max_open=0)
        found = refusal(ask_for(account(terms), terms))
        assert isinstance(found, TooManyOpen)
        assert found.resets_at is None

    @pytest.mark.parametrize("max_open", [None, -1, 5000])
    def test_are_two_hundred_at_most_whatever_the_plan_says(self, max_open: int | None) -> None:
        terms = plan({}, max_open=max_open)
        alice = account(terms)
        for _ in range(199):
            alice = holding(alice, 0)
        assert ask_for(alice, terms).can_generate
        found = refusal(ask_for(holding(alice, 0), terms))
        assert isinstance(found, TooManyOpen)
        assert found.limit == 200


class TestRates:
    @pytest.mark.parametrize(
        ("window", "resets_at"), [("minute", "2026-11-18T12:01"), ("hour", "2026-11-18T13:00")]
    )
    def test_refuse_when_so_many_have_started(self, window: str, resets_at: str) -> None:
        terms = plan({}, rates={window: 2})
        alice = used_in(account(terms), Window(window), image=1)
        assert ask_for(alice, terms).can_generate
        found = refusal(ask_for(used_in(alice, Window(window), image=1, video=1), terms))
        assert isinstance(found, RateExceeded)
        assert (found.window, found.limit, found.used, found.requested) == (window, 2, 2, 1)
        assert (found.reserved, found.remaining, found.resets_at) == (0, 0, at(resets_at))

    def test_refuse_by_the_window_that_resets_last(self) -> None:
        terms = plan({}, rates={"minute": 1, "hour": 1})
        both = used_in(used_in(account(terms), Window.MINUTE, image=1), Window.HOUR, image=1)
        assert refusal(ask_for(both, terms)).window == "hour"

    def test_of_zero_promise_no_reset(self) -> None:
        terms = plan({}, rates={"minute": 0})
        assert refusal(ask_for(account(terms), terms)).resets_at is None

    def test_of_minus_one_never_refuse(self) -> None:
        terms = plan({}, rates={"minute": -1})
        assert ask_for(used_in(account(terms), Window.MINUTE, image=999), terms).can_generate

    def test_also_refuse_what_is_free(self) -> None:
        terms = plan({}, rates={"minute": 1})
        spent = used_in(account(terms), Window.MINUTE, image=1)
        assert not ask_for(spent, terms, Ask(credits=0)).can_generate


class TestThePrice:
    PRICES = (
        Price(20, type="video", engine="grand", quality="hd", hold=timedelta(minutes=40)),
        Price(8, type="video"),
        Price(3, quality="hd"),
        Price(0, engine="tiny"),
    )

    @pytest.mark.parametrize(
        ("ask", "credits"),
        [
            (Ask("image"), 1),
            (Ask("image", count=10), 10),
            (Ask("image", quality="hd"), 3),
            (Ask("image", quality="hd", count=4), 12),
            (Ask("video"), 8),
            (Ask("video", quality="hd"), 8),
            (Ask("video", "grand"), 8),
            (Ask("video", "grand", "hd"), 20),
            (Ask("video", "grand", "hd", 2), 40),
            (Ask("image", "tiny", count=5), 0),
            (Ask("image", "tiny", "hd"), 3),
            (Ask("audio", "other"), 1),
        ],
    )
    def test_is_that_of_the_first_rule_whose_named_fields_all_match_times_count(
        self, ask: Ask, credits: int
    ) -> None:
        terms = plan({}, prices=self.PRICES)
        assert ask_for(account(terms), terms, ask).credits == credits

    def test_that_a_service_names_stands_as_it_is(self) -> None:
        terms = plan(limits(period=100), prices=self.PRICES)
        decision = ask_for(account(terms), terms, Ask("video", count=4, credits=7))
        assert (decision.credits, decision.split.windows) == (7, 7)

    def test_of_zero_is_always_payable(self) -> None:
        terms = plan(limits(period=0), prices=self.PRICES)
        assert ask_for(account(terms), terms, Ask("image", "tiny")).can_generate

    def test_rule_may_name_how_long_the_hold_lasts(self) -> None:
        terms = plan({}, prices=self.PRICES)
        long = ask_for(account(terms), terms, Ask("video", "grand", "hd"))
        assert long.hold == timedelta(minutes=40)
        assert ask_for(account(terms), terms, VIDEO).hold == timedelta(minutes=15)
        slow = Policy(hold=timedelta(minutes=30))
        assert decide(account(), terms, "test", IMAGE, NOW, slow).hold == timedelta(minutes=30)


class TestWithoutAPlan:
    def test_nothing_is_allowed_and_there_are_no_rows(self) -> None:
        decision = decide(account(), None, None, Ask(count=3), NOW, POLICY)
        assert isinstance(decision.refusal, NoPlan)
        assert decision.refusal.plan_id is None
        assert (decision.rows, decision.headline, decision.credits) == ((), None, 3)
        assert not decision.can_generate

    def test_an_unknown_plan_is_named(self) -> None:
        decision = decide(account(), None, "gold", Ask(credits=0), NOW, POLICY)
        assert isinstance(decision.refusal, NoPlan)
        assert (decision.refusal.plan_id, decision.plan_id, decision.credits) == ("gold", "gold", 0)
