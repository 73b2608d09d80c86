"""`resolve`: list the payment providers' events that could not be placed, or resolve one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genquota.billing.use_cases.resolve_event import ResolveCommand, resolve_event
from genquota.domain.errors import (
    AccountDeleted,
    InvalidArgument,
    NotFound,
    PlanNotFound,
    UserNotFound,
)
from genquota.store.documents import document_data
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.reading.lists import PageRequest, list_webhook_events
from ops.command import Command, CommandError, Session, why

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

PAGE = 100
_MISSING = {
    NotFound: "there is no such event, or no such pack",
    UserNotFound: "there is no such user",
    PlanNotFound: "there is no such plan",
    AccountDeleted: "this user was deleted",
}


def resolve(session: Session, args: Namespace) -> int:
    """Resolve the event that is named; without one, list those that wait.

    Raises:
        CommandError: Something is still missing; the text says what.
    """
    if args.event is None:
        return _list(session)
    if not args.note:
        raise CommandError("resolve: say why, with --note.")
    answer = ResolveCommand(args.user, args.plan, args.pack)
    audit = AuditContext(args.note, session.dry_run)
    try:
        resolved = resolve_event(session.context, None, args.event, answer, audit)
    except InvalidArgument as missing:
        raise CommandError(f"{args.event}: {why(missing)}.") from missing
    except tuple(_MISSING) as missing:
        raise CommandError(f"{args.event}: {_MISSING[type(missing)]}.") from missing
    status, user_id = resolved.after["status"], resolved.after["userId"]
    if resolved.is_noop:
        session.say(f"{args.event}: was {status} before; nothing was done")
    elif session.dry_run:
        session.say(f"{args.event}: would be {status}, of user {user_id}")
    else:
        session.say(f"{args.event}: {status}, of user {user_id} (audit entry {resolved.audit_id})")
    return 0


def _list(session: Session) -> int:
    after, count = None, 0
    while True:
        part = PageRequest(PAGE, after)
        found = list_webhook_events(session.context, None, {"status": "unmatched"}, part)
        for each in found.snapshots:
            data = document_data(each)
            about = data.get("subscriptionId") or data.get("paymentId") or "-"
            products = ", ".join(data.get("products") or ()) or "-"
            facts = (each.id, data.get("problem"), data.get("customerId") or "-", about, products)
            session.say("  ".join(map(str, facts)))
            count += 1
        after = found.next
        if after is None:
            break
    session.say(f"{count} waiting" if count else "nothing waits")
    return 0


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--event", help="its receipt, {provider}_{event id}; without one: list")
    parser.add_argument("--user", help="whose it is: the uid")
    parser.add_argument("--plan", help="the plan that its products are, this once")
    parser.add_argument("--pack", help="the pack that was bought, this once")
    parser.add_argument("--note", help="why, for the audit log")


def _writes(args: Namespace) -> bool:
    return args.event is not None


RESOLVE = Command(
    "resolve",
    "List payment events that could not be placed, or resolve one.",
    resolve,
    _options,
    writes=_writes,
)
