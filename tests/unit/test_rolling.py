"""How an account's windows give way to the next ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.account import Account
from genquota.domain.plans import PeriodRule
from genquota.domain.policy import Policy
from genquota.domain.rolling import Rolled, find_zone, roll, zone_of
from genquota.domain.words import Anchor, SubscriptionStatus, Unit, Window
from tests.unit.samples import (
    NOW,
    POLICY,
    account,
    at,
    counter,
    holding,
    limits,
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
    return roll(alice, NO_LIMITS, at(now), POLICY).account.windows[Window.PERIOD].span


def test_a_new_user_gets_the_windows_that_hold_the_instant() -> None:
    windows = account().windows
    assert {window: each.span for window, each in windows.items()} == {
        Window.DAY: span("2026-11-18", "2026-11-19"),
        Window.WEEK: span("2026-11-16", "2026-11-23"),
        Window.MONTH: span("2026-11-01", "2026-12-01"),
        Window.PERIOD: span("2026-11-01", "2026-12-01"),
    }
    assert all(each.is_zero for each in windows.values())


def test_an_account_whose_windows_run_is_returned_as_it_is() -> None:
    alice = using(account(), image=3)
    rolled = roll(alice, NO_LIMITS, NOW + MINUTE, POLICY)
    assert rolled == Rolled(alice, ())
    assert rolled.account is alice


def test_a_window_ends_at_its_end_and_not_an_instant_before() -> None:
    alice = using(account(), image=3)
    last = roll(alice, NO_LIMITS, at("2026-11-18T23:59:59.999999"), POLICY).account
    assert last.windows[Window.DAY].used == {"image": 3}
    after = roll(alice, NO_LIMITS, at("2026-11-19"), POLICY)
    assert after.account.windows[Window.DAY] == counter(
        "2026-11-19", "2026-11-20", date="2026-11-19"
    )
    assert [(each.window, each.counter.used) for each in after.closed] == [
        (Window.DAY, {"image": 3})
    ]
    assert after.account.windows[Window.WEEK].used == {"image": 3}


@pytest.mark.parametrize(
    "changes",
    [
        {"timezone": "Pacific/Kiritimati"},
        {"timezone": "Pacific/Niue"},
        {"plan_id": "pro"},
        {"subscription": subscription("2026-11-30", "2026-12-30")},  # begins later
        {"subscription": subscription(status=SubscriptionStatus.TRIALING)},
        {"created_at": at("2020-02-29")},
    ],
)
@pytest.mark.parametrize(
    "rule", [PeriodRule(), PeriodRule(Unit.DAY), PeriodRule(Unit.YEAR, 1, Anchor.SIGNUP)]
)
def test_counters_starts_and_ends_of_running_windows_stay_whatever_changes(
    changes: dict[str, object], rule: PeriodRule
) -> None:
    alice = using(account(), success=2, failed=1, image=3, video=4)
    changed = replace(alice, **changes)  # type: ignore[arg-type] # one test for fields of all types
    rolled = roll(changed, plan(limits(day=1), period=rule), NOW, POLICY)
    assert rolled.account.windows == alice.windows
    assert rolled.closed == ()


def test_a_change_of_zone_shapes_the_next_windows() -> None:
    moved = replace(using(account(), image=3), timezone="Asia/Tokyo")
    windows = roll(moved, NO_LIMITS, at("2026-12-01"), POLICY).account.windows
    assert windows[Window.DAY].span == span("2026-11-30T15:00", "2026-12-01T15:00")
    assert windows[Window.WEEK].span == span("2026-11-29T15:00", "2026-12-06T15:00")
    assert windows[Window.MONTH].span == span("2026-12-01", "2026-12-31T15:00")
    # When the running day ends, Tokyo's has 15 hours to go: they join the one after it.
    next_day = roll(moved, NO_LIMITS, at("2026-11-19"), POLICY).account.windows[Window.DAY]
    assert next_day == counter("2026-11-19", "2026-11-20T15:00", date="2026-11-20")


def test_a_day_is_named_by_its_local_date() -> None:
    assert account(timezone="Pacific/Kiritimati").windows[Window.DAY] == counter(
        "2026-11-18T10:00", "2026-11-19T10:00", date="2026-11-19"
    )
    assert account(timezone="Pacific/Niue").windows[Window.DAY] == counter(
        "2026-11-18T11:00", "2026-11-19T11:00", date="2026-11-18"
    )
    assert account().windows[Window.WEEK].date is None


def test_who_was_away_for_months_finds_fresh_windows_and_one_closed_of_each() -> None:
    alice = using(account(), success=3, image=3)
    rolled = roll(alice, NO_LIMITS, at("2027-03-17T08:00"), POLICY)
    assert {window: each.span for window, each in rolled.account.windows.items()} == {
        Window.DAY: span("2027-03-17", "2027-03-18"),
        Window.WEEK: span("2027-03-15", "2027-03-22"),
        Window.MONTH: span("2027-03-01", "2027-04-01"),
        Window.PERIOD: span("2027-03-01", "2027-04-01"),
    }
    assert all(each.is_zero for each in rolled.account.windows.values())
    assert [(each.window, each.counter) for each in rolled.closed] == list(alice.windows.items())


def test_a_window_in_which_nothing_was_counted_leaves_nothing() -> None:
    assert roll(account(), NO_LIMITS, at("2027-01-01"), POLICY).closed == ()


@pytest.mark.parametrize("what", ["success", "failed"])
def test_a_window_in_which_a_generation_ended_is_kept_even_if_it_cost_nothing(what: str) -> None:
    free = using(account(), **{what: 1})
    closed = roll(free, NO_LIMITS, at("2027-01-01"), POLICY).closed
    assert [each.window for each in closed] == ["day", "week", "month", "period"]


def test_a_window_that_a_hold_was_reserved_in_is_kept_though_nothing_is_counted_yet() -> None:
    alice = holding(account(), 1, end=NOW + timedelta(hours=20))
    closed = roll(alice, NO_LIMITS, at("2026-11-19"), POLICY).closed
    assert [each.window for each in closed] == [Window.DAY]


def test_a_hold_from_before_keeps_no_window_but_its_own() -> None:
    alice = holding(account(), 1, end=NOW + timedelta(hours=24))
    next_day = roll(alice, NO_LIMITS, at("2026-11-19"), POLICY).account
    assert roll(next_day, NO_LIMITS, at("2026-11-20"), POLICY).closed == ()


def test_the_week_begins_on_the_policys_day() -> None:
    sunday = Policy(week_start=6)
    assert account(policy=sunday).windows[Window.WEEK].span == span("2026-11-15", "2026-11-22")


class TestTheZone:
    def test_it_is_the_users_own_if_they_named_one(self) -> None:
        assert str(zone_of(Account("alice", timezone="Asia/Tokyo"), POLICY)) == "Asia/Tokyo"

    @pytest.mark.parametrize(
        "garbage",
        [
            None,
            "",
            "Mars/Olympus",
            "../../etc/passwd",
            "/etc/localtime",
            "America",
            "Europe/Berlin\0",
            "\ud800",
            "x" * 5000,
            "tzdata.zi",
        ],
    )
    def test_a_name_that_is_none_counts_as_missing(self, garbage: str | None) -> None:
        alice = Account("alice", timezone=garbage)
        berlin = Policy(default_timezone="Europe/Berlin")
        assert str(zone_of(alice, berlin)) == "Europe/Berlin"
        day = roll(alice, NO_LIMITS, NOW, berlin).account.windows[Window.DAY]
        assert day.span == span("2026-11-17T23:00", "2026-11-18T23:00")

    def test_it_is_utc_if_the_default_is_garbage_too(self) -> None:
        assert str(zone_of(Account("alice"), Policy(default_timezone="nowhere"))) == "UTC"

    def test_a_known_name_is_found_and_an_unknown_is_none(self) -> None:
        assert str(find_zone("America/Argentina/Buenos_Aires")) == "America/Argentina/Buenos_Aires"
        assert find_zone("Nowhere/Land") is None


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
        rolled = roll(alice, terms, NOW, POLICY).account
        assert rolled.windows[Window.PERIOD].span == span("2026-10-31T10:00", "2027-01-31T10:00")

    def test_it_is_the_calendars_if_the_plan_says_so_or_signing_up_is_unknown(self) -> None:
        subscribed = Account("alice", subscription=subscription("2026-10-15", None))
        for anchor, alice in ((Anchor.CALENDAR, subscribed), (Anchor.SIGNUP, Account("bob"))):
            terms = plan({}, period=PeriodRule(Unit.YEAR, 1, anchor))
            rolled = roll(alice, terms, NOW, POLICY).account
            assert rolled.windows[Window.PERIOD].span == span("2026-01-01", "2027-01-01")

    def test_a_plan_of_another_length_shapes_the_next_one(self) -> None:
        alice = account()
        daily = plan({}, period=PeriodRule(Unit.DAY))
        assert roll(alice, daily, at("2026-11-30T23:59"), POLICY).account.windows[
            Window.PERIOD
        ].span == span("2026-11-01", "2026-12-01")
        assert roll(alice, daily, at("2026-12-01"), POLICY).account.windows[
            Window.PERIOD
        ].span == span("2026-12-01", "2026-12-02")


class TestAPaidPeriod:
    def test_its_start_ends_a_running_period_early(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=10)
        bought = replace(alice, subscription=subscription("2026-11-18T11:59", "2026-12-18T11:59"))
        rolled = roll(bought, NO_LIMITS, NOW, POLICY)
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
        windows = roll(bought, NO_LIMITS, NOW, POLICY).account.windows
        for window in (Window.DAY, Window.WEEK, Window.MONTH):
            assert windows[window] == alice.windows[window]

    def test_it_ends_a_period_once(self) -> None:
        bought = account(subscription=subscription("2026-11-18T11:59", None))
        alice = using(bought, image=7)
        rolled = roll(alice, NO_LIMITS, NOW + MINUTE, POLICY)
        assert rolled == Rolled(alice, ())

    def test_going_back_to_an_earlier_subscription_ends_none(self) -> None:
        alice = using(account(subscription=subscription("2026-11-18T11:59", None)), image=7)
        for start in ("2026-11-05", "2026-11-18T11:58:59", "2026-11-18T11:59"):
            back = replace(alice, subscription=subscription(start, None, id="s0"))
            assert roll(back, NO_LIMITS, NOW, POLICY) == Rolled(back, ())

    def test_a_renewal_that_comes_when_the_period_ended_by_itself_ends_no_second_one(self) -> None:
        monthly = subscription("2026-10-18", "2026-11-18")
        alice = account(subscription=monthly, now=at("2026-11-17"))
        # The news of the renewal are late; the period has rolled within the grace.
        rolled = roll(alice, NO_LIMITS, NOW, POLICY).account
        used = used_in(rolled, Window.PERIOD, image=4)
        renewed = replace(
            used,
            subscription=replace(
                monthly, current_period_start=at("2026-11-18"), current_period_end=at("2026-12-18")
            ),
        )
        after = roll(renewed, NO_LIMITS, NOW + MINUTE, POLICY)
        assert after.closed == ()
        assert after.account.windows[Window.PERIOD] == counter("2026-11-18", "2026-12-18", image=4)
        assert after.account.paid_from == at("2026-11-18")

    def test_one_that_will_begin_later_ends_nothing_until_then(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=4)
        ahead = replace(alice, subscription=subscription("2026-11-25", None))
        assert roll(ahead, NO_LIMITS, at("2026-11-24T23:59:59"), POLICY).account.windows[
            Window.PERIOD
        ].used == {"image": 4}
        begun = roll(ahead, NO_LIMITS, at("2026-11-25"), POLICY).account
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
        assert roll(alice, NO_LIMITS, NOW, POLICY) == Rolled(alice, ())

    def test_one_that_ran_out_while_nobody_looked_ends_nothing(self) -> None:
        alice = replace(
            using(account(), image=4), subscription=subscription("2026-11-10", "2026-11-15")
        )
        assert roll(alice, NO_LIMITS, NOW, POLICY) == Rolled(alice, ())

    def test_a_purchase_after_the_trial_ends_the_trials_period(self) -> None:
        trial = subscription("2026-11-11", "2026-11-18", SubscriptionStatus.TRIALING)
        alice = using(account(subscription=trial, now=at("2026-11-12")), image=4)
        paid = replace(alice, subscription=subscription("2026-11-18", "2026-12-18"))
        rolled = roll(paid, NO_LIMITS, NOW, POLICY).account
        assert rolled.windows[Window.PERIOD] == counter("2026-11-18", "2026-12-18")

    def test_it_is_noted_for_who_has_no_period_yet(self) -> None:
        alice = account(subscription=subscription("2026-11-10", None))
        assert alice.paid_from == at("2026-11-10")
        assert alice.windows[Window.PERIOD].span == span("2026-11-10", "2026-12-10")

    def test_one_that_began_before_the_running_period_does_not_cut_it(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=4)
        bought = replace(alice, subscription=subscription("2026-10-31", None))
        rolled = roll(bought, NO_LIMITS, NOW, POLICY)
        assert rolled.closed == ()
        assert rolled.account.windows[Window.PERIOD].used == {"image": 4}

    def test_one_that_began_after_the_last_period_had_ended_starts_the_next(self) -> None:
        alice = used_in(account(), Window.PERIOD, image=4)
        bought = replace(alice, subscription=subscription("2027-01-20", None))
        rolled = roll(bought, NO_LIMITS, at("2027-01-25"), POLICY)
        assert rolled.account.windows[Window.PERIOD] == counter("2027-01-20", "2027-02-20")
        # What was closed kept its own end.
        assert [each.counter for each in rolled.closed] == [
            counter("2026-11-01", "2026-12-01", image=4)
        ]

    def test_in_a_plan_by_the_calendar_the_piece_it_leaves_joins_the_next_month(self) -> None:
        terms = plan({}, period=PeriodRule(anchor=Anchor.CALENDAR))
        alice = replace(account(), subscription=subscription("2026-11-18", None))
        rolled = roll(alice, terms, NOW, POLICY).account
        assert rolled.windows[Window.PERIOD].span == span("2026-11-18", "2027-01-01")


class TestRates:
    def test_their_windows_run_only_while_the_plan_names_them(self) -> None:
        assert set(account(plan({}, rates={"minute": 2})).windows) == {
            "day", "week", "month", "period", "minute",
        }  # fmt: skip
        assert set(account(plan({}, rates={"minute": 2, "hour": 9})).windows) == {
            "day", "week", "month", "period", "minute", "hour",
        }  # fmt: skip

    def test_a_running_one_outlives_a_plan_that_names_it_no_more(self) -> None:
        alice = used_in(account(plan({}, rates={"hour": 9})), Window.HOUR, image=4)
        assert roll(alice, NO_LIMITS, at("2026-11-18T12:59:59"), POLICY) == Rolled(alice, ())
        ended = roll(alice, NO_LIMITS, at("2026-11-18T13:00"), POLICY)
        assert Window.HOUR not in ended.account.windows

    def test_they_leave_nothing_when_they_end(self) -> None:
        terms = plan({}, rates={"minute": 2})
        alice = used_in(account(terms), Window.MINUTE, image=2)
        rolled = roll(alice, terms, NOW + MINUTE, POLICY)
        assert rolled.closed == ()
        assert rolled.account.windows[Window.MINUTE] == counter(
            "2026-11-18T12:01", "2026-11-18T12:02"
        )
