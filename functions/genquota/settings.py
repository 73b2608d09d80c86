"""All settings; no other module reads params or the environment.

Values come from `functions/.env` (and `.env.<project>`), which the Firebase CLI loads. Function options
get the param objects, because a deployment reads them before any value is known; requests read values
through `policy()` and its neighbours.
"""

import os
from datetime import timedelta
from functools import cache
from typing import Any, TypeAlias

from genquota.domain.bounds import MAX_HOLD_SECONDS
from genquota.domain.feed import MAX_FEED_LENGTH, FeedRules, LiveFeed
from genquota.domain.policy import BUILT_IN_TYPES, Policy
from genquota.domain.quota.rolling import find_zone
from genquota.domain.texts import normalize_email
from genquota.params import BoolParam, IntParam, SecretParam, StringParam

DEFAULT_PLAN = StringParam("DEFAULT_PLAN", default="free")
FREE_PLAN_FOR = StringParam("FREE_PLAN_FOR", default="everyone")
DEFAULT_TIMEZONE = StringParam("DEFAULT_TIMEZONE", default="UTC")
WEEK_START = StringParam("WEEK_START", default="monday")
TYPES = StringParam("TYPES", default="")
HOLD_SECONDS = IntParam("HOLD_SECONDS", default=900)
LATE_SUCCESS = StringParam("LATE_SUCCESS", default="charge")
REPORTS = StringParam("REPORTS", default="owner")
RENEWAL_GRACE_HOURS = IntParam("RENEWAL_GRACE_HOURS", default=24)
PAST_DUE_GRACE_HOURS = IntParam("PAST_DUE_GRACE_HOURS", default=-1)
PLAN_CACHE_SECONDS = IntParam("PLAN_CACHE_SECONDS", default=60)
NOTICES = StringParam("NOTICES", default="stored")
CALLS_PER_MINUTE = IntParam("CALLS_PER_MINUTE", default=1200)
SERVICE_ACCOUNTS = StringParam("SERVICE_ACCOUNTS", default="")
SERVICE_AUDIENCE = StringParam("SERVICE_AUDIENCE", default="")
GOOGLE_CERTS_URL = StringParam(
    "GOOGLE_CERTS_URL", default="https://www.googleapis.com/oauth2/v1/certs"
)
RETENTION_DAYS = IntParam("RETENTION_DAYS", default=90)
RECONCILE = StringParam("RECONCILE", default="report")
LIVE_FEED = StringParam("LIVE_FEED", default="off")
FEED_HOURS = IntParam("FEED_HOURS", default=24)
FEED_HIDDEN_WORDS = StringParam("FEED_HIDDEN_WORDS", default="")
ANALYTICS = StringParam("ANALYTICS", default="admins")
ENFORCE_APP_CHECK = BoolParam("ENFORCE_APP_CHECK", default=False)
TEST_CLOCK = BoolParam("TEST_CLOCK", default=False)

Secret: TypeAlias = SecretParam
EMAIL_HASH_KEY = SecretParam("EMAIL_HASH_KEY")
SECRETS_OF_CALLABLES = [EMAIL_HASH_KEY]
"""Any of them may be a user's first call."""

STRIPE_API_BASE = StringParam("STRIPE_API_BASE", default="")

REGION = StringParam("REGION", default="us-central1")
MIN_INSTANCES = IntParam("MIN_INSTANCES", default=0)
MAX_INSTANCES = IntParam("MAX_INSTANCES", default=20)
CONCURRENCY = IntParam("CONCURRENCY", default=80)

_OF_POLICY: tuple[StringParam | IntParam, ...] = (
    *(DEFAULT_PLAN, FREE_PLAN_FOR, DEFAULT_TIMEZONE, WEEK_START, TYPES, HOLD_SECONDS, LATE_SUCCESS),
    *(REPORTS, RENEWAL_GRACE_HOURS, PAST_DUE_GRACE_HOURS, PLAN_CACHE_SECONDS, NOTICES),
    *(RETENTION_DAYS, RECONCILE, LIVE_FEED, FEED_HOURS, FEED_HIDDEN_WORDS, ANALYTICS),
)
_FREE_FOR = ("everyone", "verified")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class BadSetting(RuntimeError):
    """A setting has a value that means nothing, or one that is dangerous here."""


def policy() -> Policy:
    """Return the settings that decisions depend on.

    Raises:
        BadSetting: One of them means nothing; every call is refused until it is mended.
    """
    is_instance = os.environ.get("K_SERVICE")
    return _policy_of_instance() if is_instance else _policy(*map(_value_of, _OF_POLICY))


@cache
def _policy_of_instance() -> Policy:  # whose environment does not change
    return _policy(*map(_value_of, _OF_POLICY))


@cache
def _policy(  # noqa: PLR0913, PLR0917 - one for each of _OF_POLICY, in their order
    default_plan: str,
    free_plan_for: str,
    default_timezone: str,
    week_start: str,
    types: str,
    hold_seconds: int,
    late_success: str,
    reports: str,
    renewal_grace_hours: int,
    past_due_grace_hours: int,
    plan_cache_seconds: int,
    notices: str,
    retention_days: int,
    reconcile: str,
    live_feed: str,
    feed_hours: int,
    feed_hidden_words: str,
    analytics: str,
) -> Policy:
    default_plan, week_start = default_plan.strip(), week_start.lower()
    if find_zone(default_timezone) is None:
        raise BadSetting("DEFAULT_TIMEZONE must be an IANA time zone")
    patience = _within("PAST_DUE_GRACE_HOURS", past_due_grace_hours, -1, 24 * 365)
    feed = FeedRules(
        LiveFeed(_one_of("LIVE_FEED", live_feed, tuple(LiveFeed))),
        timedelta(hours=_within("FEED_HOURS", feed_hours, 1, 24 * MAX_FEED_LENGTH.days)),
        frozenset(word.casefold() for word in _listed(feed_hidden_words)),
    )
    return Policy(
        default_plan=None if default_plan in ("", "none") else default_plan,
        default_plan_is_for_everyone=_one_of("FREE_PLAN_FOR", free_plan_for, _FREE_FOR)
        == "everyone",
        default_timezone=default_timezone,
        week_start=_DAYS.index(_one_of("WEEK_START", week_start, _DAYS)),
        types=BUILT_IN_TYPES | set(_listed(types)),
        hold=timedelta(seconds=_within("HOLD_SECONDS", hold_seconds, 1, MAX_HOLD_SECONDS)),
        charge_late_success=_one_of("LATE_SUCCESS", late_success, ("charge", "forgive"))
        == "charge",
        owners_report_results=_one_of("REPORTS", reports, ("owner", "service")) == "owner",
        renewal_grace=timedelta(hours=_within("RENEWAL_GRACE_HOURS", renewal_grace_hours, 0, 720)),
        past_due_grace=None if patience < 0 else timedelta(hours=patience),
        plan_cache=timedelta(seconds=_within("PLAN_CACHE_SECONDS", plan_cache_seconds, 0, 86_400)),
        notices_are_kept=_one_of("NOTICES", notices, ("off", "stored", "push")) != "off",
        retention=timedelta(days=_within("RETENTION_DAYS", retention_days, 30, 365 * 10)),
        feed=feed,
        repairs_drift=_one_of("RECONCILE", reconcile, ("report", "repair")) == "repair",
        analytics_are_public=_one_of("ANALYTICS", analytics, ("admins", "public")) == "public",
    )


def provider_secret(name: str) -> Secret:
    """Declare a secret of a payment provider; each stands in its provider's folder."""
    return SecretParam(name)


def secret(param: SecretParam) -> str | None:
    """Return a secret; None if it is missing or set to `off`."""
    value = param.value.strip()
    return None if value in ("", "off") else value


def project_id() -> str | None:
    """Return the project that the functions run in; None leaves it to Google's libraries."""
    return os.environ.get("GCLOUD_PROJECT") or os.environ.get("GOOGLE_CLOUD_PROJECT")


def firebase_options() -> dict[str, str] | None:
    """Return options for the Admin SDK; None: it reads the platform's FIREBASE_CONFIG."""
    project = project_id()
    if os.environ.get("FIREBASE_CONFIG") or project is None:
        return None
    # Untold, it looks for credentials first: 12 seconds of the first call where there are none.
    return {"projectId": project}


def is_demo() -> bool:
    """Return whether this is an emulator's project, which no real service knows."""
    return (project_id() or "").startswith("demo-")


def notices_are_pushed() -> bool:
    return NOTICES.value == "push"


def fcm_emulator() -> str | None:
    """Return `host:port` of what stands in for Firebase Cloud Messaging, in a `demo-` project only."""
    return (os.environ.get("FCM_EMULATOR_HOST") or None) if is_demo() else None


def app_check_is_enforced() -> bool:
    return _true_or_false(ENFORCE_APP_CHECK)


def calls_per_minute() -> int:
    """Return how many calls a caller may make in a minute (0 = any), or raise `BadSetting`."""
    return _within("CALLS_PER_MINUTE", _value_of(CALLS_PER_MINUTE), 0, 1_000_000)


def service_accounts() -> frozenset[str]:
    """Return the emails of the service accounts that may call the HTTP API, in lower case."""
    return frozenset(map(normalize_email, _listed(SERVICE_ACCOUNTS.value)))


def service_audiences() -> list[str]:
    """Return whom a service account's token must be meant for: by default, the project."""
    return _listed(SERVICE_AUDIENCE.value) or [project_id() or "genquota"]


def clock_travels() -> bool:
    return _true_or_false(TEST_CLOCK)


def refuse_unsafe_environment() -> None:
    """Refuse to start where tests' privileges would meet real users. Called when `main` is imported.

    Raises:
        BadSetting: Time travel is on outside an emulator with a `demo-` project, or tokens would be
            believed unsigned in a deployed function.
    """
    emulated = bool(os.environ.get("FIRESTORE_EMULATOR_HOST")) and is_demo()
    # .value would be the default while a deployment discovers the functions, which is no danger.
    if os.environ.get("TEST_CLOCK", "").lower() in ("true", "1") and not emulated:
        raise BadSetting("TEST_CLOCK works only with the Firestore emulator and a demo- project")
    deployed = os.environ.get("K_SERVICE") and not os.environ.get("FUNCTIONS_EMULATOR")
    if deployed and os.environ.get("FIREBASE_AUTH_EMULATOR_HOST"):
        raise BadSetting("FIREBASE_AUTH_EMULATOR_HOST must not be set in a deployed function")


def _value_of(param: StringParam | IntParam) -> Any:  # noqa: ANN401 - of the param's type
    try:
        return param.value
    except ValueError:
        raise BadSetting(f"{param.name} must be a whole number") from None


def _true_or_false(param: BoolParam) -> bool:
    # The SDK takes every word but "true" for false, which would turn "yes" into no.
    _one_of(param.name, os.environ.get(param.name, "false").lower(), ("true", "false"))
    return param.value


def _listed(text: str) -> list[str]:
    return [name for each in text.split(",") if (name := each.strip())]


def _one_of(name: str, value: str, words: tuple[str, ...]) -> str:
    if value not in words:
        raise BadSetting(f"{name} must be one of {', '.join(words)}")
    return value


def _within(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise BadSetting(f"{name} must be from {least} to {most}")
    return value
