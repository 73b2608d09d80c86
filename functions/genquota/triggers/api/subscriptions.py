"""`/subscriptions`: the subscriptions of all users."""

from genquota.domain.permissions import Permission
from genquota.messages.answers.pages import Page
from genquota.messages.operators.users import SubscriptionRecord, SubscriptionsQuery
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import Nothing
from genquota.store.documents import document_data
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading import lists


def _subscriptions(
    request: ApiRequest[Nothing, SubscriptionsQuery, Nothing],
) -> Page[SubscriptionRecord]:
    query = request.query
    named = {"status": query.status, "planId": query.plan_id}
    equal: dict[str, object] = {key: value for key, value in named.items() if value is not None}
    part = lists.PageRequest(query.page_size, position_of(query.cursor))
    found = lists.list_subscriptions(
        request.context, request.caller, equal, query.ends_before, part
    )
    items = [
        SubscriptionRecord.from_document(document_data(each), id=each.id)
        for each in found.snapshots
    ]
    return Page[SubscriptionRecord](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/subscriptions", Permission.VIEW_OPERATIONS,
          "Subscriptions, soonest to end first.",
          _subscriptions, Page[SubscriptionRecord], query=SubscriptionsQuery),
)  # fmt: skip
