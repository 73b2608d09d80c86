"""Actions of the audit log. Each verb of operators owns one of them."""

from enum import StrEnum


class AuditAction(StrEnum):
    """The `action` of an audit entry. Names are never reused: entries are kept for good."""

    SET_PLAN = "set-plan"
    SET_LIMITS = "set-limits"
    OVERRIDE_MANY = "override-many"
    SET_ROLE = "set-role"
    SET_TIMEZONE = "set-timezone"
    SET_DISABLED = "set-disabled"
    GIVE_GRANT = "give-grant"
    REVOKE_GRANT = "revoke-grant"
    RESET_DAILY = "reset-daily"
    RESET_WEEKLY = "reset-weekly"
    RESET_MONTHLY = "reset-monthly"
    RESET_QUARTERLY = "reset-quarterly"
    RESET_PERIOD = "reset-period"
    REFUND_GENERATION = "refund-generation"
    PUT_SUBSCRIPTION = "put-subscription"
    DELETE_SUBSCRIPTION = "delete-subscription"
    DELETE_USER = "delete-user"
    RESTORE_USER = "restore-user"
    RESOLVE_EVENT = "resolve-event"
    HIDE_GENERATION = "hide-generation"
    REMOVE_FROM_FEED = "remove-from-feed"
    PUT_PLAN = "put-plan"
    RUN_JOB = "run-job"
