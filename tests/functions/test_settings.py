"""Settings: each has a shipped value and a page, a bad one refuses, a dangerous one keeps us closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from firebase_functions.params import Param

from dev.env_files import read_env_file
from dev.setup import ROOT
from genquota import settings
from genquota.settings import BadSetting
from tests.functions.app import SCHEDULES, App, order
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.captured_logs import CapturedLogs

OF_THE_CONTRACT = {
    "DEFAULT_PLAN",
    "DEFAULT_TIMEZONE",
    "FREE_PLAN_FOR",
    "NOTICES",
    "WEEK_START",
    "TYPES",
    "HOLD_SECONDS",
    "LATE_SUCCESS",
    "REPORTS",
    "RENEWAL_GRACE_HOURS",
    "PLAN_CACHE_SECONDS",
    "CALLS_PER_MINUTE",
    "SERVICE_ACCOUNTS",
    "SERVICE_AUDIENCE",
    "GOOGLE_CERTS_URL",
    "RETENTION_DAYS",
    "LIVE_FEED",
    "FEED_HOURS",
    "FEED_HIDDEN_WORDS",
    "ENFORCE_APP_CHECK",
    "REGION",
    "MIN_INSTANCES",
    "MAX_INSTANCES",
    "CONCURRENCY",
    "TEST_CLOCK",
}
BEYOND_THE_CONTRACT = {
    "ANALYTICS",
    "RECONCILE",
    "PAST_DUE_GRACE_HOURS",
    "STRIPE_API_BASE",
}
PARAMS = {name: value for name, value in vars(settings).items() if isinstance(value, Param)}
SHIPPED = read_env_file(ROOT / "functions" / ".env")
BAD = {
    "FREE_PLAN_FOR": ("friends", "must be one of everyone, verified"),
    "NOTICES": ("on", "must be one of off, stored, push"),
    "DEFAULT_TIMEZONE": ("Mars/Olympus", "must be an IANA time zone"),
    "WEEK_START": ("mon", "must be one of monday, tuesday, wednesday"),
    "HOLD_SECONDS": ("0", "must be from 1 to 86400"),
    "LATE_SUCCESS": ("yes", "must be one of charge, forgive"),
    "REPORTS": ("anyone", "must be one of owner, service"),
    "RENEWAL_GRACE_HOURS": ("-1", "must be from 0 to 720"),
    "PAST_DUE_GRACE_HOURS": ("-2", "must be from -1 to 8760"),
    "RETENTION_DAYS": ("29", "must be from 30 to 3650"),
    "LIVE_FEED": ("on", "must be one of off, anonymous, named"),
    "FEED_HOURS": ("169", "must be from 1 to 168"),
    "RECONCILE": ("always", "must be one of report, repair"),
    "ANALYTICS": ("everybody", "must be one of admins, public"),
    "PLAN_CACHE_SECONDS": ("a minute", "must be a whole number"),
    "CALLS_PER_MINUTE": ("-1", "must be from 0 to 1000000"),
    "ENFORCE_APP_CHECK": ("yes", "must be one of true, false"),
    "TEST_CLOCK": ("maybe", "must be one of true, false"),
}


def test_the_code_reads_the_settings_of_the_contract() -> None:
    assert PARAMS.keys() == OF_THE_CONTRACT | BEYOND_THE_CONTRACT
    assert all(param.name == name for name, param in PARAMS.items())


def test_every_setting_has_a_shipped_value_so_that_a_deployment_asks_for_none() -> None:
    assert SHIPPED.keys() == {*PARAMS, "THREADS"}


def test_a_function_alone_runs_with_the_values_that_are_shipped() -> None:
    default = {name: str(param.default) for name, param in PARAMS.items()}
    shipped = {name: SHIPPED[name] for name in default}
    for switch in ("ENFORCE_APP_CHECK", "TEST_CLOCK"):
        shipped[switch] = shipped[switch].capitalize()
    assert default == shipped


def test_the_runtime_starts_as_many_threads_as_it_is_sent_requests() -> None:
    assert SHIPPED["THREADS"] == SHIPPED["CONCURRENCY"] == "80"


def test_every_setting_has_its_line_in_the_documentation() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert [name for name in SHIPPED if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_refuses_every_call_and_says_why_in_the_log(
    app: App, db: Client, monkeypatch: pytest.MonkeyPatch, captured_logs: CapturedLogs, name: str
) -> None:
    value, message = BAD[name]
    before = contents(db)
    monkeypatch.setenv(name, value)
    details_of(app.call("create_generation", order()), "internal")
    assert f"genquota.settings.BadSetting: {name} {message}" in captured_logs.text
    assert contents(db) == before
    if name not in ("ENFORCE_APP_CHECK", "CALLS_PER_MINUTE"):
        assert [app.send(job).http for job in SCHEDULES] == [500] * len(SCHEDULES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOLD_SECONDS", "86401"),
        ("HOLD_SECONDS", ""),
        ("HOLD_SECONDS", "15.5"),
        ("RENEWAL_GRACE_HOURS", "721"),
        ("PLAN_CACHE_SECONDS", "-1"),
        ("DEFAULT_TIMEZONE", ""),
        ("DEFAULT_TIMEZONE", "../UTC"),
        ("WEEK_START", ""),
        ("REPORTS", "OWNER"),
    ],
)
def test_a_value_that_means_nothing_is_no_policy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"^{name} must be "):
        settings.policy()


def test_settings_are_obeyed_from_the_next_call(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CLOCK", "true")
    monkeypatch.setenv("DEFAULT_PLAN", "plus")
    monkeypatch.setenv("DEFAULT_TIMEZONE", "Asia/Kolkata")
    quota = app.ask("check_limit")
    assert quota["limit"] == 100
    assert quota["windows"][0]["resetsAt"].endswith("T18:30:00Z")


UNSAFE = "TEST_CLOCK works only with the Firestore emulator and a demo- project"
UNSIGNED = "FIREBASE_AUTH_EMULATOR_HOST must not be set in a deployed function"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TEST_CLOCK": "true", "FIRESTORE_EMULATOR_HOST": None}, UNSAFE),
        ({"TEST_CLOCK": "true", "FIRESTORE_EMULATOR_HOST": ""}, UNSAFE),
        ({"TEST_CLOCK": "true", "GCLOUD_PROJECT": "genquota-live"}, UNSAFE),
        ({"TEST_CLOCK": "true", "GCLOUD_PROJECT": None}, UNSAFE),
        ({"TEST_CLOCK": "TRUE", "GCLOUD_PROJECT": "my-demo-project"}, UNSAFE),
        ({"K_SERVICE": "check-limit"}, UNSIGNED),
        ({"K_SERVICE": "check-limit", "GCLOUD_PROJECT": "genquota-live"}, UNSIGNED),
    ],
)
def test_where_tests_privileges_would_meet_real_users_nothing_starts(
    app: App, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], message: str
) -> None:
    for name, value in changes.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refusal:
        App(app.project, app.uid).client_of("check_limit")
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "changes",
    [
        {"TEST_CLOCK": "true"},
        {"TEST_CLOCK": "false", "GCLOUD_PROJECT": "genquota-live"},
        {"K_SERVICE": "check-limit", "FUNCTIONS_EMULATOR": "true"},
    ],
)
def test_where_they_would_not_everything_starts(
    app: App, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    app = App(app.project, app.uid)
    app.client_of("check_limit")
    assert app.clients.keys() == {"check_limit"}
