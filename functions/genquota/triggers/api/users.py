"""`/users`: lists of users, and one user in full."""

from genquota.domain.permissions import Permission
from genquota.domain.quota.rolling import zone_of
from genquota.domain.texts import email_spellings
from genquota.messages.answers.pages import Page
from genquota.messages.answers.usage import UsageAnswer
from genquota.messages.operators.users import SubscriptionRecord, UserAnswer, UserInFull, UsersQuery
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import Nothing, Paged, UserPath
from genquota.store.documents import document_data
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading import lists
from genquota.use_cases.reading import users as reading


def _list(request: ApiRequest[Nothing, UsersQuery, Nothing]) -> Page[UserAnswer]:
    query = request.query
    spellings = None if query.email is None else email_spellings(query.email)
    named = {"email": spellings, "role": query.role, "planId": query.plan_id}
    equal: dict[str, object] = {key: value for key, value in named.items() if value is not None}
    part = lists.PageRequest(query.page_size, position_of(query.cursor))
    found = lists.list_users(request.context, request.caller, equal, part)
    items = [
        UserAnswer.from_document(document_data(each), user_id=each.id) for each in found.snapshots
    ]
    return Page[UserAnswer](items=items, cursor=cursor_of(found.next))


def _get(request: ApiRequest[UserPath, Nothing, Nothing]) -> UserInFull:
    seen = reading.get_user(request.context, request.caller, request.path.user_id)
    user = seen.user
    zone = zone_of(user.account, user.policy)
    usage = UsageAnswer.about(user.account, seen.quota, zone, user.now)
    return UserInFull.about(user.account, user.seen.data, usage, user.now)


def _subscriptions(request: ApiRequest[UserPath, Paged, Nothing]) -> Page[SubscriptionRecord]:
    query = request.query
    part = lists.PageRequest(query.page_size, position_of(query.cursor))
    found = lists.list_subscriptions_of(request.context, request.caller, request.path.user_id, part)
    items = [
        SubscriptionRecord.from_document(document_data(each), id=each.id)
        for each in found.snapshots
    ]
    return Page[SubscriptionRecord](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/users", Permission.VIEW_USERS, "Users by id, filtered by email, role or assigned plan.",
          _list, Page[UserAnswer], query=UsersQuery),
    Route("GET", "/users/{userId}", Permission.VIEW_USERS, "A user, with all that decides about their quota.",
          _get, UserInFull, path=UserPath),
    Route("GET", "/users/{userId}/subscriptions", Permission.VIEW_SUBSCRIPTIONS,
          "The user's subscriptions, by id.",
          _subscriptions, Page[SubscriptionRecord], path=UserPath, query=Paged),
)  # fmt: skip
