"""`/users`: who there is, and all about one of them."""

from genquota.domain.permissions import Permission
from genquota.domain.quota.rolling import zone_of
from genquota.domain.users.emails import email_spellings
from genquota.messages.answers.pages import Page
from genquota.messages.answers.usage import UsageAnswer
from genquota.messages.operators.users import SubscriptionRecord, UserAnswer, UserInFull, UsersQuery
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import Nothing, Paged, UserPath
from genquota.store.documents import contents
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.reading import lists
from genquota.use_cases.reading import users as reading


def _list(asked: Asked[Nothing, UsersQuery, Nothing]) -> Page[UserAnswer]:
    query = asked.query
    spellings = None if query.email is None else email_spellings(query.email)
    named = {"email": spellings, "role": query.role, "planId": query.plan_id}
    equal: dict[str, object] = {key: value for key, value in named.items() if value is not None}
    part = lists.Slice(query.page_size, position_of(query.cursor))
    found = lists.list_users(asked.context, asked.caller, equal, part)
    items = [UserAnswer.of(each.id, contents(each)) for each in found.snapshots]
    return Page[UserAnswer](items=items, cursor=cursor_of(found.next))


def _get(asked: Asked[UserPath, Nothing, Nothing]) -> UserInFull:
    seen = reading.get_user(asked.context, asked.caller, asked.path.user_id)
    holder = seen.holder
    zone = zone_of(holder.account, holder.policy)
    usage = UsageAnswer.about(holder.account, seen.quota, zone, holder.now)
    return UserInFull.about(holder.account, holder.seen.data, usage, holder.now)


def _subscriptions(asked: Asked[UserPath, Paged, Nothing]) -> Page[SubscriptionRecord]:
    query = asked.query
    part = lists.Slice(query.page_size, position_of(query.cursor))
    found = lists.list_subscriptions_of(asked.context, asked.caller, asked.path.user_id, part)
    items = [SubscriptionRecord.of(each.id, contents(each)) for each in found.snapshots]
    return Page[SubscriptionRecord](items=items, cursor=cursor_of(found.next))


ROUTES = (
    Route("GET", "/users", Permission.VIEW_USERS, "Users by id, also by email, role or own plan.",
          _list, Page[UserAnswer], query=UsersQuery),
    Route("GET", "/users/{userId}", Permission.VIEW_USERS, "A user, and all that decides about their quota.",
          _get, UserInFull, path=UserPath),
    Route("GET", "/users/{userId}/subscriptions", Permission.VIEW_SUBSCRIPTIONS,
          "The user's subscriptions, by id.",
          _subscriptions, Page[SubscriptionRecord], path=UserPath, query=Paged),
)  # fmt: skip
