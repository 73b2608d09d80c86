"""The lifecycle of a generation: reserve, settle, release, expire, and late success.

Each function takes the account rolled to `now` and returns what both are afterwards. What belongs to
windows that have closed meanwhile is returned apart, as additions to what was kept of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.enums import LIMIT_WINDOWS, RATE_WINDOWS, Status, Window
from genquota.domain.errors import GenerationClosed
from genquota.domain.policy import LONGEST_HOLD, Policy
from genquota.domain.quota.account import Account, Allocation, Hold
from genquota.domain.quota.allocation import allocate_for_outputs
from genquota.domain.quota.decision import Decision
from genquota.domain.quota.usage_counters import (
    ClosedWindowIncrement,
    add_to_counter,
    count_in_windows,
    remaining_grant_allocation,
    spend_grants,
)
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Generation:
    """What decisions need of a generation's record."""

    id: str
    uid: str
    status: Status
    hold: Hold
    hold_length: timedelta
    created_at: datetime
    charged: int = 0
    """Credits."""
    refunded: bool = False
    late: bool = False
    uncharged: int = 0
    """Credits not charged because fewer outputs were made than requested."""

    @property
    def credits(self) -> int:
        """The price of all outputs requested."""
        return self.hold.allocation.credits + self.uncharged

    def status_at(self, now: datetime) -> Status:
        """Return the status, which is `expired` from the end of the hold, closed or not."""
        return Status.EXPIRED if self.status.is_open and now >= self.hold.end else self.status


@dataclass(frozen=True, slots=True)
class GenerationOutcome:
    """What reserving or reporting leads to."""

    account: Account
    generation: Generation
    increments: tuple[ClosedWindowIncrement, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpiredHolds:
    """What closing the holds past their end leads to."""

    account: Account
    generation_ids: tuple[str, ...] = ()
    increments: tuple[ClosedWindowIncrement, ...] = ()


def reserve(
    account: Account, decision: Decision, generation_id: str, type_: str, now: datetime
) -> GenerationOutcome:
    """Take the hold that ``decision`` allows.

    Raises:
        GenquotaError: The decision's refusal.
    """
    if decision.refusal:
        raise decision.refusal
    starts = {window: account.windows[window].span.start for window in LIMIT_WINDOWS}
    day = account.windows[Window.DAY]
    hold = Hold(_hold_end(now, decision.hold), type_, decision.allocation, starts, day.date or "")
    generation = Generation(generation_id, account.uid, Status.PENDING, hold, decision.hold, now)
    windows = dict(account.windows)
    for window in RATE_WINDOWS:
        if window in windows:
            windows[window] = add_to_counter(windows[window], type_, 1)
    account = replace(account, windows=windows, holds={**account.holds, generation_id: hold})
    return GenerationOutcome(account, generation)


def report(
    account: Account,
    generation: Generation,
    status: Status,
    output_count: int,
    now: datetime,
    policy: Policy,
    asked_count: int | None = None,
) -> GenerationOutcome:
    """Apply a report on how a generation went.

    Args:
        account: The user's, rolled to ``now``.
        generation: As recorded.
        status: `processing`, `success`, `failed` or `cancelled`.
        output_count: Outputs that a success brought.
        now: Aware, UTC.
        policy: Says whether a late success is charged.
        asked_count: Number of outputs requested, if the report states that ``output_count`` is final:
            missing outputs are then not charged. None: all requested outputs are charged.

    Returns:
        The outcome; with the very same generation when the report repeats a final status.

    Raises:
        GenerationClosed: The generation has ended otherwise.
    """
    current = generation.status_at(now)
    if current.is_open:
        if status is Status.PROCESSING:
            return _extend_hold(account, generation, now)
        if status is Status.SUCCESS:
            allocation = _allocation_due(generation, output_count, asked_count)
            return _settle(account, generation, allocation, output_count)
        return _release(account, generation, status)
    if current is status:
        return GenerationOutcome(account, generation)
    if current is Status.EXPIRED and status is Status.SUCCESS:
        is_charged = policy.charge_late_success
        allocation = generation.hold.allocation
        if is_charged:
            due = _allocation_due(generation, output_count, asked_count)
            allocation = remaining_grant_allocation(account, due, now)
        return _settle(
            account, generation, allocation, output_count, is_charged=is_charged, is_late=True
        )
    raise GenerationClosed(current)


def expire_holds(account: Account, now: datetime) -> ExpiredHolds:
    """Give back every hold that has passed its end."""
    ids: list[str] = []
    increments: list[ClosedWindowIncrement] = []
    for generation_id, hold in account.holds.items():
        if not hold.is_active(now):
            account, closed = _release_hold(account, generation_id, hold)
            ids.append(generation_id)
            increments.extend(closed)
    return ExpiredHolds(account, tuple(ids), tuple(increments))


def _release(account: Account, generation: Generation, status: Status) -> GenerationOutcome:
    account, increments = _release_hold(account, generation.id, generation.hold)
    return GenerationOutcome(account, replace(generation, status=status, refunded=True), increments)


def _release_hold(
    account: Account, generation_id: str, hold: Hold
) -> tuple[Account, tuple[ClosedWindowIncrement, ...]]:
    account, increments = count_in_windows(account, hold, credits=0, failed=1)
    holds = _without(account.holds, generation_id)
    return replace(account, holds=holds, failed=account.failed + 1), increments


def _extend_hold(account: Account, generation: Generation, now: datetime) -> GenerationOutcome:
    """Start the hold anew, at most to 24 hours after the generation was created."""
    end = min(
        _hold_end(now, generation.hold_length), _hold_end(generation.created_at, LONGEST_HOLD)
    )
    hold = replace(generation.hold, end=max(end, generation.hold.end))
    generation = replace(generation, status=Status.PROCESSING, hold=hold)
    return GenerationOutcome(
        replace(account, holds={**account.holds, generation.id: hold}), generation
    )


def _allocation_due(
    generation: Generation, output_count: int, asked_count: int | None
) -> Allocation:
    allocation = generation.hold.allocation
    return (
        allocation
        if asked_count is None
        else allocate_for_outputs(allocation, output_count, asked_count)
    )


def _settle(
    account: Account,
    generation: Generation,
    allocation: Allocation,
    output_count: int,
    *,
    is_charged: bool = True,
    is_late: bool = False,
) -> GenerationOutcome:
    """Count a success in the windows and grants that ``allocation`` names, and charge it unless forgiven."""
    hold = generation.hold
    # A hold that has expired and was closed counts among the failures until now.
    failures = -1 if generation.status is Status.EXPIRED else 0
    account, increments = count_in_windows(
        account, hold, allocation.windows if is_charged else 0, success=1, failed=failures
    )
    account = replace(
        account,
        holds=_without(account.holds, generation.id),
        grants=spend_grants(account.grants, allocation) if is_charged else account.grants,
        success=account.success + 1,
        failed=account.failed + failures,
        outputs=account.outputs + output_count,
    )
    done = replace(
        generation,
        status=Status.SUCCESS,
        hold=replace(hold, allocation=allocation),
        charged=allocation.credits if is_charged else 0,
        refunded=not is_charged,
        late=is_late,
        uncharged=generation.credits - allocation.credits,
    )
    return GenerationOutcome(account, done, increments)


def _hold_end(now: datetime, length: timedelta) -> datetime:
    """Return the end of a hold, rounded up to the whole second: clients read no fractions."""
    end = now + length
    return end.replace(microsecond=0) + timedelta(seconds=1 if end.microsecond else 0)


def _without(holds: Mapping[str, Hold], generation_id: str) -> dict[str, Hold]:
    return {key: hold for key, hold in holds.items() if key != generation_id}
