"""The life of a generation: reserve, settle, release, expire, and the success that comes late.

Each function takes the account rolled to `now` and returns what both are afterwards. What belongs to
windows that have closed meanwhile is returned apart, as additions to what was kept of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from genquota.domain.errors import GenerationClosed
from genquota.domain.policy import LONGEST_HOLD, Policy
from genquota.domain.quota.account import Account, Hold, Split
from genquota.domain.quota.allocation import allocate_for_outputs
from genquota.domain.quota.decision import Decision
from genquota.domain.quota.usage_counters import Addition, add, count, spend, what_grants_still_have
from genquota.domain.words import LIMIT_WINDOWS, RATE_WINDOWS, Status, Window


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
        return self.hold.split.credits + self.uncharged

    def status_at(self, now: datetime) -> Status:
        """Return the status, which is `expired` from the end of the hold, closed or not."""
        return Status.EXPIRED if self.status.is_open and now >= self.hold.end else self.status


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reserving or reporting leads to."""

    account: Account
    generation: Generation
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True, slots=True)
class Expired:
    """What closing the holds past their end leads to."""

    account: Account
    generation_ids: tuple[str, ...] = ()
    additions: tuple[Addition, ...] = ()


def reserve(
    account: Account, decision: Decision, generation_id: str, type_: str, now: datetime
) -> Outcome:
    """Take the hold that ``decision`` allows.

    Raises:
        GenquotaError: The decision's refusal.
    """
    if decision.refusal:
        raise decision.refusal
    starts = {window: account.windows[window].span.start for window in LIMIT_WINDOWS}
    day = account.windows[Window.DAY]
    hold = Hold(_hold_end(now, decision.hold), type_, decision.split, starts, day.date or "")
    generation = Generation(generation_id, account.uid, Status.PENDING, hold, decision.hold, now)
    windows = dict(account.windows)
    for window in RATE_WINDOWS:
        if window in windows:
            windows[window] = add(windows[window], type_, 1)
    account = replace(account, windows=windows, holds={**account.holds, generation_id: hold})
    return Outcome(account, generation)


def report(
    account: Account,
    generation: Generation,
    status: Status,
    output_count: int,
    now: datetime,
    policy: Policy,
    asked_count: int | None = None,
) -> Outcome:
    """Apply a report on how a generation went.

    Args:
        account: The holder's, rolled to ``now``.
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
            return _prolong(account, generation, now)
        if status is Status.SUCCESS:
            split = _allocation_due(generation, output_count, asked_count)
            return _settle(account, generation, split, output_count)
        return _release(account, generation, status)
    if current is status:
        return Outcome(account, generation)
    if current is Status.EXPIRED and status is Status.SUCCESS:
        is_charged = policy.charge_late_success
        split = generation.hold.split
        if is_charged:
            due = _allocation_due(generation, output_count, asked_count)
            split = what_grants_still_have(account, due, now)
        return _settle(
            account, generation, split, output_count, is_charged=is_charged, is_late=True
        )
    raise GenerationClosed(current)


def expire(account: Account, now: datetime) -> Expired:
    """Give back every hold that has passed its end."""
    ids: list[str] = []
    additions: list[Addition] = []
    for generation_id, hold in account.holds.items():
        if not hold.is_live(now):
            account, closed = _give_back(account, generation_id, hold)
            ids.append(generation_id)
            additions.extend(closed)
    return Expired(account, tuple(ids), tuple(additions))


def _release(account: Account, generation: Generation, status: Status) -> Outcome:
    account, additions = _give_back(account, generation.id, generation.hold)
    return Outcome(account, replace(generation, status=status, refunded=True), additions)


def _give_back(
    account: Account, generation_id: str, hold: Hold
) -> tuple[Account, tuple[Addition, ...]]:
    account, additions = count(account, hold, credits=0, failed=1)
    holds = _without(account.holds, generation_id)
    return replace(account, holds=holds, failed=account.failed + 1), additions


def _prolong(account: Account, generation: Generation, now: datetime) -> Outcome:
    """Start the hold anew, at most to 24 hours after the generation was created."""
    end = min(
        _hold_end(now, generation.hold_length), _hold_end(generation.created_at, LONGEST_HOLD)
    )
    hold = replace(generation.hold, end=max(end, generation.hold.end))
    generation = replace(generation, status=Status.PROCESSING, hold=hold)
    return Outcome(replace(account, holds={**account.holds, generation.id: hold}), generation)


def _allocation_due(generation: Generation, output_count: int, asked_count: int | None) -> Split:
    split = generation.hold.split
    return split if asked_count is None else allocate_for_outputs(split, output_count, asked_count)


def _settle(
    account: Account,
    generation: Generation,
    split: Split,
    output_count: int,
    *,
    is_charged: bool = True,
    is_late: bool = False,
) -> Outcome:
    """Count a success in the windows and grants that ``split`` names, and charge it unless forgiven."""
    hold = generation.hold
    # A hold that has expired and was closed counts among the failures until now.
    failures = -1 if generation.status is Status.EXPIRED else 0
    account, additions = count(
        account, hold, split.windows if is_charged else 0, success=1, failed=failures
    )
    account = replace(
        account,
        holds=_without(account.holds, generation.id),
        grants=spend(account.grants, split) if is_charged else account.grants,
        success=account.success + 1,
        failed=account.failed + failures,
        outputs=account.outputs + output_count,
    )
    done = replace(
        generation,
        status=Status.SUCCESS,
        hold=replace(hold, split=split),
        charged=split.credits if is_charged else 0,
        refunded=not is_charged,
        late=is_late,
        uncharged=generation.credits - split.credits,
    )
    return Outcome(account, done, additions)


def _hold_end(now: datetime, length: timedelta) -> datetime:
    """Return the end of a hold, rounded up to the whole second: clients read no fractions."""
    end = now + length
    return end.replace(microsecond=0) + timedelta(seconds=1 if end.microsecond else 0)


def _without(holds: Mapping[str, Hold], generation_id: str) -> dict[str, Hold]:
    return {key: hold for key, hold in holds.items() if key != generation_id}
