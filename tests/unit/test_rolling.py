"""How an account's windows give way to the next ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Anchor, SubscriptionStatus, Unit, Window
from genquota.domain.plans.plans import PeriodRule
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account
from genquota.domain.quota.rolling import RolledAccount, find_zone, roll_windows, zone_of
from tests.limit_windows import NAMES, running_on
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
    from datetime import datetime

    from genquota.domain.quota.account import Counter

NO_LIMITS = plan({})
MINUTE = timedelta(minutes=1)


def _bounds(counter: Counter) -> tuple[datetime, datetime]:
    return counter.span.start, counter.span.end


def test_a_new_user_gets_the_windows_that_hold_the_instant() -> None:
    windows = account().windows
    assert {window: _bounds(each) for window, each in windows.items()} == running_on("2026-11-18")
    assert all(each.is_zero for each in windows.values())


def test_an_account_whose_windows_run_is_returned_as_it_is() -> None:
    alice = using(account(), image=3)
    rolled = roll_windows(alice, NO_LIMITS, NOW + MINUTE, POLICY)
    assert rolled == RolledAccount(alice, ())
    assert rolled.account is alice


def test_a_window_ends_at_its_end_and_not_an_instant_before() -> None:
    alice = using(account(), image=3)
    last = roll_windows(alice, NO_LIMITS, at("2026-11-18T23:59:59.999999"), POLICY).account
    assert last.windows[Window.DAY].used == {"image": 3}
    after = roll_windows(alice, NO_LIMITS, at("2026-11-19"), POLICY)
    assert after.account.windows[Window.DAY] == counter(
        "2026-11-19", "2026-11-20", date="2026-11-19", zone="UTC"
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
    rolled = roll_windows(changed, plan(limits(day=1), period=rule), NOW, POLICY)
    assert rolled.account.windows == alice.windows
    assert rolled.closed == ()


def test_a_change_of_zone_shapes_the_next_windows() -> None:
    moved = replace(using(account(), image=3), timezone="Asia/Tokyo")
    windows = roll_windows(moved, NO_LIMITS, at("2026-12-01"), POLICY).account.windows
    assert windows[Window.DAY].span == span("2026-11-30T15:00", "2026-12-01T15:00")
    assert windows[Window.WEEK].span == span("2026-11-29T15:00", "2026-12-06T15:00")
    assert windows[Window.MONTH].span == span("2026-12-01", "2026-12-31T15:00")
    # When the running day ends, Tokyo's has 15 hours to go: they join the one after it.
    next_day = roll_windows(moved, NO_LIMITS, at("2026-11-19"), POLICY).account.windows[Window.DAY]
    assert next_day == counter(
        "2026-11-19", "2026-11-20T15:00", date="2026-11-20", zone="Asia/Tokyo"
    )


def test_a_day_is_named_by_its_local_date() -> None:
    assert account(timezone="Pacific/Kiritimati").windows[Window.DAY] == counter(
        "2026-11-18T10:00", "2026-11-19T10:00", date="2026-11-19", zone="Pacific/Kiritimati"
    )
    assert account(timezone="Pacific/Niue").windows[Window.DAY] == counter(
        "2026-11-18T11:00", "2026-11-19T11:00", date="2026-11-18", zone="Pacific/Niue"
    )
    assert account().windows[Window.WEEK].date is None


def test_who_was_away_for_months_finds_fresh_windows_and_one_closed_of_each() -> None:
    alice = using(account(), success=3, image=3)
    rolled = roll_windows(alice, NO_LIMITS, at("2027-03-15T08:00"), POLICY)
    windows = rolled.account.windows
    assert {window: _bounds(each) for window, each in windows.items()} == running_on("2027-03-15")
    assert all(each.is_zero for each in rolled.account.windows.values())
    assert [(each.window, each.counter) for each in rolled.closed] == list(alice.windows.items())


def test_a_window_in_which_nothing_was_counted_leaves_nothing() -> None:
    assert roll_windows(account(), NO_LIMITS, at("2027-01-01"), POLICY).closed == ()


@pytest.mark.parametrize("what", ["success", "failed"])
def test_a_window_in_which_a_generation_ended_is_kept_even_if_it_cost_nothing(what: str) -> None:
    free = using(account(), **{what: 1})
    closed = roll_windows(free, NO_LIMITS, at("2027-01-01"), POLICY).closed
    assert tuple(each.window for each in closed) == NAMES


def test_a_window_that_a_hold_was_reserved_in_is_kept_though_nothing_is_counted_yet() -> None:
    alice = holding(account(), 1, end=NOW + timedelta(hours=20))
    closed = roll_windows(alice, NO_LIMITS, at("2026-11-19"), POLICY).closed
    assert [each.window for each in closed] == [Window.DAY]


def test_a_hold_from_before_keeps_no_window_but_its_own() -> None:
    alice = holding(account(), 1, end=NOW + timedelta(hours=24))
    next_day = roll_windows(alice, NO_LIMITS, at("2026-11-19"), POLICY).account
    assert roll_windows(next_day, NO_LIMITS, at("2026-11-20"), POLICY).closed == ()


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
        day = roll_windows(alice, NO_LIMITS, NOW, berlin).account.windows[Window.DAY]
        assert day.span == span("2026-11-17T23:00", "2026-11-18T23:00")

    def test_it_is_utc_if_the_default_is_garbage_too(self) -> None:
        assert str(zone_of(Account("alice"), Policy(default_timezone="nowhere"))) == "UTC"

    def test_a_known_name_is_found_and_an_unknown_is_none(self) -> None:
        assert str(find_zone("America/Argentina/Buenos_Aires")) == "America/Argentina/Buenos_Aires"
        assert find_zone("Nowhere/Land") is None


class TestRates:
    def test_their_windows_run_only_while_the_plan_names_them(self) -> None:
        one, both = plan({}, rates={"minute": 2}), plan({}, rates={"minute": 2, "hour": 9})
        assert set(account(one).windows) == {*NAMES, "minute"}
        assert set(account(both).windows) == {*NAMES, "minute", "hour"}

    def test_a_running_one_outlives_a_plan_that_names_it_no_more(self) -> None:
        alice = used_in(account(plan({}, rates={"hour": 9})), Window.HOUR, image=4)
        assert roll_windows(alice, NO_LIMITS, at("2026-11-18T12:59:59"), POLICY) == RolledAccount(
            alice, ()
        )
        ended = roll_windows(alice, NO_LIMITS, at("2026-11-18T13:00"), POLICY)
        assert Window.HOUR not in ended.account.windows

    def test_they_leave_nothing_when_they_end(self) -> None:
        terms = plan({}, rates={"minute": 2})
        alice = used_in(account(terms), Window.MINUTE, image=2)
        rolled = roll_windows(alice, terms, NOW + MINUTE, POLICY)
        assert rolled.closed == ()
        assert rolled.account.windows[Window.MINUTE] == counter(
            "2026-11-18T12:01", "2026-11-18T12:02"
        )
