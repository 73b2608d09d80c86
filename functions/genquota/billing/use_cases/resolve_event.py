"""Resolve a provider's event that could not be matched.

Its effect is that of an event of which all was known from the start.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from genquota.billing.domain.provider_events import NamedBy, ProviderEvent
from genquota.billing.domain.subscription_facts import SoldPlan
from genquota.billing.store.receipts import Receipt, ReceiptStatus, read_receipt, receipt_path_of
from genquota.billing.use_cases.apply_event import Resolution, apply_event
from genquota.billing.use_cases.event_context import EventContext
from genquota.billing.use_cases.event_writes import TOO_MANY_GRANTS, UNKNOWN_CUSTOMER
from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import (
    AccountDeleted,
    InvalidArgument,
    NotFound,
    PlanNotFound,
    UserNotFound,
)
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.domain.texts import is_document_name
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.user_document import UserDocument
from genquota.use_cases.core.authorized_read import authorize_read, authorize_read_in
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, actor_of
from genquota.use_cases.core.user_state import find_plan


@dataclass(frozen=True, slots=True)
class ResolveCommand:
    """What is missing of an event, in an operator's words. None: nothing is said of that."""

    user_id: str | None = None
    """Whose it is."""
    plan_id: str | None = None
    """The plan that its products are, this once."""
    pack_id: str | None = None
    """The pack that was bought, this once."""


@dataclass(frozen=True, slots=True)
class ResolveResult:
    """What resolving an event did, or in a dry run would do."""

    audit: AuditContext
    receipt_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    is_noop: bool
    """It was dealt with before: nothing was written."""
    audit_id: str | None


def resolve_event(
    context: Context,
    operator: Caller | None,
    receipt_id: str,
    answer: ResolveCommand,
    audit: AuditContext,
) -> ResolveResult:
    """Apply an event again, with what an operator adds to it.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        receipt_id: Of the event, `{provider}_{eventId}`.
        answer: What was missing; nothing, if it was the catalogue or room for a grant.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        NotFound: There is no such receipt, or no such pack.
        UserNotFound, PlanNotFound: There is nobody or nothing of that name.
        AccountDeleted: The user was deleted; the event waits on.
        InvalidArgument: Something is still missing, or the receipt is of a release that kept no events.
        GenquotaError: The operator is no admin, or the store did not answer.
    """
    if not is_document_name(receipt_id):
        raise NotFound
    path = receipt_path_of(receipt_id)
    seen = read_receipt(
        authorize_read(context, operator, Permission.RESOLVE_EVENT, paths=[path]).found[path]
    )
    if seen is None:
        raise NotFound
    before = {"status": seen.status, "problem": seen.problem, "userId": seen.user_id}
    if seen.status != ReceiptStatus.UNMATCHED:
        return ResolveResult(audit, receipt_id, before, before, is_noop=True, audit_id=None)
    if seen.event is None:
        message = "its event was not kept: send it again from the provider's dashboard"
        raise InvalidArgument((("", message),))
    event = _with_command(seen.event, answer)
    outcome: dict[str, Any] = {}

    def finish(transaction: Transaction, event_context: EventContext, receipt: Receipt) -> None:
        # Whoever is no admin any more when it is committed is refused.
        authorize_read_in(transaction, context, operator, Permission.RESOLVE_EVENT)
        if answer.user_id:
            _check_user(event_context.user(answer.user_id))
        if receipt.status is ReceiptStatus.UNMATCHED:
            raise InvalidArgument((_missing(receipt),))
        outcome["after"] = {
            "status": receipt.status.value,
            "problem": receipt.problem,
            "userId": receipt.user_id,
        }
        named = {"planId": answer.plan_id, "packId": answer.pack_id}
        known = {name: value for name, value in named.items() if value is not None}
        entry = AuditEntry(
            at=context.clock.at(event_context.found),
            actor_id=actor_of(operator),
            action=AuditAction.RESOLVE_EVENT,
            note=audit.note,
            user_id=receipt.user_id,
            before={"receiptId": receipt_id, **before},
            after={**outcome["after"], **known},
        )
        if audit.dry_run:
            transaction.discard()
        else:
            outcome["audit_id"] = write_audit_entry(transaction, entry)

    plan = _plan(context, answer.plan_id)
    applied = apply_event(context, event, resolution=Resolution(plan, finish))
    if applied.status is None:  # somebody else has resolved it meanwhile
        return ResolveResult(audit, receipt_id, before, before, is_noop=True, audit_id=None)
    audit_id = outcome.get("audit_id")
    return ResolveResult(
        audit, receipt_id, before, outcome["after"], is_noop=False, audit_id=audit_id
    )


def _with_command(event: ProviderEvent, answer: ResolveCommand) -> ProviderEvent:
    """Return the event with what the operator says of it.

    Raises:
        InvalidArgument: It is not about that.
    """
    if answer.user_id:
        event = replace(
            event, user_id=answer.user_id, named_by=NamedBy.OPERATOR, candidates=(), aliases=()
        )
    if answer.pack_id:
        if event.purchase is None:
            raise InvalidArgument((("packId", "the event is about nothing that is sold once"),))
        purchase = replace(event.purchase, pack_id=answer.pack_id)
        event = replace(event, purchase=purchase, subscription=None)
    if answer.plan_id and not event.products:
        raise InvalidArgument((("planId", "the event names no product of a subscription"),))
    return event


def _check_user(user: UserDocument) -> None:
    """Check that something can be given to a user.

    Raises:
        UserNotFound: There is none.
        AccountDeleted: They were deleted.
    """
    if not user.exists:
        raise UserNotFound
    if user.account.is_deleted:
        raise AccountDeleted


def _plan(context: Context, plan_id: str | None) -> SoldPlan | None:
    if plan_id is None:
        return None

    def attempt(transaction: Transaction) -> SoldPlan:
        plan = find_plan(context, transaction, plan_id, {})
        if plan is None:
            raise PlanNotFound
        return SoldPlan(plan.id, plan.rank)

    return run_transaction(context.db, attempt)


def _missing(receipt: Receipt) -> tuple[str, str]:
    if receipt.problem == UNKNOWN_CUSTOMER:
        return "userId", "nothing says whose it is: name the user"
    if receipt.problem == TOO_MANY_GRANTS:
        return "", "the user has as many live grants as they may: revoke some first"
    return "planId", "no plan or pack names what was bought: name one, or edit the catalogue first"
