"""Actions of the audit log. Each verb of operators owns one of them."""

from enum import StrEnum

from genquota.domain.enums import Window


class AuditAction(StrEnum):
    """The `action` of an audit entry. Names are never reused: entries are kept for good."""

    SET_PLAN = "set-plan"
    """Put a user on a plan, or back on the one they have otherwise."""
    SET_LIMITS = "set-limits"
    """Replace limits, rates or overage of one user."""
    OVERRIDE_MANY = "override-many"
    """Replace plan, limits, rates or overage of many users."""
    SET_ROLE = "set-role"
    """Make a user an `admin`, a `service` or a plain `user`."""
    SET_TIMEZONE = "set-timezone"
    """Set the time zone of windows that begin from now on."""
    SET_DISABLED = "set-disabled"
    """Block a user from all functions, or unblock them."""
    GIVE_GRANT = "give-grant"
    """Give extra credits."""
    REVOKE_GRANT = "revoke-grant"
    """Take back the unspent credits of a grant."""
    RESET_DAILY = "reset-daily"
    """Set the day's used credits to zero."""
    RESET_WEEKLY = "reset-weekly"
    """Set the week's used credits to zero."""
    RESET_MONTHLY = "reset-monthly"
    """Set the month's used credits to zero; the period's if the plan limits no month."""
    RESET_QUARTERLY = "reset-quarterly"
    """Set the quarter's used credits to zero."""
    RESET_PERIOD = "reset-period"
    """Set the period's used credits to zero."""
    REFUND_GENERATION = "refund-generation"
    """Refund a settled generation."""
    PUT_SUBSCRIPTION = "put-subscription"
    """Create or change a manual subscription."""
    DELETE_SUBSCRIPTION = "delete-subscription"
    """End a manual subscription at once."""
    DELETE_USER = "delete-user"
    """Block a user permanently and delete their data."""
    RESTORE_USER = "restore-user"
    """Let a deleted user sign up again, with the usage they had."""
    RESOLVE_EVENT = "resolve-event"
    """Assign an unmatched payment event."""
    HIDE_GENERATION = "hide-generation"
    """Hide a user's generation from history and feed; by the user it leaves no entry."""
    REMOVE_FROM_FEED = "remove-from-feed"
    """Remove a generation from the live feed permanently."""
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
