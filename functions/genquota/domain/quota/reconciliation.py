"""Reconciliation: recompute a user's counters from the records of their generations.

Each record remembers the windows that it was reserved in and what it was charged, so what a window shows
follows from the records alone, but for what operators took off it by hand. What no record stands for
any more is in the base.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta

from genquota.domain.enums import LIMIT_WINDOWS, Status, Window
from genquota.domain.quota.account import Account, Counter, Hold
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.lifetime import LifetimeCounts, lifetime_counts_of
from genquota.domain.records import dataclass

_LONGEST_DAY = timedelta(days=2)
"""Of a time zone's change; two windows may be named by one date."""


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """What is counted in one window. Running windows and closed ones show the same."""

    used: Mapping[str, int] = field(default_factory=dict)
    """Credits by type; never a zero."""
    success: int = 0
    failed: int = 0

    def plus(self, other: "WindowCounts") -> "WindowCounts":
        return WindowCounts(
            _added(self.used, other.used), self.success + other.success, self.failed + other.failed
        )

    def less(self, adjusted: Mapping[str, int]) -> "WindowCounts":
        taken = {type_: -credits for type_, credits in adjusted.items()}
        return replace(self, used=_added(self.used, taken))


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """A closed window as it is stored."""

    window: Window
    start: datetime
    date: str
    """Local day, which names a closed day; empty for other windows."""
    counts: WindowCounts
    adjusted: Mapping[str, int] = field(default_factory=dict)
    has_document: bool = True

    @property
    def name(self) -> str:
        return _name(self.window, self.start, self.date)


@dataclass(frozen=True, slots=True)
class RecomputedTotals:
    """The totals recomputed from one user's records."""

    windows: Mapping[tuple[Window, datetime, str], WindowCounts]
    lifetime: LifetimeCounts
    open: Mapping[str, Hold]
    """By generation id."""
    count: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A number that is not what the records say."""

    what: str
    stored: int
    recomputed: int


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """The drift of a user's counters, and the corrected account."""

    drifts: tuple[Drift, ...]
    account: Account
    """As it should be."""
    closed: tuple[StoredWindow, ...]
    """Closed windows that should say something else, as they should be."""


def recompute_totals(records: Iterable[tuple[Generation, int]]) -> RecomputedTotals:
    """Add up a user's records, one by one, however many there are.

    Args:
        records: Each generation with the number of its outputs.
    """
    windows: dict[tuple[Window, datetime, str], WindowCounts] = {}
    lifetime, still_open, count = LifetimeCounts(), {}, 0
    for generation, output_count in records:
        count += 1
        lifetime = lifetime.plus(lifetime_counts_of(generation.status, output_count))
        hold = generation.hold
        if generation.status.is_open:
            still_open[generation.id] = hold
            continue
        counts = _counts_of(generation)
        for window, start in hold.starts.items():
            key = (window, start, hold.date if window is Window.DAY else "")
            windows[key] = windows.get(key, WindowCounts()).plus(counts)
    return RecomputedTotals(windows, lifetime, still_open, count)


def reconcile(
    account: Account,
    shown_this_period: int | None,
    base: LifetimeCounts,
    kept: Iterable[StoredWindow],
    totals: RecomputedTotals,
    since: datetime,
) -> ReconcileResult:
    """Compare a user's numbers with their records.

    Args:
        account: As stored, not rolled.
        shown_this_period: `currentPeriodCount` as stored.
        base: What no record stands for any more.
        kept: The user's closed windows.
        totals: What the records add up to.
        since: Windows that began earlier are not judged: records of theirs may be gone.
    """
    drifts: list[Drift] = []
    running = {}
    for window, counter in account.windows.items():
        running[window] = counter
        if window in LIMIT_WINDOWS and counter.span.start >= since:
            key = (window, counter.span.start, counter.date or "")
            due = totals.windows.get(key, WindowCounts()).less(counter.adjusted)
            drifts += _compare(_name(*key), _counts_in(counter), due)
            running[window] = replace(
                counter, used=due.used, success=due.success, failed=due.failed
            )
    closed = []
    for entry, due in _closed(account, kept, totals, since):
        found = list(_compare(entry.name, entry.counts, due))
        if found:
            drifts += found
            closed.append(replace(entry, counts=due))
    total = base.plus(totals.lifetime)
    for what, stored, recomputed in (
        ("generatedCount", account.success, total.success),
        ("outputCount", account.outputs, total.outputs),
        ("failed", account.failed, total.failed),
        ("open", len(account.holds), len(totals.open)),
    ):
        if stored != recomputed:
            drifts.append(Drift(what, stored, recomputed))
    if account.holds != totals.open and len(account.holds) == len(totals.open):
        drifts.append(Drift("holds", _reserved(account.holds), _reserved(totals.open)))
    period = running.get(Window.PERIOD)
    if period and shown_this_period is not None and shown_this_period != period.success:
        drifts.append(Drift("currentPeriodCount", shown_this_period, period.success))
    corrected = replace(
        account,
        windows=running,
        holds=totals.open,
        success=total.success,
        failed=total.failed,
        outputs=total.outputs,
    )
    return ReconcileResult(tuple(drifts), corrected, tuple(closed))


def _closed(
    account: Account, kept: Iterable[StoredWindow], totals: RecomputedTotals, since: datetime
) -> Iterator[tuple[StoredWindow, WindowCounts]]:
    """Yield each closed window that can be judged, and what it should say."""
    running = {(window, counter.span.start) for window, counter in account.windows.items()}
    found = {entry.name: entry for entry in kept}
    due: dict[str, WindowCounts] = {}
    for (window, start, date), counts in totals.windows.items():
        if (window, start) not in running:
            name = _name(window, start, date)
            found.setdefault(
                name, StoredWindow(window, start, date, WindowCounts(), has_document=False)
            )
            due[name] = due.get(name, WindowCounts()).plus(counts)
    for name, entry in found.items():
        margin = _LONGEST_DAY if entry.window is Window.DAY else timedelta(0)
        if entry.start - margin >= since:
            yield entry, due.get(name, WindowCounts()).less(entry.adjusted)


def _counts_of(generation: Generation) -> WindowCounts:
    if generation.status is not Status.SUCCESS:
        return WindowCounts(failed=1)
    # What was refunded, or forgiven when it came late, has charged nothing.
    credits = generation.hold.allocation.windows if generation.charged else 0
    return WindowCounts({generation.hold.type: credits} if credits else {}, success=1)


def _counts_in(counter: Counter) -> WindowCounts:
    return WindowCounts(_added(counter.used, {}), counter.success, counter.failed)


def _compare(name: str, stored: WindowCounts, due: WindowCounts) -> Iterator[Drift]:
    for type_ in sorted(stored.used.keys() | due.used.keys()):
        was, should = stored.used.get(type_, 0), due.used.get(type_, 0)
        if was != should:
            yield Drift(f"{name} used {type_}", was, should)
    for what, was, should in (
        ("success", stored.success, due.success),
        ("failed", stored.failed, due.failed),
    ):
        if was != should:
            yield Drift(f"{name} {what}", was, should)


def _reserved(holds: Mapping[str, Hold]) -> int:
    return sum(hold.allocation.credits for hold in holds.values())


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    total = {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
    return {key: count for key, count in total.items() if count}


def _name(window: Window, start: datetime, date: str) -> str:
    return f"{window} {date}" if date else f"{window} {start:%Y-%m-%dT%H:%M:%SZ}"
