"""`?at=`: what an admin is told of a later instant. It is always Monday, March 15th 2027, 09:00 UTC."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from tests.functions.app import order
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App

pytestmark = pytest.mark.usefixtures("travel")
ROUTES = ("can-generate", "comprehensive")


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


@pytest.mark.parametrize("route", ROUTES)
def test_an_admin_is_told_what_would_be_so_then(app: App, admin: App, route: str) -> None:
    app.ask("create_generation", **order(count=8))
    path = f"/api/usage-tracking/{route}/{app.uid}"

    def answers(query: str) -> list[object]:
        answer = admin.get(path + query)
        return [answer[name] for name in ("userId", "reserved", "remaining", "resetsAt")]

    assert answers("") == [app.uid, 8, 2, "2027-04-01T00:00:00Z"]
    assert answers("?at=2027-03-15T09:00:00Z") == answers("")
    assert answers("?at=2027-03-15T10:15:00%2B01:00") == [app.uid, 0, 10, "2027-04-01T00:00:00Z"]
    assert answers("?at=2027-04-01T00:00:00Z") == [app.uid, 0, 10, "2027-05-01T00:00:00Z"]
    assert answers("") == [app.uid, 8, 2, "2027-04-01T00:00:00Z"]


def test_what_would_be_asked_for_may_be_named(app: App, admin: App) -> None:
    app.ask("create_generation", **order(count=8))
    path = f"/api/usage-tracking/can-generate/{app.uid}?type=video&count=3"
    assert admin.get(path)["canGenerate"] is False
    assert admin.get(f"{path}&at=2027-03-16T00:00:00Z")["canGenerate"] is True


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "at", ["2027-03-15T08:59:59Z", "2038-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "tomorrow", ""]
)
def test_an_instant_that_has_passed_or_is_none_is_refused(
    app: App, admin: App, route: str, at: str
) -> None:
    app.ask("check_limit")
    answer = admin.api("GET", f"/api/usage-tracking/{route}/{app.uid}?at={at}")
    (field,) = details_of(answer, "invalid-argument")["fields"]
    assert field["path"] == "at"


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_else_is_told(app: App, db: Client, route: str) -> None:
    app.ask("check_limit")
    robot = app.of(f"robot-{app.uid}")
    db.document(f"users/{robot.uid}").set({"role": "service"})
    for caller in (app, robot):
        path = f"/api/usage-tracking/{route}/{app.uid}"
        assert caller.api("GET", path).http == 200
        details_of(caller.api("GET", f"{path}?at=2027-04-01T00:00:00Z"), "not-allowed")


@pytest.mark.parametrize("route", ["daily-usage", "monthly-usage", "limits"])
def test_the_parts_are_as_of_now(app: App, admin: App, route: str) -> None:
    app.ask("check_limit")
    path = f"/api/usage-tracking/{route}/{app.uid}?at=2027-04-01T00:00:00Z"
    details_of(admin.api("GET", path), "invalid-argument")
