"""A caller who calls too often is refused, in front of callables and API, without a read."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from genquota.store import rpc
from tests.functions.app import App, order
from tests.functions.error_table import details_of
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from google.cloud.firestore import Client


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLS_PER_MINUTE", "3")


@pytest.mark.usefixtures("three")
def test_calls_of_both_kinds_are_counted_together_and_refused_without_a_read(app: App) -> None:
    app.ask("check_limit")
    app.get(f"/api/usage-tracking/limits/{app.uid}")
    app.ask("get_usage")
    with counting(rpc._client(app.project)) as calls:
        refused = [
            app.call("check_limit", {}),
            app.call("create_generation", order()),
            app.api("GET", "/api/plans"),
        ]
    assert calls == Calls()
    for answer in refused:
        details = details_of(answer, "rate-exceeded")
        assert (details["window"], details["limit"], details["remaining"]) == ("minute", 3, 0)
        assert 1 <= details["retryAfterSeconds"] <= 22
    assert app.of(f"{app.uid}-other").call("check_limit", {}).http == 200


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("role", ["service", "admin"])
def test_services_and_admins_are_not_counted_once_they_were_seen(
    app: App, db: Client, role: str
) -> None:
    db.document(f"users/{app.uid}").set({"role": role})
    assert {app.call("check_limit", {}).http for _ in range(10)} == {200}
    db.document(f"users/{app.uid}").set({"role": "user"})
    outcomes = [app.call("check_limit", {}).http for _ in range(10)]
    assert outcomes.count(429) >= 5


@pytest.mark.usefixtures("three")
def test_who_is_not_signed_in_is_counted_by_address(app: App) -> None:
    address = f"203.0.113.{secrets.randbelow(250)}, 198.51.{secrets.randbelow(250)}.7"

    def call(function: str, forwarded: str, token: str | None) -> str:
        headers = {"X-Forwarded-For": forwarded, "Authorization": token}
        if function == "api":
            return app.send("api", method="GET", path="/api/plans", headers=headers).reason
        return app.call(function, {}, headers=headers).reason

    fields = [call("check_limit", address, None), call("api", address, "Bearer x")]
    fields += [call("get_usage", address, "Bearer x"), call("api", address, None)]
    fields += [call("check_limit", address, None)]
    assert fields == ["not-signed-in"] * 3 + ["rate-exceeded"] * 2
    # What stands before the last address may be made up, and does not help.
    made_up = address.replace("203.0.113", "192.0.2")
    assert call("api", made_up, None) == "rate-exceeded"
    assert call("api", "198.51.100.255", None) == "not-signed-in"
    assert app.call("check_limit", {}, headers={"X-Forwarded-For": address}).http == 200


def test_none_is_counted_where_the_setting_is_0(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLS_PER_MINUTE", "3")
    for _ in range(4):
        last = app.call("check_limit", {})
    assert last.http == 429
    monkeypatch.setenv("CALLS_PER_MINUTE", "0")
    assert {app.call("check_limit", {}).http for _ in range(5)} == {200}


def test_two_hundred_calls_of_one_user_at_once_pass_as_shipped(app: App) -> None:
    app.ask("check_limit")
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: app.call("check_limit", {}).http, range(200)))
    assert answers == [200] * 200
