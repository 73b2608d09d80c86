"""List users, subscriptions, audit log, webhook events: one query and one read of the caller."""

from datetime import datetime

from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.listing import Listing, Position
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.reading.pages import DocumentPage, read_document_page


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list."""

    limit: int
    after: Position | None = None


def list_users(
    context: Context, caller: Caller | None, equal: dict[str, object], part: PageRequest
) -> DocumentPage:
    """Return users by id, those with the values of ``equal`` (fields of their documents) only."""
    return _listed(context, caller, Listing("users", equal), part)


def list_subscriptions(
    context: Context,
    caller: Caller | None,
    equal: dict[str, object],
    ends_before: datetime | None,
    part: PageRequest,
) -> DocumentPage:
    """Return subscriptions, those that end first before all; those without an end come first."""
    listing = Listing("subscriptions", equal, by="currentPeriodEnd", until=ends_before)
    return _listed(context, caller, listing, part)


def list_subscriptions_of(
    context: Context, caller: Caller | None, user_id: str, part: PageRequest
) -> DocumentPage:
    """Return the subscriptions of one user, by id, to them and to admins."""
    authorize_read(context, caller, Permission.VIEW_SUBSCRIPTIONS, user_id)
    listing = Listing("subscriptions", {"userId": user_id})
    return read_document_page(context, listing, part.limit, part.after)


def list_audit_log(
    context: Context,
    caller: Caller | None,
    user_id: str | None,
    span: tuple[datetime | None, datetime | None],
    part: PageRequest,
) -> DocumentPage:
    """Return what operators did, newest first: all, or to one user; since (included) and until."""
    equal: dict[str, object] = {} if user_id is None else {"userId": user_id}
    listing = Listing("auditLog", equal, by="at", is_descending=True, since=span[0], until=span[1])
    return _listed(context, caller, listing, part)


def list_webhook_events(
    context: Context, caller: Caller | None, equal: dict[str, object], part: PageRequest
) -> DocumentPage:
    """Return receipts of providers' events, newest first."""
    listing = Listing("webhookEvents", equal, by="receivedAt", is_descending=True)
    return _listed(context, caller, listing, part)


def _listed(
    context: Context, caller: Caller | None, listing: Listing, part: PageRequest
) -> DocumentPage:
    authorize_read(context, caller, Permission.VIEW_OPERATIONS)
    return read_document_page(context, listing, part.limit, part.after)
