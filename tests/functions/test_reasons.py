"""Every reason of the contract's table is produced once by a whole request, and says what it should."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest

from genquota.store import rpc, transaction
from tests.functions.app import App, order
from tests.functions.error_table import ERRORS, details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

pytestmark = pytest.mark.usefixtures("travel")

URL = "https://cdn.example.com/fox.png"


def _plan(app: App, db: Client, **terms: Any) -> None:  # noqa: ANN401 - JSON
    plan_id = f"plan-{app.uid}"
    db.document(f"plans/{plan_id}").set({"limits": {}, **terms})
    db.document(f"users/{app.uid}").set({"planId": plan_id})


def test_quota_exceeded(app: App, db: Client) -> None:
    app.ask("create_generation", **order("won", count=4))
    app.ask("create_generation", **order("open", count=5))
    won = app.ask("create_generation", **order("won", count=4))["generationId"]
    app.ask("update_generation", generationId=won, generationStatus="success", imageUrl=URL)
    before = contents(db)
    answer = app.call("create_generation", order("too-much", count=2))
    assert details_of(answer, "quota-exceeded") == {
        "window": "period",
        "type": None,
        "limit": 10,
        "used": 4,
        "reserved": 5,
        "remaining": 1,
        "requested": 2,
        "resetsAt": "2027-04-01T00:00:00Z",
        "retryAfterSeconds": 1_436_400,
    }
    assert contents(db) == before


def test_quota_exceeded_where_waiting_cannot_help(app: App, db: Client) -> None:
    _plan(app, db, limitsByType={"video": {"day": 2}}, overage=1)
    answer = app.call("create_generation", order(type="video", count=4))
    details = details_of(answer, "quota-exceeded")
    assert (details["window"], details["type"], details["limit"]) == ("day", "video", 2)
    assert (details["resetsAt"], details["retryAfterSeconds"]) == (None, None)


def test_rate_exceeded(app: App, db: Client) -> None:
    _plan(app, db, rates={"minute": 1})
    app.ask("create_generation", **order("first"))
    before = contents(db)
    answer = app.call("create_generation", order("second"))
    assert details_of(answer, "rate-exceeded") == {
        "window": "minute",
        "type": None,
        "limit": 1,
        "used": 1,
        "reserved": 0,
        "remaining": 0,
        "requested": 1,
        "resetsAt": "2027-03-15T09:01:00Z",
        "retryAfterSeconds": 60,
    }
    assert contents(db) == before


def test_too_many_open(app: App, db: Client) -> None:
    _plan(app, db, rates={"maxOpen": 1})
    app.ask("create_generation", **order("first", count=3))
    before = contents(db)
    answer = app.call("create_generation", order("second"))
    assert details_of(answer, "too-many-open") == {
        "window": "open",
        "type": None,
        "limit": 1,
        "used": 0,
        "reserved": 1,
        "remaining": 0,
        "requested": 1,
        "resetsAt": "2027-03-15T09:15:00Z",
        "retryAfterSeconds": 900,
    }
    assert contents(db) == before


def test_no_plan(app: App, db: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    db.document(f"users/{app.uid}").set({"planId": "gold"})
    answer = app.call("create_generation", order())
    assert details_of(answer, "no-plan") == {"planId": "gold"}
    monkeypatch.setenv("DEFAULT_PLAN", "none")
    answer = app.of(f"new-{app.uid}").call("create_generation", order())
    assert details_of(answer, "no-plan") == {"planId": None}


def test_generation_closed(app: App, db: Client) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    app.ask("update_generation", generationId=generation_id, generationStatus="cancelled")
    before = contents(db)
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    answer = app.call("update_generation", report)
    assert details_of(answer, "generation-closed") == {"generationStatus": "cancelled"}
    assert contents(db) == before


def test_idempotency_mismatch(app: App, db: Client) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    before = contents(db)
    answer = app.call("create_generation", order(promptText="a wolf"))
    assert details_of(answer, "idempotency-mismatch") == {"generationId": generation_id}
    assert contents(db) == before


@pytest.mark.parametrize("function", ["update_generation", "delete_generation"])
def test_generation_not_found(app: App, db: Client, function: str) -> None:
    before = contents(db)
    report = {"generationStatus": "failed"} if function == "update_generation" else {}
    answer = app.call(function, {"generationId": "no-such", **report})
    details_of(answer, "generation-not-found")
    assert contents(db) == before


def test_user_not_found(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"role": "service"})
    details_of(app.call("get_usage", {"userId": "no-such-user"}), "user-not-found")


def test_invalid_argument(app: App) -> None:
    answer = app.call("check_limit", {"count": 11, "colour": "red"})
    assert details_of(answer, "invalid-argument") == {
        "fields": [
            {"path": "count", "message": "Input should be less than or equal to 10"},
            {"path": "colour", "message": "Extra inputs are not permitted"},
        ]
    }


def test_not_signed_in(app: App) -> None:
    answer = app.call("check_limit", {}, headers={"Authorization": None})
    assert details_of(answer, "not-signed-in") == {}


def test_app_not_verified(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENFORCE_APP_CHECK", "true")
    assert details_of(app.call("check_limit", {}), "app-not-verified") == {}


def test_not_allowed_where_only_services_report(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTS", "service")
    generation_id = app.ask("create_generation", **order())["generationId"]
    app.ask("update_generation", generationId=generation_id, generationStatus="processing")
    for status, more in (("success", {"imageUrl": URL}), ("failed", {}), ("cancelled", {})):
        report = {"generationId": generation_id, "generationStatus": status, **more}
        assert details_of(app.call("update_generation", report), "not-allowed") == {}
    pending = app.ask("create_generation", **order("pending"))["generationId"]
    app.ask("update_generation", generationId=pending, generationStatus="cancelled")


@pytest.mark.parametrize(
    ("mark", "reason"), [("disabled", "account-disabled"), ("isDeleted", "account-deleted")]
)
def test_a_barred_account(app: App, db: Client, mark: str, reason: str) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    db.document(f"users/{app.uid}").update({mark: True})
    before = contents(db)
    one = {"generationId": generation_id}
    for function, data in (
        ("check_limit", {}),
        ("create_generation", order("another")),
        ("update_generation", {**one, "generationStatus": "failed"}),
        ("get_usage", {}),
        ("delete_generation", one),
        ("update_profile", {"displayName": "Ann"}),
    ):
        assert details_of(app.call(function, data), reason) == {}
    assert contents(db) == before


def test_contention(app: App, db: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "TRIES", 1)
    app.ask("check_limit")
    user, is_over = db.document(f"users/{app.uid}"), threading.Event()

    def hammer() -> None:
        for beat in itertools.count():
            if is_over.is_set():
                return
            user.update({"beat": beat})

    rival = threading.Thread(target=hammer)
    rival.start()
    try:
        answers = (app.call("update_profile", {"displayName": f"n{n}"}) for n in range(200))
        overtaken = next(answer for answer in answers if answer.http != 200)
    finally:
        is_over.set()
        rival.join()
    assert details_of(overtaken, "contention") == {}


def test_unavailable(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "RPC_RETRY", rpc.RPC_RETRY.with_timeout(0.3))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    rpc._client.cache_clear()  # the next call connects anew, to where nobody listens
    try:
        assert details_of(app.call("check_limit", {}), "unavailable") == {}
    finally:
        rpc._client.cache_clear()


def test_internal(app: App, db: Client) -> None:
    app.ask("check_limit")
    db.document(f"users/{app.uid}").update({"quota": {"windows": "gibberish"}})
    request_id = details_of(app.call("check_limit", {}), "internal")["requestId"]
    assert len(request_id) == 32


def test_plan_not_found(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"role": "admin"})
    body = {"planId": "no-such-plan", "note": "a try"}
    answer = app.api("PUT", f"/api/users/{app.uid}/plan", body)
    details_of(answer, "plan-not-found")


def test_conflict(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"role": "admin"})
    path = f"/api/plans/{app.uid.lower()}"
    plan = {"limits": {"day": 1}, "active": False, "note": "a try"}
    assert app.api("PUT", path, plan).http == 200
    assert details_of(app.api("PUT", path, {**plan, "version": 7}), "conflict") == {"version": 1}


def test_not_found(app: App) -> None:
    details_of(app.api("GET", "/api/no-such-route"), "not-found")


def test_every_reason_of_the_table_has_a_test_here() -> None:
    barred = {"account-disabled", "account-deleted"}
    named = {name.removeprefix("test_").replace("_", "-") for name in globals()}
    untold = {
        reason
        for reason in ERRORS.keys() - barred
        if not any(name.startswith(reason) for name in named)
    }
    assert untold == set()
