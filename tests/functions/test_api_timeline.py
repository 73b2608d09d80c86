"""`GET /api/users/{userId}/timeline`. It is always Monday, March 15th 2027, 09:00 UTC."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from genquota.use_cases.reading import timeline
from tests.functions.app import order
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App

pytestmark = pytest.mark.usefixtures("travel")
NOW = "2027-03-15T09:00:00Z"


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


def test_an_admin_is_told_how_a_counter_came_to_what_it_shows(app: App, admin: App) -> None:
    opened = app.ask("create_generation", **order("done", count=2))["generationId"]
    url = "https://cdn.example.com/fox.png"
    done = {"generationId": opened, "generationStatus": "success", "imageUrl": url}
    app.ask("update_generation", **done)
    admin.api("PUT", f"/api/users/{app.uid}/limits", {"limits": {"day": 9}, "note": "more"})
    answer = admin.get(f"/api/users/{app.uid}/timeline")
    operator, charged, held, began = answer.pop("items")
    assert answer.pop("asOf")
    assert answer == {
        "userId": app.uid,
        "window": "period",
        "start": "2027-03-01T00:00:00Z",
        "end": "2027-04-01T00:00:00Z",
        "isRunning": True,
        "used": 2,
        "open": 0,
        "check": {"addsUp": True, "used": 0, "open": 0, "byType": {}},
        "previous": None,
        "cursor": None,
    }
    nothing: dict[str, object] = {
        "used": 0,
        "open": 0,
        "type": None,
        "grants": 0,
        "generationId": None,
        "planId": None,
        "errorMessage": None,
        "grantId": None,
        "credits": None,
        "auditId": None,
        "action": None,
        "actorId": None,
        "note": None,
        "before": {},
        "after": {},
    }
    of_it = {**nothing, "at": NOW, "type": "image", "generationId": opened, "planId": "free"}
    start = {**nothing, "at": "2027-03-01T00:00:00Z", "usedAfter": 0, "openAfter": 0}
    assert began == {**start, "kind": "began"}
    assert held == {**of_it, "kind": "held", "open": 2, "usedAfter": 0, "openAfter": 2}
    charge = {"used": 2, "open": -2, "usedAfter": 2, "openAfter": 0}
    assert charged == {**of_it, "kind": "charged", **charge}
    assert (operator["kind"], operator["action"], operator["note"], operator["after"]) == (
        "operator",
        "set-limits",
        "more",
        {"day": 9},
    )


def test_pages_go_on_where_the_one_before_ended(
    app: App, admin: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        app.ask("create_generation", **order(str(number)))
    path = f"/api/users/{app.uid}/timeline?window=day"
    whole = admin.get(path)
    monkeypatch.setattr(timeline, "PAGE", 3)
    first = admin.get(path)
    last = admin.get(f"{path}&cursor={first['cursor']}")
    assert (first["check"], last["cursor"]) == (None, None)
    assert [*first["items"], *last["items"]] == whole["items"]
    assert (last["check"], last["open"]) == (whole["check"], 4)


@pytest.mark.parametrize(
    "query",
    [
        "window=hour",
        "window=",
        "before=yesterday",
        "cursor=",
        "cursor=x",
        "cursor=WyJbXSJd",  # ["[]"]
        "cursor=W251bGxd",  # [null]
        "cursor=WyJbWzEsMiwzXSxmYWxzZSxbe30se30se31dLFt7fSx7fSx7fV0se31dIl0",
    ],
)
def test_what_is_no_window_and_no_cursor_is_refused(app: App, admin: App, query: str) -> None:
    app.ask("check_limit")
    details_of(admin.api("GET", f"/api/users/{app.uid}/timeline?{query}"), "invalid-argument")


def test_a_window_that_nothing_is_known_of_is_not_found(app: App, admin: App) -> None:
    app.ask("check_limit")
    answer = admin.api("GET", f"/api/users/{app.uid}/timeline?before=2020-01-01T00:00:00Z")
    details_of(answer, "not-found")
