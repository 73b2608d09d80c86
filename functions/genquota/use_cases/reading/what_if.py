"""Evaluate which users of a plan would exceed its limits under other terms."""

import logging
from collections.abc import Mapping
from typing import Any

from genquota.domain.errors import InvalidArgument
from genquota.domain.permissions import Permission
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.records import dataclass
from genquota.domain.texts import is_document_name
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot
from genquota.store.plans.plan_terms import read_plan
from genquota.store.plans.subscribers import read_users_on_plan
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import read_user
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Snapshots, evaluate_user, with_plan
from genquota.use_cases.reading.lists import PageRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AffectedUser:
    """A user who would be over a limit, or refused where they are not now."""

    uid: str
    data: Mapping[str, Any]
    before: Decision
    after: Decision

    @property
    def over(self) -> tuple[LimitUsage, ...]:
        """Limits of which more is taken than they would allow."""
        return tuple(row for row in self.after.usages if _is_over(row))


@dataclass(frozen=True, slots=True)
class WhatIfResult:
    """What a page of the plan's users would meet."""

    checked: int
    affected: tuple[AffectedUser, ...]
    next: str | None
    """The user to go on after; None: these were the last."""


def what_if(
    context: Context,
    caller: Caller | None,
    plan_id: str,
    terms: Mapping[str, Any],
    part: PageRequest,
) -> WhatIfResult:
    """Decide about each user on a plan as it is and as it would be. Nothing is written.

    Costs one document read for each user of the page.

    Args:
        context: The deployment.
        caller: An admin.
        plan_id: Which.
        terms: The fields of a plan document, as `PlanTerms` has validated them.
        part: Which of its users, by id.

    Raises:
        InvalidArgument: A plan cannot have that id.
        GenquotaError: The caller is no admin, or the store did not answer.
    """
    if not is_document_name(plan_id):
        raise InvalidArgument((("planId", "no name of a document"),))
    plan = read_plan(plan_id, terms)
    now = authorize_read(context, caller, Permission.VIEW_USERS).now
    after = part.after[1] if part.after else None
    found = read_users_on_plan(context.db, plan_id, part.limit + 1, after)
    page, is_last = found[: part.limit], len(found) <= part.limit
    transaction, plans = Transaction(context.db), Snapshots()

    def look_at(snapshot: Snapshot) -> AffectedUser | None:
        seen = read_user(snapshot)
        user = evaluate_user(context, transaction, seen, now, plans)
        if user.plan_id != plan_id or user.account.is_deleted:
            return None  # time alone has changed it since the user was last written
        before, then = user.decide(QuotaRequest()), with_plan(user, plan).decide(QuotaRequest())
        affected = AffectedUser(snapshot.id, seen.data, before, then)
        is_refused = before.can_generate and not then.can_generate
        return affected if is_refused or affected.over else None

    affected = []
    for snapshot in page:
        try:
            if each := look_at(snapshot):
                affected.append(each)
        except NOT_UNDERSTOOD:
            _log.exception("user %s was passed over", snapshot.id)
    return WhatIfResult(len(page), tuple(affected), None if is_last else page[-1].id)


def _is_over(row: LimitUsage) -> bool:
    return not row.is_unlimited and row.used + row.reserved > row.limit
