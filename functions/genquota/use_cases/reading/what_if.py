"""Who on a plan would be over its limits if it said something else?"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genquota.domain.errors import InvalidArgument
from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Ask, Decision
from genquota.domain.quota.limit_usage import Row
from genquota.domain.words import is_document_name
from genquota.store.documents import NOT_UNDERSTOOD, Snapshot
from genquota.store.plans.plan_document import understood
from genquota.store.plans.plan_terms import read_plan
from genquota.store.plans.subscribers import read_users_on_plan
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import read_user
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.reader import admit
from genquota.use_cases.core.user_state import Found, bring_to_present, under_plan
from genquota.use_cases.reading.lists import Slice

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Affected:
    """A user who would be over a limit, or refused where they are not now."""

    uid: str
    data: Mapping[str, Any]
    before: Decision
    after: Decision

    @property
    def over(self) -> tuple[Row, ...]:
        """Limits of which more is taken than they would allow."""
        return tuple(row for row in self.after.rows if _is_over(row))


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a page of the plan's users would meet."""

    checked: int
    affected: tuple[Affected, ...]
    next: str | None
    """The user to go on after; None: these were the last."""


def what_if(
    context: Context, caller: Caller | None, plan_id: str, said: Mapping[str, Any], part: Slice
) -> WhatIf:
    """Decide about each user on a plan as it is and as it would be. Nothing is written.

    Costs one document read for each user of the page.

    Args:
        context: The deployment.
        caller: An admin.
        plan_id: Which.
        said: The fields of a plan document, as in JSON.
        part: Which of its users, by id.

    Raises:
        InvalidArgument: A plan cannot say that.
        GenquotaError: The caller is no admin, or the store did not answer.
    """
    if not is_document_name(plan_id):
        raise InvalidArgument((("planId", "no name of a document"),))
    fields = {name: value for name, value in said.items() if name != "version"}
    plan = read_plan(plan_id, understood(plan_id, fields))
    now = admit(context, caller, Permission.VIEW_USERS).now
    after = part.after[1] if part.after else None
    found = read_users_on_plan(context.db, plan_id, part.limit + 1, after)
    page, is_last = found[: part.limit], len(found) <= part.limit
    transaction, plans = Transaction(context.db), Found()

    def look_at(snapshot: Snapshot) -> Affected | None:
        seen = read_user(snapshot)
        holder = bring_to_present(context, transaction, seen, now, plans)
        if holder.plan_id != plan_id or holder.account.is_deleted:
            return None  # time alone has changed it since the user was last written
        before, then = holder.decide(Ask()), under_plan(holder, plan).decide(Ask())
        affected = Affected(snapshot.id, seen.data, before, then)
        is_refused = before.can_generate and not then.can_generate
        return affected if is_refused or affected.over else None

    affected = []
    for snapshot in page:
        try:
            if each := look_at(snapshot):
                affected.append(each)
        except NOT_UNDERSTOOD:
            _log.exception("user %s was passed over", snapshot.id)
    return WhatIf(len(page), tuple(affected), None if is_last else page[-1].id)


def _is_over(row: Row) -> bool:
    return not row.is_unlimited and row.used + row.reserved > row.limit
