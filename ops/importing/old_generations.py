"""Generations that an app recorded in its own way before it had Genquota, and what they count for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.quota.account import Account
from genquota.domain.quota.lifetime import LifetimeCounts


@dataclass(frozen=True, slots=True)
class OldGeneration:
    """What must be known of one that has ended."""

    is_success: bool
    created_at: datetime | None
    """None: it counts in lifetime counts only."""
    type: str = "image"
    credits: int = 1
    outputs: int = 1


@dataclass(frozen=True, slots=True)
class ImportResult:
    """An account that knows of its old generations."""

    account: Account
    before: LifetimeCounts
    """What they count for in the lifetime counts."""


def import_old_generations(
    account: Account, before: LifetimeCounts, old: Iterable[OldGeneration], *, with_windows: bool
) -> ImportResult:
    """Count old generations: in the lifetime counts, and what they used of the running windows.

    Doing so again counts nothing twice.

    Args:
        account: Rolled to now.
        before: What was taken in before, which the new sum replaces.
        old: All of the user's.
        with_windows: Whether they are to be counted in the windows; done once.
    """
    total = LifetimeCounts()
    used: dict[Window, dict[str, int]] = {window: {} for window in LIMIT_WINDOWS}
    for each in old:
        total = total.plus(
            LifetimeCounts(1, 0, each.outputs) if each.is_success else LifetimeCounts(0, 1, 0)
        )
        if not each.is_success or each.created_at is None:
            continue
        for window in LIMIT_WINDOWS:
            span = account.windows[window].span
            if span.start <= each.created_at < span.end:
                used[window][each.type] = used[window].get(each.type, 0) + each.credits
    windows = dict(account.windows)
    for window, credits in used.items() if with_windows else ():
        counter = windows[window]
        # No record of Genquota's stands for them, so they are adjusted by as much the other way.
        windows[window] = replace(
            counter,
            used=_sum(counter.used, credits, 1),
            adjusted=_sum(counter.adjusted, credits, -1),
        )
    counted = replace(
        account,
        windows=windows,
        success=account.success + total.success - before.success,
        failed=account.failed + total.failed - before.failed,
        outputs=account.outputs + total.outputs - before.outputs,
    )
    return ImportResult(counted, total)


def _sum(counts: Mapping[str, int], more: Mapping[str, int], sign: int) -> dict[str, int]:
    total = dict(counts)
    for type_, credits in more.items():
        total[type_] = total.get(type_, 0) + sign * credits
    return {type_: credits for type_, credits in total.items() if credits}
