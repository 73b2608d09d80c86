"""`override`: change the terms of many users at once, for a time if wanted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genquota.domain.changes.overrides import PLAN_NAME
from genquota.domain.errors import (
    AccountDeleted,
    GenquotaError,
    IdempotencyMismatch,
    InvalidArgument,
    PlanNotFound,
    UserNotFound,
)
from genquota.domain.texts import is_document_name
from genquota.messages.operators.changes import LimitTerms
from genquota.messages.requests.values import Id  # noqa: TC001 - pydantic needs it at run time
from genquota.store.plans.subscribers import users_on_plan
from genquota.triggers.runtime import parse_request
from genquota.use_cases.core.request_context import AuditContext
from ops.command import Command, CommandError, Session, why
from ops.override_user import override_user

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from genquota.domain.changes.overrides import LimitChanges

PAGE = 200
_AT_ONCE = 8
_WRONG_COMMAND = (InvalidArgument, PlanNotFound, IdempotencyMismatch)


class OverrideTerms(LimitTerms):
    """What an override may say: limits, and the plan to have meanwhile."""

    plan_id: Id | None = None

    def changes(self) -> LimitChanges:
        """Return what was named, null included."""
        changes = super().changes()
        if "plan_id" not in self.model_fields_set:
            return changes
        return replace(changes, values={**changes.values, PLAN_NAME: self.plan_id})


def override(session: Session, args: Namespace) -> int:
    """Lay the override on each user, page by page; whoever has it already is passed over.

    Raises:
        CommandError: What is asked for makes no sense.
    """
    terms = _terms(args)
    key = args.key or _key_of(terms)
    try:
        asked = parse_request(OverrideTerms, terms).changes()
    except InvalidArgument as wrong:
        raise CommandError(f"override: {why(wrong)}") from wrong
    audit = AuditContext(args.note, session.dry_run)
    plan_id: str | None = args.everybody_on

    def lay(uid: str) -> str:
        try:
            done = override_user(
                session.context, None, uid, asked, key, audit, only_on_plan=plan_id
            )
        except (UserNotFound, AccountDeleted):
            return "not there"
        except _WRONG_COMMAND:
            raise
        except GenquotaError as refused:
            session.say(f"{uid}: {refused.reason}")
            return "failed"
        if done.audit_id or (session.dry_run and not done.edit.is_noop):
            return "would change" if session.dry_run else "changed"
        return "had it already" if done.edit.after else "on another plan"

    counts: Counter[str] = Counter()
    session.say(f"key: {key}")
    try:
        for page in _pages(session, args):
            with ThreadPoolExecutor(_AT_ONCE) as at_once:
                counts.update(at_once.map(lay, page))
            session.say(_said(counts))
    except _WRONG_COMMAND as wrong:
        raise CommandError(f"override: {why(wrong)}") from wrong
    if not counts:
        session.say("nobody")
    return int(counts["failed"] > 0)


def _pages(session: Session, args: Namespace) -> Iterator[list[str]]:
    if args.everybody_on is None:
        uids = list(dict.fromkeys(_ids(args.users)))
        yield from (uids[start : start + PAGE] for start in range(0, len(uids), PAGE))
        return
    last: str | None = None
    while page := users_on_plan(session.context.db, args.everybody_on, PAGE, last):
        yield page
        last = page[-1]


def _ids(path: Path) -> Iterable[str]:
    """Read uids, one a line; empty lines and what follows a # are left out.

    Raises:
        CommandError: The file cannot be read, or a line is no uid.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as failed:
        raise CommandError(f"{path}: {failed.strerror}") from failed
    for number, line in enumerate(lines, start=1):
        uid = line.partition("#")[0].strip()
        if uid and not is_document_name(uid):
            raise CommandError(f"{path}, line {number}: no uid")
        if uid:
            yield uid


def _terms(args: Namespace) -> dict[str, Any]:
    given = {
        "planId": args.plan,
        "limits": _json("--limits", args.limits),
        "limitsByType": _json("--limits-by-type", args.limits_by_type),
        "rates": _json("--rates", args.rates),
        "overage": args.overage,
    }
    terms = {name: value for name, value in given.items() if value is not None}
    if not terms:
        raise CommandError(
            "Say what to change: --plan, --limits, --limits-by-type, --rates, --overage"
        )
    return terms | ({"expiresAt": args.until.isoformat()} if args.until else {})


def _json(option: str, text: str | None) -> Any:  # noqa: ANN401 - JSON
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as malformed:
        raise CommandError(f"{option}: no JSON; write it as '{{\"period\": 20}}'") from malformed


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _key_of(terms: dict[str, Any]) -> str:
    """Name what is asked for, so that asking again is the same."""
    text = json.dumps(terms, sort_keys=True, default=str)
    return f"override-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


def _options(parser: ArgumentParser) -> None:
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--users", type=Path, metavar="FILE", help="uids, one a line")
    who.add_argument("--everybody-on", metavar="PLAN", help="everybody who has that plan now")
    parser.add_argument("--plan", help="the plan they shall have")
    parser.add_argument("--limits", metavar="JSON", help='such as \'{"period": 20, "day": -1}\'')
    parser.add_argument(
        "--limits-by-type", metavar="JSON", help='such as \'{"video": {"day": 2}}\''
    )
    parser.add_argument("--rates", metavar="JSON", help='such as \'{"minute": 5, "maxOpen": 3}\'')
    parser.add_argument("--overage", type=int, metavar="N", help="credits beyond the limits")
    parser.add_argument(
        "--until",
        type=_instant,
        metavar="TIME",
        help="when it ends: 2027-01-31, or a whole instant (UTC)",
    )
    parser.add_argument("--note", required=True, help="why, for the audit log")
    parser.add_argument(
        "--key",
        help="names this action; the same key again changes nobody twice (default: from the terms)",
    )


OVERRIDE = Command(
    "override", "Change the plan, limits or rates of many users, for a time.", override, _options
)
