"""The live feed by way of the HTTP API: what apps and servers get, and how operators remove from it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import order

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App

URL = "https://cdn.example/fox.png"


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVE_FEED", "named")


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


def _generate(app: App, key: str = "k", **fields: Any) -> str:  # noqa: ANN401 - JSON
    id_ = app.ask("create_generation", **order(key, **fields))["generationId"]
    app.ask("update_generation", generationId=id_, generationStatus="success", imageUrl=URL)
    return str(id_)


def _mine(app: App, path: str = "/api/live-generations") -> list[dict[str, Any]]:
    return [each for each in app.get(path)["items"] if each["userId"] in (app.uid, None)]


@pytest.mark.usefixtures("named")
def test_an_entry_by_name(app: App) -> None:
    app.ask("update_profile", displayName="Ada L.")
    id_ = _generate(app, promptText="a fox, ada@example.com", engine="flux")
    (shown,) = _mine(app)
    assert shown == {
        "id": id_,
        "userId": app.uid,
        "userName": "Ada L.",
        "userPhotoUrl": None,
        "type": "image",
        "prompt": "a fox, …",
        "engine": "flux",
        "previewUrl": URL,
        "status": "completed",
        "timestamp": shown["timestamp"],
        "updatedAt": shown["updatedAt"],
    }
    assert app.get("/api/live-generations")["mode"] == "named"
    assert _mine(app, "/api/live-generations?type=video") == []


def test_a_feed_that_is_off_says_so_and_shows_nothing(app: App, db: Client) -> None:
    _generate(app)
    assert app.get("/api/live-generations") == {"mode": "off", "items": []}
    id_ = f"live-{app.uid}"
    db.document(f"live_generations/{id_}").set({"userName": "left over"})
    assert app.get("/api/live-generations") == {"mode": "off", "items": []}


@pytest.mark.usefixtures("named")
def test_who_leaves_is_gone_when_the_call_returns(app: App) -> None:
    _generate(app)
    assert len(_mine(app)) == 1
    app.ask("update_profile", preferences={"hideFromFeed": True})
    assert _mine(app) == []


@pytest.mark.usefixtures("named")
def test_an_operator_removes_an_entry(app: App, admin: App, db: Client) -> None:
    id_ = _generate(app)
    path = f"/api/live-generations/{id_}?note=rude"
    tried = admin.api("DELETE", f"{path}&dryRun=true").json
    assert (tried["changed"], tried["auditId"], len(_mine(app))) == (True, None, 1)
    done = admin.api("DELETE", path).json
    assert (done["changed"], done["action"], done["userId"]) == (True, "remove-from-feed", app.uid)
    assert _mine(app) == []
    entry = db.document(f"auditLog/{done['auditId']}").get()
    assert (entry.get("note"), entry.get("userId")) == ("rude", app.uid)
    again = admin.api("DELETE", path).json
    assert (again["changed"], again["auditId"]) == (False, None)


def test_what_is_not_there_cannot_be_removed(admin: App) -> None:
    missing = admin.api("DELETE", "/api/live-generations/g0?note=rude")
    assert (missing.http, missing.reason) == (404, "generation-not-found")
    silent = admin.api("DELETE", "/api/live-generations/g0")
    assert (silent.http, silent.reason) == (400, "invalid-argument")


@pytest.mark.parametrize("query", ["?type=poem", "?limit=5", "?type=image&type=video"])
def test_other_questions_are_refused(app: App, query: str) -> None:
    answer = app.api("GET", f"/api/live-generations{query}")
    assert (answer.http, answer.reason) == (400, "invalid-argument")


def test_who_is_not_signed_in_sees_nothing(app: App) -> None:
    assert app.api("GET", "/api/live-generations", Authorization=None).reason == "not-signed-in"
