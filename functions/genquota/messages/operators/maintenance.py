"""The state of jobs, and what needs an operator."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic.alias_generators import to_camel

from genquota.domain.policy import Policy
from genquota.messages.answers.callable_answers import Answer, Time
from genquota.messages.answers.stored import Stored

_INTERNAL = {"leaseId", "leaseUntil", "touch"}
_SECONDS_A_HOUR = 3600


class LastRun(Answer):
    """The last run of a job."""

    at: Time | None
    """When it ended."""
    seconds: float | None
    ok: bool
    """False: it broke off; the log says why."""
    finished: bool
    """False: it did not come to the end; the next run goes on."""
    by_hand: bool
    report: dict[str, Any]
    """Its own counts."""
    drifted_at: Time | None
    """When a run last found numbers that are not what the records say."""
    drifted: int | None
    """In how many users or days that run found some."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        stored = Stored(data)
        seconds, report = data.get("seconds"), stored.map("report") or {}
        return cls(
            at=stored.time("at"),
            seconds=seconds if isinstance(seconds, int | float) else None,
            ok=stored.flag("ok"),
            finished=report.get("finished") is True,
            by_hand=stored.flag("byHand"),
            report={to_camel(name): value for name, value in report.items()},
            drifted_at=stored.time("driftedAt"),
            drifted=stored.number("drifted"),
        )


class JobStatus(Answer):
    """A job."""

    job: str
    last_run: LastRun | None
    """None: it has not run since runs are noted."""
    memory: dict[str, Any]
    """What it has left for its next run: `jobs/{job}`."""

    @classmethod
    def of(cls, job: str, run: Mapping[str, Any], memory: Mapping[str, Any]) -> Self:
        kept = {name: value for name, value in memory.items() if name not in _INTERNAL}
        return cls(job=job, last_run=LastRun.of(run) if run else None, memory=kept)


class SettingsAnswer(Answer):
    """The settings of the same names that decide what operators and others see."""

    live_feed: str
    feed_hours: int
    analytics: str
    default_plan: str | None
    default_timezone: str
    types: list[str]
    hold_seconds: int
    retention_days: int
    reconcile: str

    @classmethod
    def of(cls, policy: Policy) -> Self:
        return cls(
            live_feed=policy.feed.mode.value,
            feed_hours=int(policy.feed.length.total_seconds()) // _SECONDS_A_HOUR,
            analytics="public" if policy.analytics_are_public else "admins",
            default_plan=policy.default_plan,
            default_timezone=policy.default_timezone,
            types=sorted(policy.types),
            hold_seconds=int(policy.hold.total_seconds()),
            retention_days=policy.retention.days,
            reconcile="repair" if policy.repairs_drift else "report",
        )


class MaintenanceAnswer(Answer):
    """How the jobs go, what waits for an operator, and the settings."""

    version: str
    now: Time
    jobs: list[JobStatus]
    statistics_updated_at: Time | None
    """Generations that closed before it are in the statistics. None: none is."""
    statistics_final_until: str | None
    """The first day whose statistics were not compared with the records yet."""
    stalled: int
    """Generations that are open in the record beyond the usual length of a hold."""
    unmatched_events: int
    """Events of payment providers that could not be placed."""
    settings: SettingsAnswer
