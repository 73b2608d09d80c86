"""A deployment in miniature: a database of its own, a clock that a test moves, and the verbs.

    env.plan("free", limits={"period": 3})
    opened = env.create("ada")
    env.pass_time(hours=1)
    env.report(opened, "success")

Calls are made by the user whom they are about, unless `by` names another, or None: server code.
"""

# ruff: noqa: ANN401 - questions, settings and fields of documents are passed on as they are said
from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from genquota.domain.enums import Status
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.store.documents import Clock
from genquota.use_cases.core.context import IN_PROCESS, Caller, Context
from genquota.use_cases.generations import (
    check_limit,
    create_generation,
    delete_generation,
    get_usage,
    update_generation,
)
from genquota.use_cases.generations.create_generation import CreateCommand, CreatedGeneration
from genquota.use_cases.generations.update_generation import ReportCommand, ReportedGeneration
from genquota.use_cases.jobs import cleanup, reconcile, sweep
from genquota.use_cases.self_service import update_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import Client

    from genquota.use_cases.core.push_notices import UserNotices
    from genquota.use_cases.core.user_state import UserState

START = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
"""A Monday; the calendar month ends on April 1 and there is no change of clocks near it."""

PLANS_READ_ANEW = Policy(plan_cache=timedelta(0))
NOON = datetime(2027, 3, 15, 12, tzinfo=UTC)

AN_HOUR = timedelta(hours=1)
_SELF = "the user themself"
OUTPUT = {"url": "https://cdn.example/fox.png"}


@dataclass
class Environment:
    """One instance of the functions, over one database."""

    db: Client
    now: datetime = START
    policy: Policy = PLANS_READ_ANEW
    push: Callable[[Sequence[UserNotices]], None] | None = None

    @property
    def context(self) -> Context:
        return Context(self.db, Clock(now=lambda: self.now), self.policy, self.push)

    def through(self, db: Client, **changes: Any) -> Environment:
        """Return another instance over the same database, with a clock of its own."""
        return replace(self, db=db, **changes)

    def pass_time(self, **length: float) -> None:
        self.now += timedelta(**length)

    def travel(self, at: datetime) -> None:
        """Set the time also for calls that read it from the clock's document."""
        self.db.document("testClock/now").set({"at": at})
        self.now = at

    def set_policy(self, **changes: Any) -> None:
        self.policy = replace(self.policy, **changes)

    # The verbs.

    def check(self, uid: str = "ada", *, by: str | None = _SELF, **quota_request: Any) -> Decision:
        return check_limit.check_limit(
            self.context, _caller(by, uid), uid, QuotaRequest(**quota_request)
        )[1]

    def create(
        self,
        uid: str = "ada",
        key: str | None = None,
        *,
        by: str | None = _SELF,
        prompt: str = "a fox",
        metadata: dict[str, Any] | None = None,
        **quota_request: Any,
    ) -> CreatedGeneration:
        content = {"promptId": "p1", "promptText": prompt}
        order = CreateCommand(
            key or secrets.token_hex(8), QuotaRequest(**quota_request), content, metadata or {}
        )
        return create_generation.create_generation(self.context, _caller(by, uid), uid, order)

    def report(
        self,
        generation: CreatedGeneration | str,
        status: str,
        uid: str = "ada",
        *,
        by: str | None = _SELF,
        naming_user: bool = False,
        outputs: int = 1,
        **details: Any,
    ) -> ReportedGeneration:
        id_ = generation if isinstance(generation, str) else generation.generation.id
        results = (OUTPUT,) * outputs if status == "success" else ()
        report = ReportCommand(id_, Status(status), results, **details)
        user = uid if naming_user else None
        return update_generation.update_generation(self.context, _caller(by, uid), user, report)

    def generate(self, uid: str = "ada", **quota_request: Any) -> CreatedGeneration:
        """Create and succeed."""
        opened = self.create(uid, **quota_request)
        self.report(opened, "success", uid)
        return opened

    def hide(self, generation: CreatedGeneration, uid: str = "ada") -> str:
        id_ = generation.generation.id
        return delete_generation.delete_generation(self.context, Caller(uid), None, id_)

    def change_profile(self, uid: str = "ada", **changes: Any) -> dict[str, Any]:
        return update_profile.update_profile(self.context, Caller(uid), None, changes)

    def usage(self, uid: str = "ada") -> tuple[UserState, Decision]:
        return get_usage.get_usage(self.context, Caller(uid), None)

    def reset_periods(self, time_allowed: timedelta = AN_HOUR) -> sweep.SweepReport:
        return sweep.reset_periods(self.context, time_allowed)

    def expire_generations(self, time_allowed: timedelta = AN_HOUR) -> sweep.SweepReport:
        return sweep.expire_generations(self.context, time_allowed)

    def cleanup(self, time_allowed: timedelta = AN_HOUR) -> cleanup.CleanupReport:
        return cleanup.cleanup(self.context, time_allowed)

    def reconcile(self, time_allowed: timedelta = AN_HOUR) -> reconcile.ReconcileReport:
        return reconcile.reconcile(self.context, time_allowed)

    # What operators and webhooks do: they write documents, and ask nobody.

    def plan(self, plan_id: str = "free", **terms: Any) -> None:
        self.db.document(f"plans/{plan_id}").set({"limits": {}, **terms})

    def edit(self, uid: str = "ada", **fields: Any) -> None:
        """Set fields of a user document, by path (`__` for the dot)."""
        paths = {name.replace("__", "."): value for name, value in fields.items()}
        reference = self.db.document(f"users/{uid}")
        reference.set({}, merge=True)
        reference.update(paths)

    def subscribe(self, start: datetime, end: datetime, uid: str = "ada", **facts: Any) -> None:
        """Write the copy of a subscription, as a webhook does."""
        copy = {
            "id": "s1",
            "planId": "plus",
            "status": "active",
            "anchor": start,
            "currentPeriodStart": start,
            "currentPeriodEnd": end,
            "cancelAtPeriodEnd": False,
        }
        self.edit(uid, subscription={**copy, **facts})

    def grant(
        self, grant_id: str, credits: int, expires_at: datetime | None = None, uid: str = "ada"
    ) -> None:
        entry = {"credits": credits, "used": 0, "expiresAt": expires_at}
        self.edit(uid, **{f"quota__grants__{grant_id}": entry})

    # What stands in the database.

    def user(self, uid: str = "ada") -> dict[str, Any]:
        return self._read(f"users/{uid}")

    def record(self, generation: CreatedGeneration | str) -> dict[str, Any]:
        id_ = generation if isinstance(generation, str) else generation.generation.id
        return self._read(f"userGenerations/{id_}")

    def records(self, uid: str = "ada") -> list[dict[str, Any]]:
        everything = self.db.collection("userGenerations").stream()
        found = [snapshot.to_dict() or {} for snapshot in everything]
        return [record for record in found if record["userId"] == uid]

    def day(self, date: str, uid: str = "ada") -> dict[str, Any]:
        return self._read(f"usageDaily/{uid}_{date}")

    def closed(self, window: str, uid: str = "ada") -> list[dict[str, Any]]:
        """Return what closed weeks, months or periods ended with, in order."""
        kept = self.db.collection(f"users/{uid}/windows").stream()
        found = [snapshot.to_dict() or {} for snapshot in kept]
        return sorted(
            (each for each in found if each["window"] == window), key=lambda each: each["start"]
        )

    def _read(self, path: str) -> dict[str, Any]:
        return self.db.document(path).get().to_dict() or {}


def row(decision: Decision, window: str = "period", type_: str | None = None) -> tuple[int, ...]:
    """Return `(limit, used, reserved)` of a row."""
    found = next(row for row in decision.usages if (row.window, row.type) == (window, type_))
    return found.limit, found.used, found.reserved


def _caller(by: str | None, uid: str) -> Caller | None:
    if by is None:
        return IN_PROCESS
    return Caller(uid if by is _SELF else by)
