"""What refuses first, and what a refusal says: quota, open generations, rates, no plan."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Window
from genquota.domain.errors import NoPlan, QuotaExceeded, RateExceeded, TooManyOpen
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
DAY_END, WEEK_END, MONTH_END = at("2026-11-19"), at("2026-11-23"), at("2026-12-01")


def ask_for(alice: Account, terms: Plan, quota_request: QuotaRequest = IMAGE) -> Decision:
    return decide(alice, terms, "test", quota_request, NOW, POLICY)


def refusal(decision: Decision) -> QuotaExceeded | TooManyOpen | RateExceeded:
    found = decision.refusal
    assert isinstance(found, QuotaExceeded | TooManyOpen | RateExceeded)
    return found


class TestARefusal:
    def test_says_what_was_asked_and_what_there_was(self) -> None:
        terms = plan(limits(day=9))
        alice = holding(using(account(terms), image=2, video=1), 4)
        found = refusal(ask_for(alice, terms, QuotaRequest(count=3)))
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

    def test_is_of_the_week_when_the_month_ends_before_it(self) -> None:
        terms = plan(limits(week=1, month=1))
        last_day = at("2026-11-30T12:00")
        spent = using(account(terms, last_day), image=1)
        found = refusal(decide(spent, terms, "test", IMAGE, last_day, POLICY))
        assert (found.window, found.resets_at) == ("week", at("2026-12-07"))

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
        assert refusal(ask_for(account(terms), terms, QuotaRequest(count=5))).resets_at is None
        spent = using(account(terms), image=1)
        assert refusal(ask_for(spent, terms, QuotaRequest(count=4))).resets_at == DAY_END

    def test_that_never_ends_is_named_before_one_that_resets_later(self) -> None:
        terms = plan(limits(day=3, month=10))
        spent = used_in(account(terms), Window.MONTH, image=10)
        found = refusal(ask_for(spent, terms, QuotaRequest(count=5)))
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
        assert ask_for(spent, terms).usages == ask_for(spent, terms, QuotaRequest(credits=0)).usages


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
        assert not ask_for(spent, terms, QuotaRequest(credits=0)).can_generate


class TestWithoutAPlan:
    def test_nothing_is_allowed_and_there_are_no_rows(self) -> None:
        decision = decide(account(), None, None, QuotaRequest(count=3), NOW, POLICY)
        assert isinstance(decision.refusal, NoPlan)
        assert decision.refusal.plan_id is None
        assert (decision.usages, decision.tightest_limit, decision.credits) == ((), None, 3)
        assert not decision.can_generate

    def test_an_unknown_plan_is_named(self) -> None:
        decision = decide(account(), None, "gold", QuotaRequest(credits=0), NOW, POLICY)
        assert isinstance(decision.refusal, NoPlan)
        assert (decision.refusal.plan_id, decision.plan_id, decision.credits) == ("gold", "gold", 0)
