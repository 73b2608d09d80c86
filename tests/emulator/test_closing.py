"""What the statistics find a generation by: when it closed, as what, and the user's one before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import to_utc_datetime
from genquota.use_cases.generations.create_generation import CreateCommand
from genquota.use_cases.generations.track_generation import track_generation
from tests.emulator.environment import START

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from tests.emulator.environment import Environment

HOUR = timedelta(hours=1)


def closing(record: dict[str, Any]) -> tuple[datetime | None, str | None]:
    at = record.get("closedAt")
    return (at and to_utc_datetime(at)), record.get("closedAs")


@pytest.mark.parametrize("status", ["success", "failed", "cancelled"])
def test_a_report_closes(env: Environment, status: str) -> None:
    opened = env.create()
    assert closing(env.record(opened)) == (None, None)
    env.report(opened, "processing") if status != "cancelled" else None
    assert closing(env.record(opened)) == (None, None)
    env.pass_time(minutes=1)
    env.report(opened, status)
    assert closing(env.record(opened)) == (START + timedelta(minutes=1), status)


def test_a_repeated_report_changes_neither(env: Environment) -> None:
    opened = env.generate()
    before = env.record(opened)
    env.pass_time(minutes=1)
    env.report(opened, "success")
    assert env.record(opened) == before


def test_a_sweep_closes_as_expired_and_a_late_success_leaves_that(env: Environment) -> None:
    opened = env.create()
    env.pass_time(hours=1)
    env.expire_generations()
    env.pass_time(hours=1)
    env.report(opened, "success")
    record = env.record(opened)
    assert closing(record) == (START + HOUR, "expired")
    assert (record["generationStatus"], record["late"]) == ("success", True)


def test_a_late_success_before_the_sweep_closes_as_success(env: Environment) -> None:
    opened = env.create()
    env.pass_time(hours=1)
    env.report(opened, "success")
    assert closing(env.record(opened)) == (START + HOUR, "success")


def test_a_create_closes_what_fills_the_document(env: Environment) -> None:
    env.plan("free")
    crowd = [env.create() for _ in range(200)]
    env.pass_time(hours=1)
    env.create()
    assert closing(env.record(crowd[0])) == (START + HOUR, "expired")


def test_what_is_tracked_is_closed_at_once(env: Environment) -> None:
    order = CreateCommand("k", QuotaRequest(), {"promptId": "p"}, {})
    env.check()
    tracked = track_generation(env.context, None, "ada", order)
    record = env.record(tracked.generation.id)
    assert closing(record) == (START, "success")
    assert "previousAt" not in record


def test_each_generation_says_when_the_one_before_was_created(env: Environment) -> None:
    first = env.create()
    env.pass_time(days=3)
    second = env.create()
    env.pass_time(days=1)
    order = CreateCommand("k", QuotaRequest(), {"promptId": "p"}, {})
    third = track_generation(env.context, None, "ada", order).generation.id
    assert "previousAt" not in env.record(first)
    assert to_utc_datetime(env.record(second)["previousAt"]) == START
    assert to_utc_datetime(env.record(third)["previousAt"]) == START + timedelta(days=3)
