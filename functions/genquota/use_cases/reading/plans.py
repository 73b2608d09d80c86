"""Read the catalogue: plan documents, and the shipped plans without one."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from genquota.domain.permissions import Permission
from genquota.domain.plans.plans import SHIPPED_PLANS, Plan
from genquota.domain.records import dataclass
from genquota.store.documents import document_data
from genquota.store.listing import Listing
from genquota.store.plans.subscribers import count_users_on_plan
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.reading.pages import iterate_listing

MOST_PLANS = 1000
_PAGE = 100


@dataclass(frozen=True, slots=True)
class PlanDetails:
    """A plan's document, or what a shipped plan's would say."""

    id: str
    data: Mapping[str, Any]
    users: int | None = None
    """For whom it was in force when they were last written; None: not counted."""


def list_plans(
    context: Context, caller: Caller | None, limit: int, after: str | None, *, counts: bool = False
) -> tuple[tuple[PlanDetails, ...], str | None]:
    """Return plans by id, and the id to go on after; those that are not active to admins only.

    A catalogue is short, so all of it is read: a document read for each plan. With ``counts`` admins are
    shown how many users are on each: one read more for each thousand of them, at least one for each plan.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """
    reader = authorize_read(context, caller, Permission.VIEW_PLANS)
    sees_all = reader.is_allowed(Permission.VIEW_INACTIVE_PLANS)
    found = islice(iterate_listing(context, Listing("plans"), _PAGE), MOST_PLANS)
    plans = {**_shipped(), **{each.id: PlanDetails(each.id, document_data(each)) for each in found}}
    seen = [
        plans[plan_id]
        for plan_id in sorted(plans)
        if after is None or plan_id > after
        if sees_all or plans[plan_id].data.get("active", True) is True
    ]
    shown = tuple(seen[:limit])
    if counts and sees_all:
        shown = tuple(
            replace(each, users=count_users_on_plan(context.db, each.id)) for each in shown
        )
    return shown, shown[-1].id if len(seen) > limit else None


def _shipped() -> dict[str, PlanDetails]:
    return {plan.id: PlanDetails(plan.id, _as_document(plan)) for plan in SHIPPED_PLANS.values()}


def _as_document(plan: Plan) -> dict[str, Any]:
    limits = {window.value: credits for (window, _), credits in plan.limits.items()}
    return {"name": plan.name, "tier": plan.tier, "rank": plan.rank, "limits": limits}
