"""`restore-user`: let a deleted uid sign up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genquota.domain.texts import is_document_name
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.operators.restore_user import restore_user
from ops.command import Command, CommandError, Session

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def restore(session: Session, args: Namespace) -> int:
    """Lift the tombstone; what the user had used of running windows counts on.

    Raises:
        CommandError: That can be nobody's uid.
    """
    if not is_document_name(args.uid):
        raise CommandError("--uid: no uid")
    audit = AuditContext(args.note, dry_run=session.dry_run)
    changed = restore_user(session.context, None, args.uid, audit)
    if changed.edit.is_noop:
        session.say(f"user {args.uid}: is not deleted")
    elif session.dry_run:
        session.say(f"user {args.uid}: could sign up again")
    else:
        session.say(f"user {args.uid}: may sign up again (audit entry {changed.audit_id})")
    return 0


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--uid", required=True, help="the user's id")
    parser.add_argument("--note", required=True, help="why, for the audit log")


RESTORE_USER = Command(
    "restore-user",
    "Let a deleted user sign up again, with what they had used.",
    restore,
    _options,
)
