"""create_generation, update_generation and delete_generation, to the letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import App, order
from tests.generation_fields import FULL_ORDER
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

pytestmark = pytest.mark.usefixtures("travel")

URL = "https://cdn.example.com/fox.png"


def _quota(app: App) -> Any:  # noqa: ANN401 - JSON
    return app.ask("check_limit")


def test_create_generation_opens_a_hold(app: App) -> None:
    result = app.call("create_generation", order()).result
    generation_id = result.pop("generationId")
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,128}", generation_id)
    quota = _quota(app)
    assert result == {
        "generationStatus": "pending",
        "credits": 1,
        "expiresAt": "2027-03-15T09:15:00Z",
        "replayed": False,
        "quota": quota,
    }
    numbers = ("limit", "used", "reserved", "remaining")
    assert [quota[name] for name in numbers] == [10, 0, 1, 9]


def test_create_generation_with_every_field_records_every_field(app: App, db: Client) -> None:
    generation_id = app.ask("create_generation", **FULL_ORDER)["generationId"]
    record = db.document(f"userGenerations/{generation_id}").get().to_dict() or {}
    fields = {name: value for name, value in FULL_ORDER.items() if name != "idempotencyKey"}
    assert {name: record[name] for name in fields} == fields
    shown = app.get(f"/api/generations/{generation_id}")
    assert {name: shown[name] for name in fields} == fields
    assert (record["id"], record["userId"], record["planId"]) == (generation_id, app.uid, "free")
    assert (record["credits"], record["charged"]) == (2, 0)


def test_create_generation_asked_again_answers_the_same_generation(app: App) -> None:
    first = app.ask("create_generation", **FULL_ORDER)
    again = app.ask("create_generation", **{**FULL_ORDER, "metadata": {"another": "screen"}})
    assert again == {**first, "replayed": True}


def test_create_generation_asked_again_after_the_end_tells_the_end(app: App) -> None:
    first = app.ask("create_generation", **order())
    app.ask("update_generation", generationId=first["generationId"], generationStatus="failed")
    again = app.ask("create_generation", **order())
    assert again == {
        "generationId": first["generationId"],
        "generationStatus": "failed",
        "credits": 1,
        "expiresAt": "2027-03-15T09:15:00Z",
        "replayed": True,
        "quota": _quota(app),
    }


def test_update_generation_success_charges(app: App) -> None:
    generation_id = app.ask("create_generation", **order(count=3))["generationId"]
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    answer = app.call("update_generation", report).result
    quota = app.ask("check_limit", count=3)
    assert answer == {
        "generationId": generation_id,
        "generationStatus": "success",
        "credits": 3,
        "charged": 3,
        "refunded": False,
        "quota": quota,
    }
    assert (quota["used"], quota["reserved"], quota["remaining"]) == (3, 0, 7)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_update_generation_failed_or_cancelled_gives_back(app: App, status: str) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    report = {"generationId": generation_id, "generationStatus": status, "errorMessage": "no GPU"}
    assert app.call("update_generation", report).result == {
        "generationId": generation_id,
        "generationStatus": status,
        "credits": 1,
        "charged": 0,
        "refunded": True,
        "quota": _quota(app),
    }
    assert _quota(app)["remaining"] == 10


def test_update_generation_processing_keeps_the_hold(app: App) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    report = {"generationId": generation_id, "generationStatus": "processing"}
    assert app.call("update_generation", report).result == {
        "generationId": generation_id,
        "generationStatus": "processing",
        "credits": 1,
        "charged": 0,
        "refunded": False,
        "quota": _quota(app),
    }
    assert _quota(app)["reserved"] == 1


def test_update_generation_records_outputs_and_adds_metadata(app: App, db: Client) -> None:
    generation_id = app.ask("create_generation", **FULL_ORDER)["generationId"]
    output = {
        "url": URL,
        "filename": "fox.png",
        "size": 9_007_199_254_740_993,
        "width": 1024,
        "height": 768,
        "durationMs": 1500,
    }
    app.ask(
        "update_generation",
        generationId=generation_id,
        generationStatus="success",
        outputs=[output, {"url": "gs://bucket/2.png"}],
        metadata={"processingTime": 900},
    )
    record = db.document(f"userGenerations/{generation_id}").get().to_dict() or {}
    assert record["outputs"] == [output, {"url": "gs://bucket/2.png"}]
    assert record["imageUrl"] == URL
    assert record["metadata"] == {"model": "m-1", "screen": "home", "processingTime": 900}


def test_update_generation_said_twice_answers_the_same_and_changes_nothing(
    app: App, db: Client
) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    first = app.ask("update_generation", **report)
    before = contents(db)
    assert app.ask("update_generation", **report) == first
    assert contents(db) == before


def test_delete_generation_hides_the_record_and_leaves_the_hold(app: App, db: Client) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    answer = app.call("delete_generation", {"generationId": generation_id})
    assert answer.result == {"generationId": generation_id}
    record = db.document(f"userGenerations/{generation_id}").get().to_dict() or {}
    assert record["isDeleted"] is True
    assert record["deletedAt"].isoformat() == "2027-03-15T09:00:00+00:00"
    assert _quota(app)["reserved"] == 1
    app.ask("delete_generation", generationId=generation_id)
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    assert app.ask("update_generation", **report)["charged"] == 1
