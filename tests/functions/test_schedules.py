"""The scheduled functions as the scheduler and the emulator's health probe call them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import SCHEDULES, SWEEPS, App, order
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from tests.functions.captured_logs import CapturedLogs
    from tests.store_contents import Contents

    Travel = Callable[[datetime], None]

MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, tzinfo=UTC)
NOTES = {"jobs/daily_statistics", "jobs/runs"}
"""What every run of a job writes, whatever there is to do."""
URL = "https://cdn.example.com/fox.png"
SCHEDULER = {
    "Content-Type": None,
    "Authorization": None,
    "X-CloudScheduler-JobName": "firebase-schedule-job",
    "X-CloudScheduler-ScheduleTime": "2027-04-01T00:00:00Z",
}


def _run(app: App, job: str) -> None:
    answer = app.send(job, headers=SCHEDULER)
    assert (answer.http, answer.text) == (200, "")


def _open(app: App, key: str = "key-1", **fields: Any) -> str:  # noqa: ANN401 - JSON
    return str(app.ask("create_generation", **order(key, **fields))["generationId"])


def _succeed(app: App, generation_id: str) -> None:
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    app.ask("update_generation", **report)


def _read(db: Client, path: str) -> dict[str, Any]:
    return db.document(path).get().to_dict() or {}


def test_expire_generations_closes_the_record_of_a_hold_that_has_ended(
    app: App, db: Client, travel: Travel, captured_logs: CapturedLogs
) -> None:
    ended, other = _open(app, count=3), _open(app.of(f"ann-{app.uid}"))
    travel(MONDAY + timedelta(minutes=14))
    kept = _open(app, "later")
    _run(app, "expire_generations")
    assert _read(db, f"userGenerations/{ended}")["generationStatus"] == "pending"
    travel(MONDAY + timedelta(minutes=15))
    _run(app, "expire_generations")
    for generation_id in (ended, other):
        record = _read(db, f"userGenerations/{generation_id}")
        facts = (record["generationStatus"], record["refunded"], record["charged"])
        assert facts == ("expired", True, 0)
    assert _read(db, f"userGenerations/{kept}")["generationStatus"] == "pending"
    assert _read(db, f"users/{app.uid}")["usage"]["windows"][1]["reserved"] == 1
    stats = app.ask("get_usage")["stats"]
    assert stats == {"total": 2, "success": 0, "failed": 1, "pending": 1}
    _, last = (line for line in captured_logs.lines if "job" in line)
    assert (last["users"], last["failed"]) == (2, 0)
    assert (last["job"], last["reason"], last["finished"]) == ("expire_generations", "ok", True)


def test_reset_periods_begins_the_new_period_and_keeps_what_the_old_one_ended_with(
    app: App, db: Client, travel: Travel, captured_logs: CapturedLogs
) -> None:
    _succeed(app, _open(app, count=4))
    travel(APRIL - timedelta(seconds=1))
    _run(app, "reset_periods")
    assert _read(db, f"users/{app.uid}")["currentPeriodCount"] == 1
    travel(APRIL)
    _run(app, "reset_periods")
    user = _read(db, f"users/{app.uid}")
    assert (user["currentPeriodCount"], user["generatedCount"]) == (0, 1)
    assert (user["lastResetDate"], user["nextResetDate"]) == (
        APRIL,
        datetime(2027, 5, 1, tzinfo=UTC),
    )
    assert [row["used"] for row in user["usage"]["windows"]] == [0, 0]
    closed = _read(db, f"users/{app.uid}/windows/period_20270301T000000Z")
    assert (closed["used"], closed["success"], closed["end"]) == (4, 1, APRIL)
    day = _read(db, f"usageDaily/{app.uid}_2027-03-15")
    assert (day["used"], day["success"], day["failed"], day["byType"]) == (4, 1, 0, {"image": 4})
    assert [line["job"] for line in captured_logs.lines if "job" in line] == ["reset_periods"] * 2


def test_cleanup_deletes_what_is_past_retention_and_the_stats_stay(
    app: App, db: Client, travel: Travel, captured_logs: CapturedLogs
) -> None:
    generation_id = _open(app)
    _succeed(app, generation_id)
    travel(MONDAY + timedelta(days=90))
    _run(app, "cleanup")
    assert _read(db, f"userGenerations/{generation_id}")
    travel(MONDAY + timedelta(days=90, seconds=1))
    _run(app, "cleanup")
    assert not _read(db, f"userGenerations/{generation_id}")
    stats = app.ask("get_usage")["stats"]
    assert stats == {"total": 1, "success": 1, "failed": 0, "pending": 0}
    facts = [line for line in captured_logs.lines if line.get("job") == "cleanup"]
    assert [line["finished"] for line in facts] == [True, True]


def _contents(db: Client) -> Contents:
    """Return all documents, but for the one by which runs of the statistics avoid each other."""
    return {path: data for path, data in contents(db).items() if path not in NOTES}


@pytest.mark.parametrize("job", SCHEDULES)
def test_a_second_run_changes_nothing(app: App, db: Client, travel: Travel, job: str) -> None:
    _succeed(app, _open(app, "won"))
    _open(app, "left-open")
    travel(APRIL + timedelta(days=40))
    _run(app, job)
    before = _contents(db)
    _run(app, job)
    assert _contents(db) == before


@pytest.mark.parametrize("job", SCHEDULES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_nothing_is_due_nothing_changes(
    app: App, db: Client, travel: Travel, job: str, method: str
) -> None:
    _succeed(app, _open(app, "won"))
    _open(app, "open")
    travel(MONDAY + timedelta(seconds=1))
    before = _contents(db)
    answer = app.send(job, method=method, path="/__/health", headers=SCHEDULER)
    assert answer.http == 200
    assert _contents(db) == before


@pytest.mark.parametrize("job", SCHEDULES)
def test_a_health_probe_leads_to_what_the_schedule_leads_to(
    app: App, db: Client, travel: Travel, job: str
) -> None:
    _succeed(app, _open(app, "won"))
    _open(app, "open")
    travel(APRIL)
    probe = app.send(job, method="GET", path="/__/health", headers={"Content-Type": None})
    assert (probe.http, probe.text) == (200, "")
    before = _contents(db)
    _run(app, job)
    assert _contents(db) == before
    assert app.ask("get_usage")["stats"] == {"total": 2, "success": 1, "failed": 1, "pending": 0}


@pytest.mark.parametrize("job", SCHEDULES)
def test_a_failure_is_a_500_that_tells_a_number_and_nothing_else(
    app: App, monkeypatch: pytest.MonkeyPatch, captured_logs: CapturedLogs, job: str
) -> None:
    monkeypatch.setenv("HOLD_SECONDS", "0")
    answer = app.send(job, headers=SCHEDULER)
    assert answer.http == 500
    assert re.fullmatch(r"[0-9a-f]{32}", answer.text)
    failure, run = captured_logs.lines
    assert (failure["id"], failure["severity"]) == (answer.text, "ERROR")
    assert "BadSetting" in failure["exception"]
    assert run.keys() == {"severity", "message", "job", "reason", "ms", "id"}
    assert (run["job"], run["reason"], run["severity"]) == (job, "internal", "ERROR")
    assert captured_logs.others.getvalue() == ""


@pytest.mark.parametrize(
    "broken",
    [
        {"windows": "gibberish"},
        {"windows": 5},
        {"windows": '{"day": {}}'},
        {"holds": ["gibberish"]},
        {"holds": {"g1": "gibberish"}},
        {"holds": {"g1": 5}},
        {"grants": {"gift": {"credits": "many"}}},
        {"grants": {"gift": "many"}},
        {"overrides": {"o1": {"limits": "none"}}},
    ],
    ids=str,
)
@pytest.mark.parametrize("job", SWEEPS)
def test_a_user_document_that_cannot_be_understood_holds_nobody_up(
    app: App,
    db: Client,
    travel: Travel,
    captured_logs: CapturedLogs,
    job: str,
    broken: dict[str, Any],
) -> None:
    bad = db.document(f"users/a-broken-one-{app.uid}")  # due before all others
    due = {"expireAt": MONDAY, "rollAt": MONDAY}
    bad.set({"quota": {"secret": "a-secret", **due, **broken}})
    try:
        generation_id = _open(app)
        _succeed(app, _open(app, "won"))
        travel(APRIL)
        _run(app, job)
        assert _read(db, f"userGenerations/{generation_id}")["generationStatus"] == "expired"
        assert _read(db, f"users/{app.uid}")["lastResetDate"] == APRIL
        assert "gibberish" not in captured_logs.text
        assert "a-secret" not in captured_logs.text
    finally:
        bad.delete()


@pytest.mark.parametrize("header", ["", "gibberish", "2027-04-01", "2027-04-01T00:00:00.123456Z"])
def test_the_scheduled_time_is_not_what_a_job_goes_by(
    app: App, travel: Travel, captured_logs: CapturedLogs, header: str
) -> None:
    travel(MONDAY)
    headers = {**SCHEDULER, "X-CloudScheduler-ScheduleTime": header}
    assert app.send("reset_periods", headers=headers).http == 200
    assert captured_logs.others.getvalue() == ""
