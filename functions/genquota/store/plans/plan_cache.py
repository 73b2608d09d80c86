"""Cache of plans, kept for `PLAN_CACHE_SECONDS` in each process.

A plan that is not remembered is read together with the user's document, by a guess at which one it
will be; only a wrong guess costs a call of its own.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from weakref import WeakKeyDictionary

from google.cloud.firestore import Client

from genquota.domain.plans.plans import SHIPPED_PLANS, Plan
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot
from genquota.store.plans.plan_terms import MalformedTerms, read_plan

_REMEMBERED_USERS = 10_000
_log = logging.getLogger(__name__)


def plan_path(plan_id: str) -> str:
    return f"plans/{plan_id}"


@dataclass()
class PlanCache:
    """What is known of plans, and which plan each user was last seen on."""

    _plans: dict[str, tuple[float, Plan | None]] = field(default_factory=dict)
    _last_seen: dict[str, str] = field(default_factory=dict)

    def guess(self, uid: str, default_plan: str | None) -> str | None:
        """Return the id of the plan that the user probably has."""
        return self._last_seen.get(uid, default_plan)

    def is_known(self, plan_id: str, max_age: timedelta) -> bool:
        """Return whether the plan was read within ``max_age``."""
        known = self._plans.get(plan_id)
        return known is not None and time.monotonic() - known[0] < max_age.total_seconds()

    def get(self, plan_id: str) -> Plan | None:
        """Return a plan that was remembered; None if there is no such plan."""
        return self._plans[plan_id][1]

    def remember(self, snapshot: Snapshot) -> Plan | None:
        """Take a plan in as it was read. A shipped plan needs no document."""
        plan_id, data = snapshot.id, snapshot.to_dict()
        plan = _parse(plan_id, data) if data is not None else SHIPPED_PLANS.get(plan_id)
        self._plans[plan_id] = (time.monotonic(), plan)
        return plan

    def forget(self, plan_id: str) -> None:
        """Let the plan be read anew, for it was changed here."""
        self._plans.pop(plan_id, None)

    def remember_plan_of(self, uid: str, plan_id: str) -> None:
        """Record which plan a user is on."""
        if len(self._last_seen) >= _REMEMBERED_USERS:
            self._last_seen.clear()
        self._last_seen[uid] = plan_id


_caches: WeakKeyDictionary[Client, PlanCache] = WeakKeyDictionary()


def plan_cache(db: Client) -> PlanCache:
    """Return the process's cache for that database."""
    return _caches.setdefault(db, PlanCache())


def _parse(plan_id: str, data: Mapping[str, object]) -> Plan | None:
    try:
        return read_plan(plan_id, data)
    except MalformedTerms as malformed:
        _log.error("plan %s cannot be understood and is treated as missing: %s", plan_id, malformed)
        return None
