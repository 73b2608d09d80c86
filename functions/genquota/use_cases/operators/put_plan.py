"""Create or replace a plan."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import Conflict, InvalidArgument
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.domain.texts import is_document_name
from genquota.store.audit_log import AuditEntry, write_audit_entry
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.plans.plan_document import read_plan_document, write_plan
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.authorized_read import authorize_read_in
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, actor_of


@dataclass(frozen=True, slots=True)
class PutPlanResult:
    """What writing a plan did, or in a dry run would do."""

    audit: AuditContext
    plan_id: str
    before: Mapping[str, Any]
    """What the plan said until now of what changes; empty if it is new."""
    after: Mapping[str, Any]
    document: Mapping[str, Any]
    """All that it says now, with its `version`."""
    is_noop: bool
    """It said so before: nothing was written."""
    audit_id: str | None


def put_plan(
    context: Context,
    operator: Caller | None,
    plan_id: str,
    terms: Mapping[str, Any],
    audit: AuditContext,
) -> PutPlanResult:
    """Replace a plan's terms. Users' counters are not touched.

    Instances that remember the plan obey within `PLAN_CACHE_SECONDS`, this one at once.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        plan_id: Which.
        terms: The fields of a plan document, as `PlanTerms` has validated them. `version`, if it is
            there, must be the one that the plan has: so no edit overwrites another unseen.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: A plan cannot have that id.
        Conflict: It was edited since its `version` was read.
        GenquotaError: The operator is no admin, or the store did not answer.
    """
    if not is_document_name(plan_id):
        raise InvalidArgument((("planId", "no name of a document"),))

    def attempt(transaction: Transaction) -> PutPlanResult:
        path = plan_path(plan_id)
        reader = authorize_read_in(
            transaction, context, operator, Permission.CHANGE_PLANS, paths=[path]
        )
        seen = read_plan_document(reader.found[path])
        base = terms.get("version")
        if base is not None and base != seen.version:
            raise Conflict(seen.version)
        fields = {name: value for name, value in terms.items() if name != "version"}
        is_noop = seen.snapshot.exists and fields == seen.terms
        changed = {
            name
            for name in fields.keys() | seen.terms.keys()
            if fields.get(name) != seen.terms.get(name)
        }
        before = {name: seen.terms[name] for name in changed & seen.terms.keys()}
        after = {name: fields.get(name) for name in changed}
        if is_noop:
            document = {**fields, "version": seen.version}
            return PutPlanResult(
                audit, plan_id, before, after, document, is_noop=True, audit_id=None
            )
        version = write_plan(transaction, seen, fields)
        entry = AuditEntry(
            at=reader.now,
            actor_id=actor_of(operator),
            action=AuditAction.PUT_PLAN,
            note=audit.note,
            before={"planId": plan_id, "version": seen.version, **before},
            after={"planId": plan_id, "version": version, **after},
        )
        audit_id = None
        if audit.dry_run:
            transaction.discard()
        else:
            audit_id = write_audit_entry(transaction, entry)
        document = {**fields, "version": version}
        return PutPlanResult(
            audit, plan_id, before, after, document, is_noop=False, audit_id=audit_id
        )

    result = run_transaction(context.db, attempt)
    plan_cache(context.db).forget(plan_id)
    return result
