"""Permissions: one table of who may do what, read by the HTTP API, callables, use-cases and tests."""

from collections.abc import Mapping
from enum import StrEnum, auto


class Who(StrEnum):
    """Who has a permission; the value says so in documentation."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    SELF = "the user"
    SELF_SERVICE_ADMIN = "the user, services, admins"
    SELF_ADMIN = "the user, admins"
    SERVICE_ADMIN = "services, admins"
    ADMIN = "admins"


class Permission(StrEnum):
    """What a caller may be allowed to do."""

    VIEW_DESCRIPTION = auto()
    """Of the deployment: its health, settings and OpenAPI document."""
    ACT_FOR_USER = auto()
    """Check, create, report on and hide generations, read usage, change the profile."""
    TRACK_GENERATION = auto()
    NAME_CREDITS = auto()
    """Say what a generation costs."""
    REPORT_RESULT = auto()
    """Report a result where the policy does not believe owners."""
    REGISTER_DEVICE = auto()
    EXPORT_OWN_DATA = auto()
    DELETE_OWN_DATA = auto()
    VIEW_PLANS = auto()
    VIEW_INACTIVE_PLANS = auto()
    VIEW_LIVE_FEED = auto()
    LOOK_UP_GENERATION = auto()
    """Ask for one by its id; whether it is shown is `VIEW_GENERATIONS`."""
    VIEW_GENERATIONS = auto()
    VIEW_ALL_GENERATIONS = auto()
    HIDE_GENERATION = auto()
    VIEW_SUBSCRIPTIONS = auto()
    VIEW_USER_ANALYTICS = auto()
    VIEW_PUBLIC_ANALYTICS = auto()
    VIEW_ANALYTICS = auto()
    VIEW_USERS = auto()
    """All that is kept of users' quotas: documents, grants, holds, timelines, forecasts."""
    VIEW_OPERATIONS = auto()
    """Audit log, jobs, webhook events, lists of subscriptions."""
    CHANGE_USER = auto()
    EXPORT_USER_DATA = auto()
    DELETE_USER = auto()
    RESTORE_USER = auto()
    CHANGE_PLANS = auto()
    REMOVE_FROM_FEED = auto()
    RESOLVE_EVENT = auto()
    RUN_JOB = auto()


PERMISSIONS: Mapping[Permission, Who] = {
    Permission.VIEW_DESCRIPTION: Who.ANYBODY,
    Permission.ACT_FOR_USER: Who.SELF_SERVICE_ADMIN,
    Permission.TRACK_GENERATION: Who.SERVICE_ADMIN,
    Permission.NAME_CREDITS: Who.SERVICE_ADMIN,
    Permission.REPORT_RESULT: Who.SERVICE_ADMIN,
    Permission.REGISTER_DEVICE: Who.SELF,
    Permission.EXPORT_OWN_DATA: Who.SELF,
    Permission.DELETE_OWN_DATA: Who.SELF,
    Permission.VIEW_PLANS: Who.SIGNED_IN,
    Permission.VIEW_INACTIVE_PLANS: Who.ADMIN,
    Permission.VIEW_LIVE_FEED: Who.SIGNED_IN,
    Permission.LOOK_UP_GENERATION: Who.SIGNED_IN,
    Permission.VIEW_GENERATIONS: Who.SELF_ADMIN,
    Permission.VIEW_ALL_GENERATIONS: Who.ADMIN,
    Permission.HIDE_GENERATION: Who.SELF_ADMIN,
    Permission.VIEW_SUBSCRIPTIONS: Who.SELF_ADMIN,
    Permission.VIEW_USER_ANALYTICS: Who.SELF_ADMIN,
    Permission.VIEW_PUBLIC_ANALYTICS: Who.SIGNED_IN,
    Permission.VIEW_ANALYTICS: Who.ADMIN,
    Permission.VIEW_USERS: Who.ADMIN,
    Permission.VIEW_OPERATIONS: Who.ADMIN,
    Permission.CHANGE_USER: Who.ADMIN,
    Permission.EXPORT_USER_DATA: Who.ADMIN,
    Permission.DELETE_USER: Who.ADMIN,
    Permission.RESTORE_USER: Who.ADMIN,
    Permission.CHANGE_PLANS: Who.ADMIN,
    Permission.REMOVE_FROM_FEED: Who.ADMIN,
    Permission.RESOLVE_EVENT: Who.ADMIN,
    Permission.RUN_JOB: Who.ADMIN,
}
