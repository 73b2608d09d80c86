"""The life of a generation: reserve, settle, release, expire, and the success that comes late.

Each function takes the account rolled to `now` and returns what both are afterwards. What belongs to
windows that have closed meanwhile is returned apart, as additions to what was kept of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from genquota.domain.account import Account, Counter, Grant, Hold, Reserved, Split
from genquota.domain.decision import Decision
from genquota.domain.errors import GenerationClosed
from genquota.domain.policy import LONGEST_HOLD, Policy
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

    @property
    def credits(self) -> int:
        return self.hold.split.credits

    def status_at(self, now: datetime) -> Status:
        """Return the status, which is `expired` from the end of the hold, closed or not."""
        return Status.EXPIRED if self.status.is_open and now >= self.hold.end else self.status


@dataclass(frozen=True, slots=True)
class Addition:
    """Counts that belong to a window which has closed."""

    window: Window
    start: datetime
    date: str
    """Local day of the reservation; names the window if it is a day."""
    type: str
    credits: int = 0
    success: int = 0
    failed: int = 0


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
            windows[window] = _add(windows[window], type_, 1)
    account = replace(account, windows=windows, holds={**account.holds, generation_id: hold})
    return Outcome(account, generation)


def report(
    account: Account,
    generation: Generation,
    status: Status,
    output_count: int,
    now: datetime,
    policy: Policy,
) -> Outcome:
    """Apply a report on how a generation went.

    Args:
        account: The holder's, rolled to ``now``.
        generation: As recorded.
        status: `processing`, `success`, `failed` or `cancelled`.
        output_count: Outputs that a success brought.
        now: Aware, UTC.
        policy: Says whether a late success is charged.

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
            return _settle(account, generation, output_count)
        return _release(account, generation, status)
    if current is status:
        return Outcome(account, generation)
    if current is Status.EXPIRED and status is Status.SUCCESS:
        return _settle_late(account, generation, output_count, now, policy)
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
    account, additions = _count(account, hold, credits=0, failed=1)
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


def _settle(account: Account, generation: Generation, output_count: int) -> Outcome:
    """Charge the hold to its own windows and grants."""
    hold = generation.hold
    account = replace(account, grants=_spend(account.grants, hold.split))
    account, additions = _count(account, hold, credits=hold.split.windows, success=1)
    account = replace(
        account,
        holds=_without(account.holds, generation.id),
        success=account.success + 1,
        outputs=account.outputs + output_count,
    )
    done = replace(generation, status=Status.SUCCESS, charged=generation.credits)
    return Outcome(account, done, additions)


def _settle_late(
    account: Account, generation: Generation, output_count: int, now: datetime, policy: Policy
) -> Outcome:
    """Record a success that came after the hold had expired, closed or not."""
    hold = generation.hold
    was_closed = generation.status is Status.EXPIRED
    split = hold.split
    if policy.charge_late_success:
        split = _what_grants_still_have(account, split, now)
        account = replace(account, grants=_spend(account.grants, split))
    account, additions = _count(
        account,
        hold,
        credits=split.windows if policy.charge_late_success else 0,
        success=1,
        failed=-1 if was_closed else 0,
    )
    account = replace(
        account,
        holds=_without(account.holds, generation.id),
        success=account.success + 1,
        outputs=account.outputs + output_count,
        failed=account.failed - (1 if was_closed else 0),
    )
    done = replace(
        generation,
        status=Status.SUCCESS,
        late=True,
        hold=replace(hold, split=split),
        charged=split.credits if policy.charge_late_success else 0,
        refunded=not policy.charge_late_success,
    )
    return Outcome(account, done, additions)


def _hold_end(now: datetime, length: timedelta) -> datetime:
    """Return the end of a hold, rounded up to the whole second: clients read no fractions."""
    end = now + length
    return end.replace(microsecond=0) + timedelta(seconds=1 if end.microsecond else 0)


def _what_grants_still_have(account: Account, split: Split, now: datetime) -> Split:
    """Move what the grants cannot pay any more to the windows."""
    reserved = Reserved.of(account, now)
    parts = []
    for part in split.grants:
        grant = account.grants.get(part.grant_id)
        if grant is None or not grant.is_live(now):
            continue
        left = grant.credits - grant.used - reserved.by_grant.get(part.grant_id, 0)
        if left > 0:
            parts.append(replace(part, credits=min(left, part.credits)))
    return Split(split.credits - sum(part.credits for part in parts), tuple(parts))


def _spend(grants: Mapping[str, Grant], split: Split) -> Mapping[str, Grant]:
    spent = dict(grants)
    for part in split.grants:
        if part.grant_id in spent:
            grant = spent[part.grant_id]
            spent[part.grant_id] = replace(grant, used=grant.used + part.credits)
    return spent


def _count(
    account: Account, hold: Hold, credits: int, success: int = 0, failed: int = 0
) -> tuple[Account, tuple[Addition, ...]]:
    """Count in the windows of the hold: those that still run, and additions to those that closed."""
    windows = dict(account.windows)
    additions = []
    for window, start in hold.starts.items():
        counter = windows[window]
        if counter.span.start == start:
            windows[window] = _add(counter, hold.type, credits, success, failed)
        else:
            additions.append(
                Addition(window, start, hold.date, hold.type, credits, success, failed)
            )
    return replace(account, windows=windows), tuple(additions)


def _add(counter: Counter, type_: str, credits: int, success: int = 0, failed: int = 0) -> Counter:
    used = dict(counter.used)
    if credits:
        used[type_] = used.get(type_, 0) + credits
    return replace(
        counter, used=used, success=counter.success + success, failed=counter.failed + failed
    )


def _without(holds: Mapping[str, Hold], generation_id: str) -> dict[str, Hold]:
    return {key: hold for key, hold in holds.items() if key != generation_id}
