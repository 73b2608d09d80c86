"""Set the time zone of a user's days, weeks and months."""

from dataclasses import replace

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import InvalidArgument
from genquota.domain.quota.rolling import find_zone
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.operators.change_user import Changed, Edit, change_user


def set_timezone(
    context: Context, operator: Caller | None, user_id: str, timezone: str | None, deed: Deed
) -> Changed:
    """Set the zone; it shapes the windows that begin after those now running.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        timezone: IANA name; None: `DEFAULT_TIMEZONE`.
        deed: What the audit log is told.

    Raises:
        InvalidArgument: There is no such zone.
        GenquotaError: See `change_user`.
    """
    if timezone is not None and find_zone(timezone) is None:
        raise InvalidArgument((("timezone", "no IANA time zone"),))

    def change(_transaction: Transaction, case: Case) -> Edit:
        before = case.holder.account
        return Edit(
            AuditAction.SET_TIMEZONE,
            replace(before, timezone=timezone),
            {"timezone": before.timezone},
            {"timezone": timezone},
            is_done=before.timezone == timezone,
        )

    return change_user(context, operator, user_id, deed, change)
