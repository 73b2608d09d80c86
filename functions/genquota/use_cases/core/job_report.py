"""The report of a job's run, and the interface of a job."""

from datetime import timedelta
from typing import Protocol

from genquota.domain.records import dataclass
from genquota.use_cases.core.context import Context


@dataclass(slots=True)
class JobReport:
    """What one run did. Each job adds its own counts; `asdict` gives them all."""

    failed: int = 0
    """What was passed over; the log names it."""
    finished: bool = False
    """False: the time was up; the next run goes on."""


class Job(Protocol):
    """A job as schedules, the HTTP API and the command line call it."""

    def __call__(
        self, context: Context, time_allowed: timedelta, *, dry_run: bool = False
    ) -> JobReport:
        """Run for about ``time_allowed``; with ``dry_run`` write nothing and say what is due."""
