"""Period-exact: charged and given back where it was reserved, also when that has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Status, Window
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Allocation, Grant, GrantAllocation
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.generation import GenerationOutcome, expire_holds, report, reserve
from genquota.domain.quota.rolling import roll_windows
from genquota.domain.quota.usage_counters import ClosedWindowIncrement
from tests.unit.samples import POLICY, account, at, limits, plan, subscription, used_in, using

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.plans.plans import Plan
    from genquota.domain.quota.account import Account

EVENING = at("2026-11-30T23:50")
"""The last minutes of a day, a month and a period, and none of a week."""
IN_TIME, LATE = at("2026-12-01T00:04"), at("2026-12-01T00:05")
TERMS = plan(limits(day=5, period=10))
NONE_LEFT = plan(limits(period=0))
FORGIVING = Policy(charge_late_success=False)


def opened(alice: Account, quota_request: QuotaRequest, terms: Plan = TERMS) -> GenerationOutcome:
    decision = decide(alice, terms, "test", quota_request, EVENING, POLICY)
    return reserve(alice, decision, "g1", quota_request.type, EVENING)


def over_midnight(
    quota_request: QuotaRequest | None = None, *, now: datetime = IN_TIME
) -> GenerationOutcome:
    """Return a generation opened ten minutes before midnight, its holder rolled to after it."""
    begun = opened(account(TERMS, EVENING), quota_request or QuotaRequest("video", credits=3))
    rolled = roll_windows(begun.account, TERMS, now, POLICY).account
    return replace(begun, account=rolled)


def increments(**counts: int) -> tuple[ClosedWindowIncrement, ...]:
    return tuple(
        ClosedWindowIncrement(Window(window), at(start), "2026-11-30", "video", **counts)
        for window, start in (
            ("day", "2026-11-30"),
            ("month", "2026-11-01"),
            ("period", "2026-11-01"),
        )
    )


def test_a_success_after_midnight_is_charged_to_the_windows_that_have_closed() -> None:
    begun = over_midnight()
    done = report(begun.account, begun.generation, Status.SUCCESS, 1, IN_TIME, POLICY)
    assert done.increments == increments(credits=3, success=1)
    assert done.account.windows[Window.WEEK].used == {"video": 3}
    for window in (Window.DAY, Window.MONTH, Window.PERIOD):
        assert done.account.windows[window].is_zero
    assert done.generation.charged == 3


@pytest.mark.parametrize("reported", [Status.FAILED, Status.CANCELLED])
def test_a_release_after_midnight_makes_no_room_in_the_new_windows(reported: Status) -> None:
    begun = over_midnight()
    spent = using(begun.account, image=5)
    done = report(spent, begun.generation, reported, 0, IN_TIME, POLICY)
    assert done.increments == increments(failed=1)
    for window in (Window.DAY, Window.MONTH, Window.PERIOD):
        assert done.account.windows[window] == spent.windows[window]
    assert done.account.windows[Window.WEEK].failed == 1


def test_an_open_generation_of_yesterday_takes_no_room_of_today() -> None:
    begun = over_midnight(QuotaRequest(credits=5))
    decision = decide(begun.account, TERMS, "test", QuotaRequest(credits=5), IN_TIME, POLICY)
    assert decision.can_generate
    assert [row.reserved for row in decision.usages] == [0, 0]


def test_expiring_after_midnight_counts_the_failure_where_it_was_reserved() -> None:
    done = expire_holds(over_midnight(now=LATE).account, LATE)
    assert done.generation_ids == ("g1",)
    assert done.increments == increments(failed=1)


def test_a_late_success_is_charged_to_its_own_closed_windows() -> None:
    begun = over_midnight(now=LATE)
    done = report(begun.account, begun.generation, Status.SUCCESS, 1, LATE, POLICY)
    assert done.increments == increments(credits=3, success=1)
    assert done.account.windows[Window.PERIOD].is_zero


def test_a_late_success_that_had_been_closed_takes_the_failure_back() -> None:
    begun = over_midnight(now=LATE)
    closed = expire_holds(begun.account, LATE).account
    expired = replace(begun.generation, status=Status.EXPIRED)
    done = report(closed, expired, Status.SUCCESS, 1, LATE, POLICY)
    assert done.increments == increments(credits=3, success=1, failed=-1)
    assert (done.account.success, done.account.failed) == (1, 0)
    assert done.account.windows[Window.WEEK].failed == 0


def test_a_late_success_that_is_forgiven_counts_but_costs_nothing() -> None:
    begun = over_midnight(now=LATE)
    done = report(begun.account, begun.generation, Status.SUCCESS, 1, LATE, FORGIVING)
    assert done.increments == increments(success=1)
    assert done.account.windows[Window.WEEK].used == {}


def test_a_late_success_is_charged_even_beyond_the_limit() -> None:
    weekly = plan(limits(week=10))
    begun = over_midnight(QuotaRequest(credits=5), now=LATE)
    full = used_in(begun.account, Window.WEEK, image=10)
    assert not decide(full, weekly, "test", QuotaRequest(), LATE, POLICY).can_generate
    done = report(full, begun.generation, Status.SUCCESS, 1, LATE, POLICY)
    assert done.account.windows[Window.WEEK].used == {"image": 15}


def test_a_generation_of_before_a_purchase_is_charged_to_the_period_that_the_purchase_ended() -> (
    None
):
    begun = opened(account(TERMS, EVENING), QuotaRequest(credits=3))
    bought = replace(begun.account, subscription=subscription("2026-11-30T23:55", None))
    now = at("2026-11-30T23:56")
    rolled = roll_windows(bought, TERMS, now, POLICY).account
    done = report(rolled, begun.generation, Status.SUCCESS, 1, now, POLICY)
    assert done.increments == (
        ClosedWindowIncrement(Window.PERIOD, at("2026-11-01"), "2026-11-30", "image", 3, 1),
    )
    assert done.account.windows[Window.PERIOD].is_zero
    assert done.account.windows[Window.DAY].used == {"image": 3}


class TestGrants:
    def begin(self, gift: Grant, credits: int = 3) -> GenerationOutcome:
        alice = replace(account(NONE_LEFT, EVENING), grants={"gift": gift})
        return opened(alice, QuotaRequest(credits=credits), NONE_LEFT)

    def test_pay_when_the_generation_succeeds(self) -> None:
        begun = self.begin(Grant(5))
        assert begun.account.grants == {"gift": Grant(5, 0)}
        done = report(begun.account, begun.generation, Status.SUCCESS, 1, EVENING, POLICY)
        assert done.account.grants == {"gift": Grant(5, 3)}
        assert done.generation.charged == 3
        # What a grant pays counts in no limit.
        assert done.account.windows[Window.PERIOD].used == {}
        assert done.account.windows[Window.PERIOD].success == 1

    @pytest.mark.parametrize("reported", [Status.FAILED, Status.CANCELLED])
    def test_keep_their_credits_when_it_does_not(self, reported: Status) -> None:
        begun = self.begin(Grant(5))
        done = report(begun.account, begun.generation, reported, 0, EVENING, POLICY)
        assert done.account.grants == {"gift": Grant(5, 0)}
        assert done.account.windows[Window.PERIOD].used == {}

    def test_that_expire_while_the_generation_is_open_still_pay(self) -> None:
        gift = Grant(5, expires_at=EVENING + timedelta(minutes=1))
        begun = self.begin(gift)
        now = EVENING + timedelta(minutes=14)
        done = report(begun.account, begun.generation, Status.SUCCESS, 1, now, POLICY)
        assert done.account.grants["gift"].used == 3

    def test_pay_their_part_and_the_plan_its_own(self) -> None:
        alice = replace(
            using(account(TERMS, EVENING), image=4), grants={"a": Grant(1), "b": Grant(9)}
        )
        begun = opened(alice, QuotaRequest(credits=4))
        done = report(begun.account, begun.generation, Status.SUCCESS, 1, EVENING, POLICY)
        assert done.account.grants == {"a": Grant(1, 1), "b": Grant(9, 2)}
        assert done.account.windows[Window.DAY].used == {"image": 5}
        assert done.generation.charged == 4

    def test_pay_a_late_success_as_far_as_they_still_can(self) -> None:
        begun = self.begin(Grant(5))
        spent = replace(begun.account, grants={"gift": Grant(5, 4)})
        now = EVENING + timedelta(minutes=15)
        rolled = roll_windows(spent, NONE_LEFT, now, POLICY).account
        done = report(rolled, begun.generation, Status.SUCCESS, 1, now, POLICY)
        assert done.account.grants == {"gift": Grant(5, 5)}
        assert done.generation.charged == 3
        assert done.generation.hold.allocation == Allocation(2, (GrantAllocation("gift", 1, None),))
        assert done.increments == tuple(
            replace(each, type="image") for each in increments(credits=2, success=1)
        )

    def test_pay_a_late_success_no_more_than_their_part(self) -> None:
        begun = self.begin(Grant(5))
        now = EVENING + timedelta(minutes=15)
        rolled = roll_windows(begun.account, NONE_LEFT, now, POLICY).account
        done = report(rolled, begun.generation, Status.SUCCESS, 1, now, POLICY)
        assert done.account.grants == {"gift": Grant(5, 3)}
        assert done.generation.hold.allocation == begun.generation.hold.allocation

    @pytest.mark.parametrize(
        "now_has",
        [
            {},
            {"gift": Grant(5, 5)},
            {"gift": Grant(2, 4)},
            {"gift": Grant(5, 0, expires_at=EVENING)},
        ],
    )
    def test_that_are_spent_expired_or_gone_leave_a_late_success_to_the_windows(
        self, now_has: dict[str, Grant]
    ) -> None:
        begun = self.begin(Grant(5))
        now = EVENING + timedelta(minutes=15)
        changed = replace(begun.account, grants=now_has)
        rolled = roll_windows(changed, NONE_LEFT, now, POLICY).account
        done = report(rolled, begun.generation, Status.SUCCESS, 1, now, POLICY)
        assert done.account.grants == now_has
        assert done.generation.hold.allocation == Allocation(3)
        assert done.generation.charged == 3
        assert done.account.windows[Window.WEEK].used == {"image": 3}

    def test_that_others_have_reserved_are_not_there_for_a_late_success(self) -> None:
        begun = self.begin(Grant(5))
        now = EVENING + timedelta(minutes=15)
        rolled = roll_windows(begun.account, NONE_LEFT, now, POLICY).account
        decision = decide(rolled, NONE_LEFT, "test", QuotaRequest(credits=4), now, POLICY)
        other = reserve(rolled, decision, "g2", "image", now).account
        done = report(other, begun.generation, Status.SUCCESS, 1, now, POLICY)
        assert done.generation.hold.allocation == Allocation(2, (GrantAllocation("gift", 1, None),))
        assert done.account.grants == {"gift": Grant(5, 1)}

    def test_are_not_spent_by_a_late_success_that_is_forgiven(self) -> None:
        begun = self.begin(Grant(5))
        now = EVENING + timedelta(minutes=15)
        rolled = roll_windows(begun.account, NONE_LEFT, now, POLICY).account
        done = report(rolled, begun.generation, Status.SUCCESS, 1, now, FORGIVING)
        assert done.account.grants == {"gift": Grant(5, 0)}
        assert done.generation.hold.allocation == begun.generation.hold.allocation


def test_types_are_counted_apart_and_added_to_what_was_used() -> None:
    alice = using(account(TERMS, EVENING), image=1, video=1)
    begun = opened(alice, QuotaRequest("video", credits=2))
    done = report(begun.account, begun.generation, Status.SUCCESS, 1, EVENING, POLICY)
    assert done.account.windows[Window.DAY].used == {"image": 1, "video": 3}
