"""`genquota.reserve` and `report` for engines that answer later; keys and settings in process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import genquota
from genquota.domain.errors import GenerationClosed, GenerationNotFound, NoPlan
from tests.emulator.environment import NOON, OUTPUT, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.emulator.environment import Environment


def only_record(env: Environment) -> dict[str, Any]:
    (record,) = env.records()
    return record


def test_a_key_that_was_used_before_says_so_and_how_it_ended(
    now: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """B1: a task that is run again does not pay again."""
    with genquota.generation(now.db, "ada", prompt="a fox", idempotency_key="task-1") as g:
        g.succeed(outputs=[OUTPUT])
    with genquota.generation(now.db, "ada", prompt="a fox", idempotency_key="task-1") as again:
        assert (again.replayed, again.status, again.id) == (True, "success", g.id)
        assert again.is_reported
    assert caplog.records == [], "there is nothing left to report"
    assert only_record(now)["generationStatus"] == "success"
    assert row(now.check()) == (10, 1, 0)


def test_a_key_whose_block_was_cut_off_goes_on_with_its_hold(now: Environment) -> None:
    """B1, B11"""
    id_ = genquota.reserve(now.db, "ada", prompt="a fox", idempotency_key="task-1")
    with genquota.generation(now.db, "ada", prompt="a fox", idempotency_key="task-1") as g:
        assert (g.replayed, g.status, g.id) == (True, "pending", id_)
        assert not g.is_reported
        g.succeed(outputs=[OUTPUT])
    assert row(now.check()) == (10, 1, 0)


def test_without_a_key_each_call_is_a_generation_of_its_own(now: Environment) -> None:
    """A7"""
    ids = {genquota.reserve(now.db, "ada", prompt="a fox") for _ in range(3)}
    assert len(ids) == 3
    assert row(now.check()) == (10, 0, 3)


def test_an_engine_that_answers_later_is_reserved_for_and_reported_on(now: Environment) -> None:
    id_ = genquota.reserve(now.db, "ada", prompt="a fox", engine="v2", credits=4)
    assert now.record(id_)["credits"] == 4
    now.travel(NOON + timedelta(minutes=10))
    genquota.report(now.db, id_, "processing")
    now.travel(NOON + timedelta(minutes=20))
    done = genquota.report(now.db, id_, "success", image_url="https://cdn.example/fox.png")
    assert done.generation.charged == 4
    record = now.record(id_)
    assert record["outputs"] == [{"url": "https://cdn.example/fox.png"}]
    assert (record["startedAt"], record["late"]) == (NOON + timedelta(minutes=10), False)
    with pytest.raises(GenerationClosed):
        genquota.report(now.db, id_, "failed")
    with pytest.raises(GenerationNotFound):
        genquota.report(now.db, "g1", "failed")


def test_a_report_from_inside_a_block_names_its_user_and_saves_a_read(now: Environment) -> None:
    with genquota.generation(now.db, "ada", prompt="a fox") as g, counting(now.db) as calls:
        g.succeed(outputs=[OUTPUT])
    # User, plan, record and the travelling clock, at once.
    assert calls == Calls(read_rpcs=1, documents_read=4, commits=1, writes=2)


def test_settings_come_from_the_environment(
    now: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLD_SECONDS", "60")
    monkeypatch.setenv("TYPES", "api-request, poem")
    id_ = genquota.reserve(now.db, "ada", prompt="a fox", type="poem")
    assert now.record(id_)["expiresAt"] == NOON + timedelta(seconds=60)
    monkeypatch.setenv("LATE_SUCCESS", "forgive")
    now.travel(NOON + timedelta(seconds=61))
    assert genquota.report(now.db, id_, "success", outputs=[OUTPUT]).generation.charged == 0
    monkeypatch.setenv("DEFAULT_TIMEZONE", "Asia/Tokyo")
    genquota.reserve(now.db, "bob", prompt="a fox")
    assert now.user("bob")["lastResetDate"] == datetime(2027, 2, 28, 15, tzinfo=UTC)
    monkeypatch.setenv("DEFAULT_PLAN", "none")
    with pytest.raises(NoPlan):
        genquota.reserve(now.db, "cyd", prompt="a fox")


def test_without_time_travel_the_document_of_the_clock_means_nothing(
    now: Environment, monkeypatch: pytest.MonkeyPatch, db: Client
) -> None:
    monkeypatch.setenv("TEST_CLOCK", "false")
    id_ = genquota.reserve(db, "ada", prompt="a fox")
    created: datetime = now.record(id_)["createdAt"]
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
