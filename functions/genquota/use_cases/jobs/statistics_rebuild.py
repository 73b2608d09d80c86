"""Recount a day from the records of its generations."""

import logging
import time
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from genquota.domain.enums import Status, Unit
from genquota.domain.records import dataclass
from genquota.domain.statistics.aggregation import DayTotals, aggregate_by_day, day_of
from genquota.domain.statistics.daily import ClosedGeneration, DayStatistics, StatusCounts
from genquota.domain.windows import CalendarGrid, Span
from genquota.store.statistics.changes import PendingChange, changes_of
from genquota.store.statistics.closed_generations import (
    ClosedRecord,
    ended_records,
    previous_created_at,
)
from genquota.store.statistics.documents import StoredDay, read_days
from genquota.store.statistics.job import LEASE, StatisticsJob
from genquota.use_cases.jobs.statistics_run import StatisticsRun

PAGE = 2000
"""Records."""
DAYS_TO_FINAL = timedelta(days=2)
"""From the beginning of a day. A hold ends within 24 hours, so what was created on it has closed."""
FINAL = (Status.SUCCESS, Status.FAILED, Status.CANCELLED, Status.EXPIRED)
_MOST_TRIES = 5
"""While records of the day are deleted."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RebuiltDay:
    """A day whose records were counted anew."""

    stored: StoredDay
    """The day as it is now."""
    counts: StatusCounts
    """What its records come to."""
    is_kept: bool
    """The day counts more than its records come to, so it was left as it was."""
    has_older: bool
    """Some of its records closed before records said when, so they were not counted before."""


def rebuild_day(
    run: StatisticsRun,
    day: date,
    stop_at: float | None = None,
    final_until: date | None = None,
    *,
    may_shrink: bool = False,
) -> RebuiltDay | None:
    """Count a day anew from its records, unless it counts more of any status than they come to.

    What it counts may be of users who are deleted, and of records that `cleanup` has deleted, and nothing
    else knows of them.

    All is read as of one instant: records with all that has changed since they closed, but only those
    that the cursor has passed. Changes of them that wait at that instant are in what was read, so they
    are deleted.

    Args:
        run: Has the lease.
        day: In the deployment's time zone.
        stop_at: Of the monotonic clock. None: however long it takes.
        may_shrink: Whether to count it anew even so.
        final_until: What the job shall say then; a day that is left as it was is final, too. None: as before.

    Returns:
        The day. None: the time was up, or others kept overtaking; nothing has changed then.

    Raises:
        Overtaken: Another process has the lease.
        Unavailable: The store did not answer.
    """
    for _ in range(_MOST_TRIES):
        run.catch_up()
        job, span = run.job, span_of(day, run.zone)
        recount = _Recount(run, job, DayTotals(DayStatistics(day, run.zone.key)))
        if not recount.read_all(span, stop_at):
            return None
        today = day_of(run.now(), run.zone)
        counted = recount.total
        before = read_days(run.context.db, [day], run.zone.key)[day]
        included = [
            each
            for each in changes_of(run.context.db, span, job.seen_at)
            if each.position is None or job.has_passed(each.position)
        ]
        after = replace(run.job, final_until=final_until or run.job.final_until)
        if not may_shrink and _says_more(run, before, included, counted):
            final = [replace(before, is_final=True)] if final_until else []
            if not run.write(final, after):
                continue
            run.report.kept += 1
            words = "statistics of %s are left as they were: some of their records are gone"
            _log.warning(words, day)
            return RebuiltDay(
                before, counted.statistics.counts, is_kept=True, has_older=recount.has_older
            )
        is_final = day + DAYS_TO_FINAL <= today
        stored = StoredDay(counted, {}, is_final, job.seen_at, before.versions)
        is_something = counted.statistics.total or before.versions
        if run.write([stored] if is_something else [], after, included):
            run.report.rebuilt += 1
            counts = counted.statistics.counts
            return RebuiltDay(stored, counts, is_kept=False, has_older=recount.has_older)
    return None


def _says_more(
    run: StatisticsRun, before: StoredDay, waiting: list[PendingChange], counted: DayTotals
) -> bool:
    """Return whether a day, with the changes that wait, counts more of any status than its records say."""
    signed = [
        pair
        for each in waiting
        if each.position or before.rebuilt_at  # else what changed was not counted
        for pair in each.signed
    ]
    due = aggregate_by_day(signed, run.zone)
    expected = before.plus(due[before.date]) if before.date in due else before
    one, other = expected.day.statistics.counts, counted.statistics.counts
    return any(one.of(status) > other.of(status) for status in FINAL)


def span_of(day: date, zone: ZoneInfo) -> Span:
    """Return when a day begins and ends in a time zone."""
    noon = datetime.combine(day, clock_time(12), zone)
    return CalendarGrid(Unit.DAY, zone).window_at(noon)


@dataclass(slots=True)
class _Recount:
    """What was counted of a day so far."""

    run: StatisticsRun
    job: StatisticsJob
    """As it was at the instant that all is read at."""
    total: DayTotals
    first_unsure: dict[str, ClosedGeneration] = field(default_factory=dict)
    """By uid: the user's first generation of the day that does not say when the one before was."""
    has_older: bool = False

    def read_all(self, span: Span, stop_at: float | None) -> bool:
        """Read and count all records. Return whether there was time for it."""
        db, renewed_at = self.run.context.db, time.monotonic()
        for page in ended_records(db, span, self.job.seen_at, PAGE):
            self._add([each for record in page for each in self._sure(record)])
            if stop_at is not None and time.monotonic() >= stop_at:
                return False
            if time.monotonic() - renewed_at > LEASE.total_seconds() / 3:
                if not self.run.write([], self.run.job):
                    return False
                renewed_at = time.monotonic()
        self._add(
            [
                replace(each, previous_at=previous_created_at(db, each))
                for each in self.first_unsure.values()
            ]
        )
        return True

    def _sure(self, record: ClosedRecord) -> list[ClosedGeneration]:
        """Return what can be counted now that a record was read.

        Of those that do not say when their user's generation before was created only the first of each user
        must be looked up, and which that is shows at the end: the gap of the others is 0 days.
        """
        if record.position is None:
            self.has_older = True
        elif not self.job.has_passed(record.position):
            return []
        generation = record.generation
        if generation is None:
            _log.warning("generation %s is not understood, and was passed over", record.id)
            self.run.report.failed += 1
            return []
        if record.knows_previous:
            return [generation]
        other = self.first_unsure.setdefault(generation.uid, generation)
        if other is generation:
            return []
        first, later = sorted((other, generation), key=_created)
        self.first_unsure[generation.uid] = first
        return [replace(later, previous_at=later.created_at)]

    def _add(self, generations: list[ClosedGeneration]) -> None:
        more = aggregate_by_day(((each, 1) for each in generations), self.run.zone)
        for day in more.values():
            self.total = self.total.plus(day)


def _created(generation: ClosedGeneration) -> tuple[datetime, str]:
    return generation.created_at, generation.id
