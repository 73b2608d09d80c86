"""The `period`: what it steps from, and the paid periods that end one early."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Anchor, SubscriptionStatus, Unit, Window
from genquota.domain.plans.plans import PeriodRule
from genquota.domain.quota.account import Account
from genquota.domain.quota.rolling import RolledAccount, roll_windows
from tests.unit.samples import (
    NOW,
    POLICY,
    account,
    at,
    counter,
    plan,
    span,
    subscription,
    used_in,
    using,
)

if TYPE_CHECKING:
    from genquota.domain.windows import Span

NO_LIMITS = plan({})
MINUTE = timedelta(minutes=1)


def period(alice: Account, now: str) -> Span:
    """Return the `period` that runs at an instant, on a plan without limits."""
    return roll_windows(alice, NO_LIMITS, at(now), POLICY).account.windows[Window.PERIOD].span


class TestThePeriod:
    def test_it_is_the_calendar_month_without_a_subscription(self) -> None:
        assert period(Account("alice"), "2026-11-18") == span("2026-11-01", "2026-12-01")

    def test_it_steps_from_the_start_of_the_subscription(self) -> None:
        alice = Account("alice", subscription=subscription("2026-10-31T09:30", None))
        assert period(alice, "2026-11-18") == span("2026-10-31T09:30", "2026-11-30T09:30")

    def test_it_steps_monthly_from_the_anchor_of_a_yearly_subscription(self) -> None:
        yearly = subscription("2026-01-31", "2027-01-31")
        assert period(Account("alice", subscription=yearly), "2026-11-18") == span(
            "2026-10-31", "2026-11-30"
        )

    def test_it_steps_from_the_anchor_and_not_from_the_clipped_start_of_the_paid_period(
        self,
    ) -> None:
        renewed = subscription("2026-02-28", "2026-03-31", anchor=at("2026-01-31"))
        assert period(Account("alice", subscription=renewed), "2026-03-05") == span(
            "2026-02-28", "2026-03-31"
        )

    def test_fractions_of_a_second_in_an_anchor_are_left_out(self) -> None:
        alice = Account("alice", subscription=subscription("2026-10-31T09:30:00.5", None))
        assert period(alice, "2026-11-18") == span("2026-10-31T09:30", "2026-11-30T09:30")

    @pytest.mark.parametrize(
        ("status", "end"),
        [
            (SubscriptionStatus.EXPIRED, "2026-12-10"),
            (SubscriptionStatus.PAUSED, "2026-12-10"),
            (SubscriptionStatus.ACTIVE, "2026-11-15"),
        ],
    )
    def test_a_subscription_that_is_not_in_force_anchors_nothing(
        self, status: SubscriptionStatus, end: str
    ) -> None:
        alice = Account("alice", subscription=subscription("2026-10-15", end, status))
        assert period(alice, "2026-11-18") == span("2026-11-01", "2026-12-01")

    def test_it_steps_from_signing_up_if_the_plan_says_so(self) -> None:
        terms = plan({}, period=PeriodRule(Unit.MONTH, 3, Anchor.SIGNUP))
        alice = Account(
            "alice", created_at=at("2026-01-31T10:00:00.25"), subscription=subscription()
        )
        rolled = roll_windows(alice, terms, NOW, POLICY).account
        assert rolled.windows[Window.PERIOD].span == span("2026-10-31T10:00", "2027-01-31T10:00")

    def test_it_is_the_calendars_if_the_plan_says_so_or_signing_up_is_unknown(self) -> None:
        subscribed = Account("alice", subscription=subscription("2026-10-15", None))
        for anchor, alice in ((Anchor.CALENDAR, subscribed), (Anchor.SIGNUP, Account("bob"))):
            terms = plan({}, period=PeriodRule(Unit.YEAR, 1, anchor))
            rolled = roll_windows(alice, terms, NOW, POLICY).account
            assert rolled.windows[Window.PERIOD].span == span("2026-01-01", "2027-01-01")

    def test_a_plan_of_another_length_shapes_the_next_one(self) -> None:
        alice = account()
        daily = plan({}, period=PeriodRule(Unit.DAY))
        assert roll_windows(alice, daily, at("2026-11-30T23:59"), POLICY).account.windows[
            Window.PERIOD
        ].span == span("2026-11-01", "2026-12-01")
        assert roll_windows(alice, daily, at("2026-12-01"), POLICY).account.windows[
            Window.PERIOD
        ].span == span("2026-12-01", "2026-12-02")


class TestAPaidPeriod:
    def test_its_start_ends_a_running_period_early(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=10)
        bought = replace(alice, subscription=subscription("2026-11-18T11:59", "2026-12-18T11:59"))
        rolled = roll_windows(bought, NO_LIMITS, NOW, POLICY)
        assert rolled.account.windows[Window.PERIOD] == counter(
            "2026-11-18T11:59", "2026-12-18T11:59"
        )
        assert rolled.account.paid_from == at("2026-11-18T11:59")
        assert [(each.window, each.counter) for each in rolled.closed] == [
            (Window.PERIOD, counter("2026-11-01", "2026-11-18T11:59", image=10))
        ]

    def test_no_other_window_ends_with_it(self) -> None:
        alice = using(account(), image=10)
        bought = replace(alice, subscription=subscription("2026-11-18T11:59", None))
        windows = roll_windows(bought, NO_LIMITS, NOW, POLICY).account.windows
        for window in (Window.DAY, Window.WEEK, Window.MONTH):
            assert windows[window] == alice.windows[window]

    def test_it_ends_a_period_once(self) -> None:
        bought = account(subscription=subscription("2026-11-18T11:59", None))
        alice = using(bought, image=7)
        rolled = roll_windows(alice, NO_LIMITS, NOW + MINUTE, POLICY)
        assert rolled == RolledAccount(alice, ())

    def test_going_back_to_an_earlier_subscription_ends_none(self) -> None:
        alice = using(account(subscription=subscription("2026-11-18T11:59", None)), image=7)
        for start in ("2026-11-05", "2026-11-18T11:58:59", "2026-11-18T11:59"):
            back = replace(alice, subscription=subscription(start, None, id="s0"))
            assert roll_windows(back, NO_LIMITS, NOW, POLICY) == RolledAccount(back, ())

    def test_a_renewal_that_comes_when_the_period_ended_by_itself_ends_no_second_one(self) -> None:
        monthly = subscription("2026-10-18", "2026-11-18")
        alice = account(subscription=monthly, now=at("2026-11-17"))
        # The news of the renewal are late; the period has rolled within the grace.
        rolled = roll_windows(alice, NO_LIMITS, NOW, POLICY).account
        used = used_in(rolled, Window.PERIOD, image=4)
        renewed = replace(
            used,
            subscription=replace(
                monthly, current_period_start=at("2026-11-18"), current_period_end=at("2026-12-18")
            ),
        )
        after = roll_windows(renewed, NO_LIMITS, NOW + MINUTE, POLICY)
        assert after.closed == ()
        assert after.account.windows[Window.PERIOD] == counter("2026-11-18", "2026-12-18", image=4)
        assert after.account.paid_from == at("2026-11-18")

    def test_one_that_will_begin_later_ends_nothing_until_then(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=4)
        ahead = replace(alice, subscription=subscription("2026-11-25", None))
        assert roll_windows(ahead, NO_LIMITS, at("2026-11-24T23:59:59"), POLICY).account.windows[
            Window.PERIOD
        ].used == {"image": 4}
        begun = roll_windows(ahead, NO_LIMITS, at("2026-11-25"), POLICY).account
        assert begun.windows[Window.PERIOD] == counter("2026-11-25", "2026-12-25")

    @pytest.mark.parametrize(
        "status",
        [
            SubscriptionStatus.TRIALING,
            SubscriptionStatus.PAST_DUE,
            SubscriptionStatus.CANCELED,
            SubscriptionStatus.EXPIRED,
            SubscriptionStatus.PAUSED,
            SubscriptionStatus.INCOMPLETE,
        ],
    )
    def test_one_that_was_not_paid_for_ends_nothing(self, status: SubscriptionStatus) -> None:
        alice = replace(
            using(account(), image=4), subscription=subscription("2026-11-18", None, status)
        )
        assert roll_windows(alice, NO_LIMITS, NOW, POLICY) == RolledAccount(alice, ())

    def test_one_that_ran_out_while_nobody_looked_ends_nothing(self) -> None:
        alice = replace(
            using(account(), image=4), subscription=subscription("2026-11-10", "2026-11-15")
        )
        assert roll_windows(alice, NO_LIMITS, NOW, POLICY) == RolledAccount(alice, ())

    def test_a_purchase_after_the_trial_ends_the_trials_period(self) -> None:
        trial = subscription("2026-11-11", "2026-11-18", SubscriptionStatus.TRIALING)
        alice = using(account(subscription=trial, now=at("2026-11-12")), image=4)
        paid = replace(alice, subscription=subscription("2026-11-18", "2026-12-18"))
        rolled = roll_windows(paid, NO_LIMITS, NOW, POLICY).account
        assert rolled.windows[Window.PERIOD] == counter("2026-11-18", "2026-12-18")

    def test_it_is_noted_for_who_has_no_period_yet(self) -> None:
        alice = account(subscription=subscription("2026-11-10", None))
        assert alice.paid_from == at("2026-11-10")
        assert alice.windows[Window.PERIOD].span == span("2026-11-10", "2026-12-10")

    def test_one_that_began_before_the_running_period_does_not_cut_it(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=4)
        bought = replace(alice, subscription=subscription("2026-10-31", None))
        rolled = roll_windows(bought, NO_LIMITS, NOW, POLICY)
        assert rolled.closed == ()
        assert rolled.account.windows[Window.PERIOD].used == {"image": 4}

    def test_one_that_began_after_the_last_period_had_ended_starts_the_next(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=4)
        bought = replace(alice, subscription=subscription("2027-01-20", None))
        rolled = roll_windows(bought, NO_LIMITS, at("2027-01-25"), POLICY)
        assert rolled.account.windows[Window.PERIOD] == counter("2027-01-20", "2027-02-20")
        # What was closed kept its own end.
        assert [each.counter for each in rolled.closed] == [
            counter("2026-11-01", "2026-12-01", image=4)
        ]

    def test_in_a_plan_by_the_calendar_the_piece_it_leaves_joins_the_next_month(self) -> None:
        terms = plan({}, period=PeriodRule(anchor=Anchor.CALENDAR))
        alice = replace(account(), subscription=subscription("2026-11-18", None))
        rolled = roll_windows(alice, terms, NOW, POLICY).account
        assert rolled.windows[Window.PERIOD].span == span("2026-11-18", "2027-01-01")
