"""A success that arrives after its hold has expired: recorded, never lost, charged by policy once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import GenerationClosed
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import OUTPUT, START, row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

swept_or_not = pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])


def let_expire(env: Environment, *, swept: bool) -> None:
    env.pass_time(seconds=901)
    if swept:
        assert env.expire_generations().users == 1


@swept_or_not
def test_a_late_success_is_charged_once(env: Environment, *, swept: bool) -> None:
    """B10"""
    opened = env.create()
    let_expire(env, swept=swept)
    assert row(env.check()) == (10, 0, 0)
    for _ in range(2):
        reported = env.report(opened, "success")
        assert (reported.generation.charged, reported.generation.refunded) == (1, False)
    record = env.record(opened)
    assert (record["generationStatus"], record["late"], record["charged"]) == ("success", True, 1)
    assert (record["refunded"], record["outputs"]) == (False, [OUTPUT])
    assert row(env.check()) == (10, 1, 0)
    assert env.user()["generatedCount"] == 1
    assert env.user()["quota"].get("failed", 0) == 0, "one moved from failed to success"
    assert_counters_match_records(env.db)


@swept_or_not
def test_a_late_success_that_is_forgiven_is_recorded_and_costs_nothing(
    env: Environment, *, swept: bool
) -> None:
    """B10"""
    env.set_policy(charge_late_success=False)
    opened = env.create()
    let_expire(env, swept=swept)
    env.report(opened, "success")
    record = env.record(opened)
    assert (record["generationStatus"], record["late"]) == ("success", True)
    assert (record["charged"], record["refunded"]) == (0, True)
    assert row(env.check()) == (10, 0, 0)
    assert env.user()["generatedCount"] == 1
    assert_counters_match_records(env.db)


@swept_or_not
def test_a_late_success_is_charged_to_the_windows_it_was_reserved_in(
    env: Environment, *, swept: bool
) -> None:
    """B10, B6"""
    env.now = datetime(2027, 3, 31, 23, 50, tzinfo=UTC)
    opened = env.create()
    let_expire(env, swept=swept)
    reported = env.report(opened, "success")
    assert row(reported.quota) == (10, 0, 0)
    day = env.day("2027-03-31")
    assert (day["used"], day["success"], day["failed"]) == (1, 1, 0)
    assert [each["used"] for each in env.closed("period")] == [1]
    assert_counters_match_records(env.db)


def test_a_late_success_is_the_one_thing_that_may_pass_a_limit(env: Environment) -> None:
    """B10, B16: the room was given away, the engine's work was done."""
    env.plan(limits={"period": 1})
    late = env.create()
    env.pass_time(seconds=901)
    env.generate()
    env.report(late, "success")
    decision = env.check()
    assert row(decision) == (1, 2, 0)
    assert decision.can_generate is False


@swept_or_not
def test_a_late_success_takes_from_its_grant_what_that_still_has_and_the_rest_from_the_windows(
    env: Environment, *, swept: bool
) -> None:
    """B10, D17"""
    env.plan(limits={"period": 1})
    env.check()
    env.grant("top-up", 5)
    late = env.create(count=5)
    let_expire(env, swept=swept)
    env.generate(count=4)
    env.report(late, "success")
    assert env.user()["quota"]["grants"]["top-up"]["used"] == 5
    # 4 were paid as 1 + 3, so 2 were left; the late 5 are 1 + 2, and 2 more to the windows.
    assert row(env.check()) == (1, 4, 0)
    assert env.record(late)["charged"] == 5
    assert_counters_match_records(env.db)


def test_a_late_success_finds_an_expired_grant_empty(env: Environment) -> None:
    """D17: expired credit is not spendable, swept or not."""
    env.plan(limits={"period": 0})
    env.check()
    env.grant("top-up", 5, expires_at=START + timedelta(seconds=950))
    late = env.create(count=2)
    env.pass_time(seconds=960)
    env.report(late, "success")
    assert env.user()["quota"]["grants"]["top-up"]["used"] == 0
    assert row(env.check()) == (0, 2, 0)
    assert_counters_match_records(env.db)


@swept_or_not
def test_a_late_failure_is_refused_for_the_hold_was_given_back_already(
    env: Environment, *, swept: bool
) -> None:
    """B9: given back exactly once, and the record says how."""
    opened = env.create()
    let_expire(env, swept=swept)
    for status in ("failed", "cancelled", "processing"):
        with pytest.raises(GenerationClosed) as closed:
            env.report(opened, status)
        assert closed.value.status == "expired"
    env.expire_generations()
    record = env.record(opened)
    assert (record["generationStatus"], record["refunded"]) == ("expired", True)
    assert env.user()["quota"]["failed"] == 1
    assert row(env.check()) == (10, 0, 0)
    assert_counters_match_records(env.db)


@swept_or_not
def test_after_a_late_success_nothing_else_is_taken(env: Environment, *, swept: bool) -> None:
    """B15"""
    opened = env.create()
    let_expire(env, swept=swept)
    env.report(opened, "success")
    for status in ("failed", "cancelled", "processing"):
        with pytest.raises(GenerationClosed) as closed:
            env.report(opened, status)
        assert closed.value.status == "success"
    assert env.expire_generations().users == 0
    assert row(env.check()) == (10, 1, 0)


def test_an_expired_hold_counts_no_more_from_its_very_end_though_nothing_swept_it(
    env: Environment,
) -> None:
    """C4, E7: the scheduled job closes records; what counts is the instant."""
    env.plan(limits={"period": 1})
    env.create()
    env.pass_time(seconds=899)
    assert row(env.check()) == (1, 0, 1)
    env.pass_time(seconds=1)
    assert row(env.check()) == (1, 0, 0)
    assert env.create().quota.can_generate is False


def test_a_hold_kept_alive_by_processing_ends_a_day_after_it_was_taken_at_the_latest(
    env: Environment,
) -> None:
    """B11, B14"""
    opened = env.create()
    for _ in range(200):
        env.pass_time(minutes=14)
        if env.now - START >= timedelta(hours=24):
            break
        env.report(opened, "processing")
    assert env.record(opened)["expiresAt"] == START + timedelta(hours=24)
    assert env.expire_generations().users == 1
    assert env.record(opened)["generationStatus"] == "expired"


def test_the_price_rule_says_how_long_its_holds_last(env: Environment) -> None:
    """B11"""
    prices = [{"type": "video", "credits": 2, "holdSeconds": 7200}, {"credits": 1}]
    env.plan(limits={"period": 10}, prices=prices)
    video, image = env.create(type="video"), env.create()
    assert video.generation.hold.end == START + timedelta(seconds=7200)
    assert image.generation.hold.end == START + timedelta(seconds=900)
    env.pass_time(seconds=900)
    assert row(env.check()) == (10, 0, 2)
    assert env.user()["quota"]["expireAt"] == START + timedelta(seconds=900)
    assert env.expire_generations().users == 1
    assert env.record(image)["generationStatus"] == "expired"
    assert env.record(video)["generationStatus"] == "pending"
    assert env.user()["quota"]["expireAt"] == START + timedelta(seconds=7200)
