"""Record the last run of each job, for operators."""

import logging
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from genquota.domain.errors import Unavailable
from genquota.domain.records import dataclass
from genquota.store.jobs.checkpoints import write_run
from genquota.store.rpc import StoreError
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Context

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobRun:
    """A run of a job that is over."""

    job: str
    seconds: float
    report: Mapping[str, Any] = field(default_factory=dict)
    """Empty if it broke off."""
    is_by_hand: bool = False


def record_run(context: Context, run: JobRun) -> None:
    """Write how a run went. A store that does not answer is no reason to run the job again."""
    try:
        now = context.clock.at(Transaction(context.db).read(context.clock.paths()))
        facts: dict[str, Any] = {
            "at": now,
            "seconds": round(run.seconds, 1),
            "ok": bool(run.report),
            "byHand": run.is_by_hand,
            "report": dict(run.report),
        }
        if drifted := run.report.get("drifted"):
            facts |= {"driftedAt": now, "drifted": drifted}
        write_run(context.db, run.job, facts)
    except (Unavailable, StoreError):
        _log.exception("the run of %s was not noted", run.job)
