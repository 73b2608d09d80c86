"""`admin`: make somebody an admin, by email. How the first one comes to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firebase_admin import auth

from genquota.domain.enums import Role
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.texts import normalize_email
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import user_path
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations.check_limit import check_limit
from genquota.use_cases.operators.set_role import set_role
from ops.command import Command, CommandError, Session

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def make_admin(session: Session, args: Namespace) -> int:
    """Give the role to whoever has signed up with that email."""
    account = _account(session, args.email)
    if not account.email_verified:
        session.say("Note: nobody has verified that email; whoever signed up first has it.")
    caller = Caller(account.uid, account.email, account.display_name, account.photo_url)
    path = user_path(account.uid)
    if not Transaction(session.context.db).read([path])[path].exists:
        if session.dry_run:
            session.say(f"user {account.uid}: has no document yet; it would be made, as an admin's")
            return 0
        check_limit(
            session.context, caller, None, QuotaRequest()
        )  # makes it, as the first call would
    audit = AuditContext(args.note, dry_run=session.dry_run)
    changed = set_role(session.context, None, account.uid, Role.ADMIN, audit)
    if changed.edit.is_noop:
        session.say(f"user {account.uid}: is an admin already")
    elif session.dry_run:
        session.say(f"user {account.uid}: would become an admin")
    else:
        session.say(f"user {account.uid}: is an admin now (audit entry {changed.audit_id})")
    return 0


def _account(session: Session, email: str) -> auth.UserRecord:
    try:
        return auth.get_user_by_email(normalize_email(email))
    except auth.UserNotFoundError as missing:
        raise CommandError(
            f"Nobody has signed up with {email} in {session.project}: sign up in the app first."
        ) from missing
    except ValueError as malformed:
        raise CommandError(f"{email} is no email.") from malformed


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--email", required=True, help="whose sign-in it is")
    parser.add_argument("--note", default="make admin", help="why, for the audit log")


ADMIN = Command(
    "admin", "Make a user an admin, by email.", make_admin, _options, needs_accounts=True
)
