"""`/plans`: what there is to be had."""

from genquota.domain.rights import Who
from genquota.messages.catalogue import PlanAnswer
from genquota.messages.cursors import cursor_of, position_of
from genquota.messages.pages import Page
from genquota.messages.queries import Nothing, Paged
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.reading import plans as reading


def _list(asked: Asked[Nothing, Paged, Nothing]) -> Page[PlanAnswer]:
    position = position_of(asked.query.cursor)
    after = position[1] if position else None
    plans, last = reading.list_plans(asked.context, asked.caller, asked.query.page_size, after)
    items = [PlanAnswer.of(plan.id, plan.data) for plan in plans]
    cursor = cursor_of((None, last) if last else None)
    return Page[PlanAnswer](items=items, cursor=cursor)


ROUTES = (
    Route("GET", "/plans", Who.SIGNED_IN, "Active plans by id; for admins, all of them.",
          _list, Page[PlanAnswer], query=Paged),
)  # fmt: skip
