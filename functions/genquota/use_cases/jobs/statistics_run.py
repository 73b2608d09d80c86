"""A run of the statistics: holds the lease, and commits days together with the job's document."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from genquota.domain.records import dataclass
from genquota.domain.statistics.aggregation import DayTotals
from genquota.store.statistics.changes import PendingChange
from genquota.store.statistics.documents import StoredDay, day_path, read_days, write_day
from genquota.store.statistics.job import StatisticsJob, commit, read_job, release_lease, take_lease
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.job_report import JobReport

T = TypeVar("T")

MOST_DAYS = 2
"""Days that one commit changes: with their lists 8 documents beside the job's."""

_DAYS_IN_MEMORY = 4


@dataclass(slots=True)
class StatisticsReport(JobReport):
    """What one run did; in a dry run, what is due."""

    generations: int = 0
    """Records counted."""
    changes: int = 0
    """Late successes and refunds counted."""
    final: int = 0
    """Days that were compared with the records."""
    drifted: int = 0
    """Days among them that did not agree."""
    rebuilt: int = 0
    """Days counted anew from the records, for whatever reason."""
    kept: int = 0
    """Days left as they were, because they count more than their records come to."""
    busy: bool = False
    """Another process has the lease, and nothing was done."""


class WriteConflict(Exception):
    """Somebody else has written: the lease is lost, or it was tried too often."""


@dataclass(slots=True)
class StatisticsRun:
    """What a run has in hand between its commits."""

    context: Context
    job: StatisticsJob
    report: StatisticsReport
    days: dict[date, StoredDay] = field(default_factory=dict)
    """Days as they were read or written last, those used last at the end."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.context.policy.default_timezone)

    def now(self) -> datetime:
        """Return the deployment's time."""
        clock = self.context.clock
        return clock.at(Transaction(self.context.db).read(clock.paths()))

    def day(self, day: date) -> StoredDay:
        """Return a day, read if it is not in memory."""
        return self._have([day])[day]

    def add(
        self,
        more: Mapping[date, DayTotals],
        job: StatisticsJob,
        counted: Iterable[PendingChange] = (),
    ) -> bool:
        """Commit what is to be added to days, with the job as it shall be then.

        Args:
            more: By day, at most `MOST_DAYS`.
            job: The new cursor, say.
            counted: The changes that are among it, which are deleted.

        Returns:
            Whether it was taken. If not, nothing was written, and `catch_up` is what to go on with.

        Raises:
            Unavailable: The store did not answer.
        """
        stored = self._have(more)
        return self.write([stored[day].plus(more[day]) for day in more], job, counted)

    def write(
        self, days: Iterable[StoredDay], job: StatisticsJob, counted: Iterable[PendingChange] = ()
    ) -> bool:
        """Commit days as they shall be; otherwise like `add`."""
        transaction = Transaction(self.context.db)
        written = {day.date: day for day in days}
        for day in written.values():
            write_day(transaction, day, job.updated_at or job.seen_at)
        for change in counted:
            transaction.delete(change.snapshot.reference.path, change.snapshot)
        done = commit(transaction, job)
        if done is None:
            return False
        self.job = done
        for day in written.values():
            self._keep(replace(day, versions=_versions_of(day, transaction)))
        return True

    def catch_up(self) -> None:
        """Read the job again after something was not taken.

        Raises:
            Overtaken: Another process has the lease by now.
            Unavailable: The store did not answer.
        """
        job = read_job(self.context.db)
        if job.lease_id != self.job.lease_id:
            raise WriteConflict
        # Only who has the lease counts, so what we know of how far that is may not be written yet.
        known = [each for each in (job.updated_at, self.job.updated_at) if each]
        self.job = replace(job, updated_at=max(known, default=None))
        self.days.clear()

    def _have(self, days: Iterable[date]) -> dict[date, StoredDay]:
        wanted = list(days)
        missing = [day for day in wanted if day not in self.days]
        found = read_days(self.context.db, missing, self.context.policy.default_timezone)
        return {day: found.get(day) or self.days[day] for day in wanted}

    def _keep(self, day: StoredDay) -> None:
        self.days.pop(day.date, None)
        self.days[day.date] = day
        if len(self.days) > _DAYS_IN_MEMORY:
            del self.days[next(iter(self.days))]


def begin_run(context: Context, report: StatisticsReport) -> StatisticsRun | None:
    """Take the lease and begin. None: another process has it, which the report says then.

    Raises:
        Unavailable: The store did not answer.
    """
    job = take_lease(context.db)
    if job is None:
        report.busy = True
        return None
    return StatisticsRun(context, job, report)


def end_run(run: StatisticsRun) -> None:
    """Give the lease back.

    Raises:
        Unavailable: The store did not answer.
    """
    release_lease(run.context.db, run.job)


def in_few_days(items: Iterable[T], day_of_item: Callable[[T], date | None]) -> Iterator[list[T]]:
    """Cut items into parts of at most `MOST_DAYS` days, in their order, so that commits stay small.

    Args:
        items: Records, say.
        day_of_item: Which day an item is counted on. None: on none.
    """
    part: list[T] = []
    days: set[date] = set()
    for item in items:
        day = day_of_item(item)
        if day and day not in days and len(days) == MOST_DAYS:
            yield part
            part, days = [], set()
        part.append(item)
        if day:
            days.add(day)
    if part:
        yield part


def _versions_of(day: StoredDay, transaction: Transaction) -> dict[str, datetime]:
    """Return the update times of a day's documents after a commit."""
    own = day_path(day.date)
    return {path: at for path, at in transaction.versions.items() if path.startswith(own)}
