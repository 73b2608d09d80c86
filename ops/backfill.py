"""`backfill`: for an app that had users, and perhaps generations, before it had Genquota."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from firebase_admin import auth

from genquota.store.jobs.checkpoints import read_checkpoint, write_checkpoint
from genquota.use_cases.core.context import Caller
from ops.command import Command
from ops.importing.import_generations import (
    NAME,
    BackfillReport,
    NewUser,
    backfill_generations,
    backfill_users,
)
from ops.importing.old_records import OldRecords

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ops.command import Session

_AT_ONCE = 100
_A_RUN = timedelta(minutes=5)
_AS_SHIPPED = OldRecords()


def backfill(session: Session, args: Namespace) -> int:
    """Make the documents of all users of Firebase Auth; with --generations, count what they had."""
    failed = _users(session, anew=args.anew)
    if args.generations:
        failed += _generations(session, _records(args), anew=args.anew)
    return int(failed > 0)


def _users(session: Session, *, anew: bool) -> int:
    db, report = session.context.db, BackfillReport()
    token = None if anew or session.dry_run else read_checkpoint(db, NAME).get("pageToken")
    page = auth.list_users(page_token=token)
    while True:
        people = [_newcomer(each) for each in page.users]
        for first in range(0, len(people), _AT_ONCE):
            some = people[first : first + _AT_ONCE]
            backfill_users(session.context, some, report, dry_run=session.dry_run)
        if not session.dry_run:
            write_checkpoint(db, NAME, {"pageToken": page.next_page_token or None})
        _say(session, "users", report)
        page = page.get_next_page()
        if page is None:
            return report.failed


def _generations(session: Session, records: OldRecords, *, anew: bool) -> int:
    total = BackfillReport()
    if anew and not session.dry_run:
        write_checkpoint(session.context.db, NAME, {"after": None})
    while not total.finished:
        report = backfill_generations(session.context, records, _A_RUN, dry_run=session.dry_run)
        total.users += report.users
        total.written += report.written
        total.failed += report.failed
        total.finished = report.finished
        _say(session, "users looked at for older generations", total)
    return total.failed


def _say(session: Session, what: str, report: BackfillReport) -> None:
    done = "would be written" if session.dry_run else "written"
    session.say(
        f"backfill: {report.users} {what}, {report.written} {done}, {report.failed} passed over"
    )


def _newcomer(account: auth.UserRecord) -> NewUser:
    created = account.user_metadata.creation_timestamp
    caller = Caller(
        account.uid,
        account.email,
        account.display_name,
        account.photo_url,
        is_verified=bool(account.email_verified or account.phone_number),
    )
    return NewUser(caller, datetime.fromtimestamp(created / 1000, UTC) if created else None)


def _records(args: Namespace) -> OldRecords:
    return OldRecords(
        collection=args.collection,
        user_field=args.user_field,
        created_field=args.created_field,
        status_field=args.status_field,
        success_values=frozenset(args.success_value or _AS_SHIPPED.success_values),
        open_values=frozenset(args.open_value or _AS_SHIPPED.open_values),
        type_field=args.type_field,
        credits_field=args.credits_field,
    )


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--anew", action="store_true", help="begin with the first user again")
    parser.add_argument(
        "--generations", action="store_true", help="also count generations from before Genquota"
    )
    names = parser.add_argument_group("where those are, and what their fields are called")
    for option, default in (
        ("--collection", _AS_SHIPPED.collection),
        ("--user-field", _AS_SHIPPED.user_field),
        ("--created-field", _AS_SHIPPED.created_field),
        ("--status-field", _AS_SHIPPED.status_field),
        ("--type-field", _AS_SHIPPED.type_field),
        ("--credits-field", None),
    ):
        shown = default or "none: each costs one credit"
        names.add_argument(option, default=default, help=f"({shown})")
    names.add_argument("--success-value", action="append", help="a status that is a success")
    names.add_argument("--open-value", action="append", help="a status that has not ended")


BACKFILL = Command(
    "backfill",
    "Make documents for all users of Firebase Auth, and count what they had before Genquota.",
    backfill,
    _options,
    needs_accounts=True,
)
