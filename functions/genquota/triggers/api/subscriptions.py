"""`/subscriptions`: the subscriptions of all users."""

from genquota.domain.permissions import Permission
from genquota.messages.answers.pages import Page
from genquota.messages.operators.users import SubscriptionRecord, SubscriptionsQuery
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import Nothing
from genquota.store.documents import contents
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.reading import lists


def _subscriptions(asked: Asked[Nothing, SubscriptionsQuery, Nothing]) -> Page[SubscriptionRecord]:
    query = asked.query
    named = {"status": query.status, "planId": query.plan_id}
    equal: dict[str, object] = {key: value for key, value in named.items() if value is not None}
    part = lists.Slice(query.page_size, position_of(query.cursor))
    found = lists.list_subscriptions(asked.context, asked.caller, equal, query.ends_before, part)
    items = [SubscriptionRecord.of(each.id, contents(each)) for each in found.snapshots]
    return Page[SubscriptionRecord](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/subscriptions", Permission.VIEW_OPERATIONS,
          "Subscriptions, those that end first before all.",
          _subscriptions, Page[SubscriptionRecord], query=SubscriptionsQuery),
)  # fmt: skip
