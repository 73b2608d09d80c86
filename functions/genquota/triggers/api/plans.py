"""`/plans`: the catalogue of plans."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.permissions import Permission
from genquota.messages.answers.pages import Page
from genquota.messages.operators.plans import (
    AffectedUser,
    PlanAnswer,
    PlanChange,
    PlanPath,
    PlanTerms,
    PutPlan,
    WhatIfAnswer,
)
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import DryRun, Nothing, Paged, PlansQuery
from genquota.triggers.api.operators import audit_of
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.operators.put_plan import put_plan
from genquota.use_cases.reading import plans as reading
from genquota.use_cases.reading.lists import PageRequest
from genquota.use_cases.reading.what_if import what_if


def _list(request: ApiRequest[Nothing, PlansQuery, Nothing]) -> Page[PlanAnswer]:
    query, position = request.query, position_of(request.query.cursor)
    after = position[1] if position else None
    plans, last = reading.list_plans(
        request.context, request.caller, query.page_size, after, counts=query.users
    )
    items = [PlanAnswer.of(plan.id, plan.data, plan.users) for plan in plans]
    cursor = cursor_of((None, last) if last else None)
    return Page[PlanAnswer](items=items, cursor=cursor)


def _put(request: ApiRequest[PlanPath, DryRun, PutPlan]) -> PlanChange:
    audit = audit_of(request)
    put = put_plan(
        request.context, request.caller, request.path.plan_id, request.body.terms(), audit
    )
    return PlanChange(
        action=AuditAction.PUT_PLAN.value,
        plan_id=put.plan_id,
        dry_run=audit.dry_run,
        changed=not put.is_noop,
        audit_id=put.audit_id,
        before=dict(put.before),
        after=dict(put.after),
        plan=PlanAnswer.of(put.plan_id, put.document),
    )


def _what_if(request: ApiRequest[PlanPath, Paged, PlanTerms]) -> WhatIfAnswer:
    plan_id, part = (
        request.path.plan_id,
        PageRequest(request.query.page_size, position_of(request.query.cursor)),
    )
    found = what_if(request.context, request.caller, plan_id, request.body.terms(), part)
    items = [
        AffectedUser.of(each.uid, each.data, each.before, each.after, each.over)
        for each in found.affected
    ]
    cursor = cursor_of((None, found.next) if found.next else None)
    return WhatIfAnswer(plan_id=plan_id, checked=found.checked, items=items, cursor=cursor)


ROUTES = (
    Route("GET", "/plans", Permission.VIEW_PLANS, "Active plans by id; for admins, all.",
          _list, Page[PlanAnswer], query=PlansQuery),
    Route("PUT", "/plans/{planId}", Permission.CHANGE_PLANS,
          "Create or replace a plan; usage is untouched.",
          _put, PlanChange, path=PlanPath, query=DryRun, body=PutPlan),
    Route("POST", "/plans/{planId}/what-if", Permission.VIEW_USERS,
          "Who would be over the limits of a changed plan, page by page; writes nothing.",
          _what_if, WhatIfAnswer, path=PlanPath, query=Paged, body=PlanTerms),
)  # fmt: skip
