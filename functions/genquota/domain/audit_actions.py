"""Actions of the audit log. Each verb of operators owns one of them."""

from enum import StrEnum

from genquota.domain.enums import Window


class AuditAction(StrEnum):
    """The `action` of an audit entry. Names are never reused: entries are kept for good."""

    SET_PLAN = "set-plan"
    """Put a user on a plan, or back on the one they have without an operator."""
    SET_LIMITS = "set-limits"
    """Replace limits, rates or overage of one user."""
    OVERRIDE_MANY = "override-many"
    """Replace plan, limits, rates or overage of many users."""
    SET_ROLE = "set-role"
    """Make a user an `admin`, a `service` or a plain `user`."""
    SET_TIMEZONE = "set-timezone"
    """Set the time zone of windows that begin from now on; null is `DEFAULT_TIMEZONE`."""
    SET_DISABLED = "set-disabled"
    """Block a user from all functions with their next call, or unblock them; open generations stay open."""
    GIVE_GRANT = "give-grant"
    """Give extra credits."""
    REVOKE_GRANT = "revoke-grant"
    """Take back the unspent credits of a grant."""
    RESET_DAILY = "reset-daily"
    """Set the used credits of the running day to zero."""
    RESET_WEEKLY = "reset-weekly"
    """Set the used credits of the running week to zero."""
    RESET_MONTHLY = "reset-monthly"
    """Set the used credits of the running month to zero; of the period if the plan limits no month."""
    RESET_QUARTERLY = "reset-quarterly"
    """Set the used credits of the running quarter to zero."""
    RESET_PERIOD = "reset-period"
    """Set the used credits of the running period to zero."""
    REFUND_GENERATION = "refund-generation"
    """Give back what a settled generation was charged."""
    PUT_SUBSCRIPTION = "put-subscription"
    """Create or change a manual subscription."""
    DELETE_SUBSCRIPTION = "delete-subscription"
    """End a manual subscription at once."""
    DELETE_USER = "delete-user"
    """Block a user for good and delete their data."""
    RESTORE_USER = "restore-user"
    """Let a deleted user sign up again, with the usage they had; refused while the deletion is unfinished."""
    RESOLVE_EVENT = "resolve-event"
    """Assign a payment event that could not be matched."""
    HIDE_GENERATION = "hide-generation"
    """Hide a user's generation from history and feed; quota is untouched. Users' own leave no entry."""
    REMOVE_FROM_FEED = "remove-from-feed"
    """Remove a generation from the live feed, for good."""
    PUT_PLAN = "put-plan"
    """Create or replace a plan."""
    RUN_JOB = "run-job"
    """Run a job by hand."""


RESETS = {
    Window.DAY: AuditAction.RESET_DAILY,
    Window.WEEK: AuditAction.RESET_WEEKLY,
    Window.MONTH: AuditAction.RESET_MONTHLY,
    Window.QUARTER: AuditAction.RESET_QUARTERLY,
    Window.PERIOD: AuditAction.RESET_PERIOD,
}
"""What it is called to reset the used credits of each window of a limit."""
