"""Reset the usage of a running window to zero."""

from genquota.domain.audit_actions import RESETS
from genquota.domain.changes.adjustments import reset_window
from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext, RequestContext
from genquota.use_cases.core.user_state import UserState
from genquota.use_cases.operators.change_user import ChangeResult, ChangeSet, change_user


def reset_usage(
    context: Context, operator: Caller | None, user_id: str, window: Window, audit: AuditContext
) -> ChangeResult:
    """Set the used credits of a running window to zero. Open holds stay, other windows too.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        window: `month` means the period where the plan limits no month.
        audit: The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: The window is none that can be reset.
        GenquotaError: See `change_user`.
    """
    if window not in RESETS:
        raise InvalidArgument((("window", "can't be reset"),))

    def change(_transaction: Transaction, request: RequestContext) -> ChangeSet:
        user = request.user
        which = _meant(window, user)
        counter = user.account.windows[which]
        facts = {"window": which.value, "start": counter.span.start}
        used = {type_: credits for type_, credits in counter.used.items() if credits}
        return ChangeSet(
            RESETS[window],
            reset_window(user.account, which),
            {**facts, "used": used},
            {**facts, "used": {}},
            is_noop=not used,
        )

    return change_user(context, operator, user_id, audit, change)


def _meant(window: Window, user: UserState) -> Window:
    is_limited = user.plan is not None and (Window.MONTH, None) in user.plan.limits
    return Window.PERIOD if window is Window.MONTH and not is_limited else window
