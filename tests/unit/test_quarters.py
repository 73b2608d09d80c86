"""The window `quarter`: three months of the user's calendar, and users of releases that had none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from genquota.domain.changes.adjustments import refund
from genquota.domain.enums import Status, Window
from genquota.domain.quota.account import Account, Allocation, Counter, Hold, ReservedCredits
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.generation import Generation, report, reserve
from genquota.domain.quota.rolling import roll_windows
from genquota.domain.users.former_users import running_counters
from tests.unit.samples import NOW, POLICY, account, at, limits, plan, span, used_in, using

TERMS = plan(limits(quarter=9, video={"quarter": 4}))
OLD_STARTS = {
    Window.DAY: at("2026-11-18"),
    Window.WEEK: at("2026-11-16"),
    Window.MONTH: at("2026-11-01"),
    Window.PERIOD: at("2026-11-01"),
}


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-01-01", "2026-01-01", "2026-04-01"),
        ("2026-03-31T23:59:59", "2026-01-01", "2026-04-01"),
        ("2026-04-01", "2026-04-01", "2026-07-01"),
        ("2026-09-30", "2026-07-01", "2026-10-01"),
        ("2026-12-31", "2026-10-01", "2027-01-01"),
    ],
)
def test_it_begins_with_january_april_july_and_october(now: str, start: str, end: str) -> None:
    rolled = roll_windows(Account("alice"), TERMS, at(now), POLICY).account
    assert rolled.windows[Window.QUARTER].span == span(start, end)


def test_it_is_the_users_calendar() -> None:
    tokyo = roll_windows(
        Account("alice", timezone="Asia/Tokyo"), TERMS, at("2026-12-31T16:00"), POLICY
    )
    assert tokyo.account.windows[Window.QUARTER].span == span(
        "2026-12-31T15:00", "2027-03-31T15:00"
    )


def test_a_limit_of_a_quarter_refuses_and_says_when_it_resets() -> None:
    full = used_in(account(TERMS), Window.QUARTER, image=9)
    refusal = decide(full, TERMS, "test", QuotaRequest(), NOW, POLICY).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.window) == ("quota-exceeded", "quarter")  # type: ignore[union-attr]
    assert refusal.resets_at == at("2027-01-01")  # type: ignore[union-attr]
    video = used_in(account(TERMS), Window.QUARTER, video=4)
    assert decide(video, TERMS, "test", QuotaRequest("video"), NOW, POLICY).can_generate is False
    assert decide(video, TERMS, "test", QuotaRequest(), NOW, POLICY).can_generate is True


def without_quarter(alice: Account) -> Account:
    """Return the account as a release without quarters left it: counters and holds of four windows."""
    windows: dict[Window, Counter] = {
        key: each for key, each in alice.windows.items() if key is not Window.QUARTER
    }
    return replace(alice, windows=windows)


def held(alice: Account, credits: int) -> Account:
    hold = Hold(NOW + timedelta(minutes=15), "image", Allocation(credits), OLD_STARTS, "2026-11-18")
    return replace(alice, holds={"g1": hold})


def test_who_has_no_quarter_yet_gets_one_from_zero_and_keeps_the_rest() -> None:
    before = without_quarter(using(account(), image=7))
    after = roll_windows(before, TERMS, NOW, POLICY).account
    assert after.windows[Window.QUARTER].used == {}
    assert after.windows[Window.MONTH].used == {"image": 7}


def test_a_hold_of_before_counts_in_its_four_windows_and_in_no_quarter() -> None:
    alice = roll_windows(held(without_quarter(account()), 5), TERMS, NOW, POLICY).account
    reserved = ReservedCredits.of(alice, NOW).by_limit
    assert (reserved[Window.MONTH, None], reserved.get((Window.QUARTER, None), 0)) == (5, 0)
    generation = Generation(
        "g1", "alice", Status.PENDING, alice.holds["g1"], timedelta(minutes=15), NOW
    )
    done = report(alice, generation, Status.SUCCESS, 1, NOW, POLICY)
    assert done.account.windows[Window.MONTH].used == {"image": 5}
    assert done.account.windows[Window.QUARTER].used == {}
    back = refund(done.account, done.generation)
    assert not back.account.windows[Window.MONTH].used
    assert back.account.windows[Window.QUARTER].used == {}


def test_a_hold_of_before_ends_with_its_windows_and_leaves_with_its_user() -> None:
    alice = roll_windows(held(without_quarter(account()), 5), TERMS, NOW, POLICY).account
    closed = roll_windows(alice, TERMS, at("2027-01-05"), POLICY).closed
    assert [each.window for each in closed] == ["day", "week", "month", "period"]
    assert running_counters(alice, NOW)


def test_a_generation_counts_in_the_quarter_it_was_reserved_in() -> None:
    alice = account(TERMS)
    opened = reserve(
        alice, decide(alice, TERMS, "test", QuotaRequest(), NOW, POLICY), "g1", "image", NOW
    )
    assert opened.generation.hold.starts[Window.QUARTER] == at("2026-10-01")
    later = at("2027-01-01T00:05")
    rolled = roll_windows(opened.account, TERMS, later, POLICY).account
    done = report(rolled, opened.generation, Status.SUCCESS, 1, NOW + timedelta(minutes=5), POLICY)
    assert done.account.windows[Window.QUARTER].used == {}
    assert ("quarter", at("2026-10-01")) in {(each.window, each.start) for each in done.increments}
