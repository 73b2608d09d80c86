"""Set a user's time zone."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import InvalidArgument
from genquota.domain.quota.rolling import find_zone
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def set_timezone(
    context: Context,
    operator: Caller | None,
    user_id: str,
    timezone: str | None,
    audit: AuditContext,
) -> ChangeResult:
    """Set the zone; it shapes the windows that begin after those now running.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        timezone: IANA name; None: `DEFAULT_TIMEZONE`.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: There is no such zone.
        GenquotaError: See `change_user`.
    """
    if timezone is not None and find_zone(timezone) is None:
        raise InvalidArgument((("timezone", "no IANA time zone"),))

    def change(_transaction: Transaction, request: RequestContext) -> ChangeSet:
        before = request.user.account
        return ChangeSet(
            AuditAction.SET_TIMEZONE,
            replace(before, timezone=timezone),
            {"timezone": before.timezone},
            {"timezone": timezone},
            is_noop=before.timezone == timezone,
        )

    return change_user(context, operator, user_id, audit, change)
