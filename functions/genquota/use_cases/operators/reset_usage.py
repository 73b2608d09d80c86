"""Set what a user has used in a running window back to zero."""

from genquota.domain.audit_actions import AuditAction
from genquota.domain.changes.adjustments import reset_window
from genquota.domain.errors import InvalidArgument
from genquota.domain.words import Window
from genquota.store.transaction import Transaction
from genquota.use_cases.core.access import Case
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Present
from genquota.use_cases.operators.change_user import Changed, Edit, change_user

_ACTIONS = {
    Window.DAY: AuditAction.RESET_DAILY,
    Window.WEEK: AuditAction.RESET_WEEKLY,
    Window.MONTH: AuditAction.RESET_MONTHLY,
    Window.QUARTER: AuditAction.RESET_QUARTERLY,
    Window.PERIOD: AuditAction.RESET_PERIOD,
}
"""The windows that can be reset, and what that is called."""


def reset_usage(
    context: Context, operator: Caller | None, user_id: str, window: Window, deed: Deed
) -> Changed:
    """Set the used credits of a running window to zero. Open holds stay, other windows too.

    Args:
        context: The deployment.
        operator: An admin; None is the command line.
        user_id: Whose.
        window: `month` means the period where the plan limits no month.
        deed: What the audit log is told.

    Raises:
        InvalidArgument: The window is none that can be reset.
        GenquotaError: See `change_user`.
    """
    if window not in _ACTIONS:
        raise InvalidArgument((("window", "can't be reset"),))

    def change(_transaction: Transaction, case: Case) -> Edit:
        holder = case.holder
        which = _meant(window, holder)
        counter = holder.account.windows[which]
        facts = {"window": which.value, "start": counter.span.start}
        used = {type_: credits for type_, credits in counter.used.items() if credits}
        return Edit(
            _ACTIONS[window],
            reset_window(holder.account, which),
            {**facts, "used": used},
            {**facts, "used": {}},
            is_done=not used,
        )

    return change_user(context, operator, user_id, deed, change)


def _meant(window: Window, holder: Present) -> Window:
    is_limited = holder.plan is not None and (Window.MONTH, None) in holder.plan.limits
    return Window.PERIOD if window is Window.MONTH and not is_limited else window
