"""What a user's counters must say, added up from the records of their generations.

Each record remembers the windows that it was reserved in and what it was charged, so what a window shows
follows from the records alone, but for what operators took off it by hand. What no record stands for
any more is in the base.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from genquota.domain.quota.account import Account, Counter, Hold
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.lifetime import Lifetime, lifetime_of
from genquota.domain.words import LIMIT_WINDOWS, Status, Window

_LONGEST_DAY = timedelta(days=2)
"""Of a time zone's change; two windows may be named by one date."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted in one window. Running windows and closed ones show the same."""

    used: Mapping[str, int] = field(default_factory=dict)
    """Credits by type; never a zero."""
    success: int = 0
    failed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            _added(self.used, other.used), self.success + other.success, self.failed + other.failed
        )

    def less(self, adjusted: Mapping[str, int]) -> "Counts":
        taken = {type_: -credits for type_, credits in adjusted.items()}
        return replace(self, used=_added(self.used, taken))


@dataclass(frozen=True, slots=True)
class Kept:
    """A closed window as its document says."""

    window: Window
    start: datetime
    date: str
    """Local day, which names a closed day; empty for other windows."""
    counts: Counts
    adjusted: Mapping[str, int] = field(default_factory=dict)
    has_document: bool = True

    @property
    def name(self) -> str:
        return _name(self.window, self.start, self.date)


@dataclass(frozen=True, slots=True)
class Books:
    """What the records of one user add up to."""

    windows: Mapping[tuple[Window, datetime, str], Counts]
    lifetime: Lifetime
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
class Findings:
    """How a user's numbers and records compare."""

    drifts: tuple[Drift, ...]
    account: Account
    """As it should be."""
    closed: tuple[Kept, ...]
    """Closed windows that should say something else, as they should be."""


def add_up(records: Iterable[tuple[Generation, int]]) -> Books:
    """Add up a user's records, one by one, however many there are.

    Args:
        records: Each generation with the number of its outputs.
    """
    windows: dict[tuple[Window, datetime, str], Counts] = {}
    lifetime, still_open, count = Lifetime(), {}, 0
    for generation, output_count in records:
        count += 1
        lifetime = lifetime.plus(lifetime_of(generation.status, output_count))
        hold = generation.hold
        if generation.status.is_open:
            still_open[generation.id] = hold
            continue
        counts = _counts_of(generation)
        for window, start in hold.starts.items():
            key = (window, start, hold.date if window is Window.DAY else "")
            windows[key] = windows.get(key, Counts()).plus(counts)
    return Books(windows, lifetime, still_open, count)


def reconcile(
    account: Account,
    shown_this_period: int | None,
    base: Lifetime,
    kept: Iterable[Kept],
    books: Books,
    since: datetime,
) -> Findings:
    """Compare a user's numbers with their records.

    Args:
        account: As stored, not rolled.
        shown_this_period: `currentPeriodCount` as stored.
        base: What no record stands for any more.
        kept: The user's closed windows.
        books: What the records add up to.
        since: Windows that began earlier are not judged: records of theirs may be gone.
    """
    drifts: list[Drift] = []
    running = {}
    for window, counter in account.windows.items():
        running[window] = counter
        if window in LIMIT_WINDOWS and counter.span.start >= since:
            key = (window, counter.span.start, counter.date or "")
            due = books.windows.get(key, Counts()).less(counter.adjusted)
            drifts += _compare(_name(*key), _counts_in(counter), due)
            running[window] = replace(
                counter, used=due.used, success=due.success, failed=due.failed
            )
    closed = []
    for entry, due in _closed(account, kept, books, since):
        found = list(_compare(entry.name, entry.counts, due))
        if found:
            drifts += found
            closed.append(replace(entry, counts=due))
    total = base.plus(books.lifetime)
    for what, stored, recomputed in (
        ("generatedCount", account.success, total.success),
        ("outputCount", account.outputs, total.outputs),
        ("failed", account.failed, total.failed),
        ("open", len(account.holds), len(books.open)),
    ):
        if stored != recomputed:
            drifts.append(Drift(what, stored, recomputed))
    if account.holds != books.open and len(account.holds) == len(books.open):
        drifts.append(Drift("holds", _reserved(account.holds), _reserved(books.open)))
    period = running.get(Window.PERIOD)
    if period and shown_this_period is not None and shown_this_period != period.success:
        drifts.append(Drift("currentPeriodCount", shown_this_period, period.success))
    corrected = replace(
        account,
        windows=running,
        holds=books.open,
        success=total.success,
        failed=total.failed,
        outputs=total.outputs,
    )
    return Findings(tuple(drifts), corrected, tuple(closed))


def _closed(
    account: Account, kept: Iterable[Kept], books: Books, since: datetime
) -> Iterator[tuple[Kept, Counts]]:
    """Yield each closed window that can be judged, and what it should say."""
    running = {(window, counter.span.start) for window, counter in account.windows.items()}
    found = {entry.name: entry for entry in kept}
    due: dict[str, Counts] = {}
    for (window, start, date), counts in books.windows.items():
        if (window, start) not in running:
            name = _name(window, start, date)
            found.setdefault(name, Kept(window, start, date, Counts(), has_document=False))
            due[name] = due.get(name, Counts()).plus(counts)
    for name, entry in found.items():
        margin = _LONGEST_DAY if entry.window is Window.DAY else timedelta(0)
        if entry.start - margin >= since:
            yield entry, due.get(name, Counts()).less(entry.adjusted)


def _counts_of(generation: Generation) -> Counts:
    if generation.status is not Status.SUCCESS:
        return Counts(failed=1)
    # What was refunded, or forgiven when it came late, has charged nothing.
    credits = generation.hold.split.windows if generation.charged else 0
    return Counts({generation.hold.type: credits} if credits else {}, success=1)


def _counts_in(counter: Counter) -> Counts:
    return Counts(_added(counter.used, {}), counter.success, counter.failed)


def _compare(name: str, stored: Counts, due: Counts) -> Iterator[Drift]:
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
    return sum(hold.split.credits for hold in holds.values())


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    total = {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
    return {key: count for key, count in total.items() if count}


def _name(window: Window, start: datetime, date: str) -> str:
    return f"{window} {date}" if date else f"{window} {start:%Y-%m-%dT%H:%M:%SZ}"
