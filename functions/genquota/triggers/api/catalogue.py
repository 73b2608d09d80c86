"""`/plans`: what there is to be had."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.rights import Who
from genquota.messages.catalogue import PlanAnswer, PlanChange, PlanPath, PutPlan
from genquota.messages.cursors import cursor_of, position_of
from genquota.messages.pages import Page
from genquota.messages.queries import DryRun, Nothing, Paged
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.operating.change_user import Deed
from genquota.use_cases.operating.put_plan import put_plan
from genquota.use_cases.reading import plans as reading


def _list(asked: Asked[Nothing, Paged, Nothing]) -> Page[PlanAnswer]:
    position = position_of(asked.query.cursor)
    after = position[1] if position else None
    plans, last = reading.list_plans(asked.context, asked.caller, asked.query.page_size, after)
    items = [PlanAnswer.of(plan.id, plan.data) for plan in plans]
    cursor = cursor_of((None, last) if last else None)
    return Page[PlanAnswer](items=items, cursor=cursor)


def _put(asked: Asked[PlanPath, DryRun, PutPlan]) -> PlanChange:
    deed = Deed(asked.body.note, asked.query.dry_run)
    put = put_plan(asked.context, asked.caller, asked.path.plan_id, asked.body.said(), deed)
    return PlanChange(
        action=AuditAction.PUT_PLAN.value,
        plan_id=put.plan_id,
        dry_run=deed.dry_run,
        changed=not put.is_done,
        audit_id=put.audit_id,
        before=dict(put.before),
        after=dict(put.after),
        plan=PlanAnswer.of(put.plan_id, put.document),
    )


ROUTES = (
    Route("GET", "/plans", Who.SIGNED_IN, "Active plans by id; for admins, all of them.",
          _list, Page[PlanAnswer], query=Paged),
    Route("PUT", "/plans/{planId}", Who.ADMIN,
          "Let a plan say this from now on, and nothing else; what was used is not touched.",
          _put, PlanChange, path=PlanPath, query=DryRun, body=PutPlan),
)  # fmt: skip
