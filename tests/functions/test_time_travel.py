"""With TEST_CLOCK=true the document testClock/now is the time, for every function alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.functions.app import App, order
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    Travel = Callable[[datetime], None]

MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)
URL = "https://cdn.example.com/fox.png"


def _spend_all(app: App) -> None:
    generation_id = app.ask("create_generation", **order("spends-all", count=10))["generationId"]
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    app.ask("update_generation", **report)


def test_the_next_period_begins_when_the_clock_says_so(app: App, travel: Travel) -> None:
    _spend_all(app)
    assert app.ask("check_limit")["canGenerate"] is False
    travel(datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC))
    assert app.ask("check_limit")["resetsAt"] == "2027-04-01T00:00:00Z"
    travel(datetime(2027, 4, 1, tzinfo=UTC))
    quota = app.ask("check_limit")
    assert (quota["canGenerate"], quota["remaining"]) == (True, 10)
    assert quota["resetsAt"] == "2027-05-01T00:00:00Z"


def test_seconds_to_wait_are_counted_from_the_clock_in_errors_too(app: App, travel: Travel) -> None:
    _spend_all(app)
    travel(datetime(2027, 3, 31, 23, 59, tzinfo=UTC))
    assert app.ask("check_limit")["retryAfterSeconds"] == 60
    wait = details_of(app.call("create_generation", order("one-more")), "quota-exceeded")
    assert (wait["resetsAt"], wait["retryAfterSeconds"]) == ("2027-04-01T00:00:00Z", 60)


def test_a_hold_ends_by_the_clock_and_its_late_success_is_charged(app: App, travel: Travel) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    travel(MONDAY + timedelta(seconds=899))
    assert app.ask("check_limit")["reserved"] == 1
    travel(MONDAY + timedelta(seconds=900))
    assert app.ask("check_limit")["reserved"] == 0
    assert app.ask("create_generation", **order())["generationStatus"] == "expired"
    failed = {"generationId": generation_id, "generationStatus": "failed"}
    closed = details_of(app.call("update_generation", failed), "generation-closed")
    assert closed == {"generationStatus": "expired"}
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    late = app.ask("update_generation", **report)
    assert (late["generationStatus"], late["charged"]) == ("success", 1)


def test_a_report_of_processing_starts_the_hold_anew(app: App, db: Client, travel: Travel) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    travel(MONDAY + timedelta(minutes=10))
    app.ask("update_generation", generationId=generation_id, generationStatus="processing")
    record = db.document(f"userGenerations/{generation_id}").get().to_dict() or {}
    assert record["expiresAt"] == MONDAY + timedelta(minutes=25)
    assert record["startedAt"] == MONDAY + timedelta(minutes=10)


def test_a_time_zone_shapes_the_next_day(app: App, travel: Travel) -> None:
    app.ask("create_generation", **order())
    app.ask("update_profile", timezone="America/New_York")
    day = app.ask("check_limit")["windows"][0]
    assert day["resetsAt"] == "2027-03-16T00:00:00Z"
    travel(datetime(2027, 3, 16, 0, 30, tzinfo=UTC))
    day = app.ask("check_limit")["windows"][0]
    # The four hours that New York's Monday still has are too short for a day of their own.
    assert (day["start"], day["resetsAt"]) == ("2027-03-16T00:00:00Z", "2027-03-17T04:00:00Z")


def test_without_the_setting_the_document_is_no_clock(
    app: App, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    travel(datetime(2001, 1, 1, tzinfo=UTC))
    monkeypatch.setenv("TEST_CLOCK", "false")
    assert app.ask("check_limit")["resetsAt"] > "2026"


@pytest.mark.usefixtures("travel")
def test_without_the_document_the_machine_tells_the_time(app: App, db: Client) -> None:
    db.document("testClock/now").delete()
    earliest = datetime.now(UTC).date().isoformat()
    date = app.ask("get_usage")["dailyUsage"]["date"]
    assert earliest <= date <= datetime.now(UTC).date().isoformat()
