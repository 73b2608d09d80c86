"""A success that arrives after its hold has expired: recorded, never lost, charged by policy once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import GenerationClosed
from tests.emulator.books import assert_books_balance
from tests.emulator.world import OUTPUT, START, row

if TYPE_CHECKING:
    from tests.emulator.world import World

swept_or_not = pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])


def let_expire(world: World, *, swept: bool) -> None:
    world.pass_time(seconds=901)
    if swept:
        assert world.expire_generations().users == 1


@swept_or_not
def test_a_late_success_is_charged_once(world: World, *, swept: bool) -> None:
    """B10"""
    opened = world.create()
    let_expire(world, swept=swept)
    assert row(world.check()) == (10, 0, 0)
    for _ in range(2):
        reported = world.report(opened, "success")
        assert (reported.generation.charged, reported.generation.refunded) == (1, False)
    record = world.record(opened)
    assert (record["generationStatus"], record["late"], record["charged"]) == ("success", True, 1)
    assert (record["refunded"], record["outputs"]) == (False, [OUTPUT])
    assert row(world.check()) == (10, 1, 0)
    assert world.user()["generatedCount"] == 1
    assert world.user()["quota"].get("failed", 0) == 0, "one moved from failed to success"
    assert_books_balance(world.db)


@swept_or_not
def test_a_late_success_that_is_forgiven_is_recorded_and_costs_nothing(
    world: World, *, swept: bool
) -> None:
    """B10"""
    world.set_policy(charge_late_success=False)
    opened = world.create()
    let_expire(world, swept=swept)
    world.report(opened, "success")
    record = world.record(opened)
    assert (record["generationStatus"], record["late"]) == ("success", True)
    assert (record["charged"], record["refunded"]) == (0, True)
    assert row(world.check()) == (10, 0, 0)
    assert world.user()["generatedCount"] == 1
    assert_books_balance(world.db)


@swept_or_not
def test_a_late_success_is_charged_to_the_windows_it_was_reserved_in(
    world: World, *, swept: bool
) -> None:
    """B10, B6"""
    world.now = datetime(2027, 3, 31, 23, 50, tzinfo=UTC)
    opened = world.create()
    let_expire(world, swept=swept)
    reported = world.report(opened, "success")
    assert row(reported.quota) == (10, 0, 0)
    day = world.day("2027-03-31")
    assert (day["used"], day["success"], day["failed"]) == (1, 1, 0)
    assert [each["used"] for each in world.closed("period")] == [1]
    assert_books_balance(world.db)


def test_a_late_success_is_the_one_thing_that_may_pass_a_limit(world: World) -> None:
    """B10, B16: the room was given away, the engine's work was done."""
    world.plan(limits={"period": 1})
    late = world.create()
    world.pass_time(seconds=901)
    world.generate()
    world.report(late, "success")
    decision = world.check()
    assert row(decision) == (1, 2, 0)
    assert decision.can_generate is False


@swept_or_not
def test_a_late_success_takes_from_its_grant_what_that_still_has_and_the_rest_from_the_windows(
    world: World, *, swept: bool
) -> None:
    """B10, D17"""
    world.plan(limits={"period": 1})
    world.check()
    world.grant("top-up", 5)
    late = world.create(count=5)
    let_expire(world, swept=swept)
    world.generate(count=4)
    world.report(late, "success")
    assert world.user()["quota"]["grants"]["top-up"]["used"] == 5
    # 4 were paid as 1 + 3, so 2 were left; the late 5 are 1 + 2, and 2 more to the windows.
    assert row(world.check()) == (1, 4, 0)
    assert world.record(late)["charged"] == 5
    assert_books_balance(world.db)


def test_a_late_success_finds_an_expired_grant_empty(world: World) -> None:
    """D17: expired credit is not spendable, swept or not."""
    world.plan(limits={"period": 0})
    world.check()
    world.grant("top-up", 5, expires_at=START + timedelta(seconds=950))
    late = world.create(count=2)
    world.pass_time(seconds=960)
    world.report(late, "success")
    assert world.user()["quota"]["grants"]["top-up"]["used"] == 0
    assert row(world.check()) == (0, 2, 0)
    assert_books_balance(world.db)


@swept_or_not
def test_a_late_failure_is_refused_for_the_hold_was_given_back_already(
    world: World, *, swept: bool
) -> None:
    """B9: given back exactly once, and the record says how."""
    opened = world.create()
    let_expire(world, swept=swept)
    for status in ("failed", "cancelled", "processing"):
        with pytest.raises(GenerationClosed) as closed:
            world.report(opened, status)
        assert closed.value.status == "expired"
    world.expire_generations()
    record = world.record(opened)
    assert (record["generationStatus"], record["refunded"]) == ("expired", True)
    assert world.user()["quota"]["failed"] == 1
    assert row(world.check()) == (10, 0, 0)
    assert_books_balance(world.db)


@swept_or_not
def test_after_a_late_success_nothing_else_is_taken(world: World, *, swept: bool) -> None:
    """B15"""
    opened = world.create()
    let_expire(world, swept=swept)
    world.report(opened, "success")
    for status in ("failed", "cancelled", "processing"):
        with pytest.raises(GenerationClosed) as closed:
            world.report(opened, status)
        assert closed.value.status == "success"
    assert world.expire_generations().users == 0
    assert row(world.check()) == (10, 1, 0)


def test_an_expired_hold_counts_no_more_from_its_very_end_though_nothing_swept_it(
    world: World,
) -> None:
    """C4, E7: the scheduled job closes records; what counts is the instant."""
    world.plan(limits={"period": 1})
    world.create()
    world.pass_time(seconds=899)
    assert row(world.check()) == (1, 0, 1)
    world.pass_time(seconds=1)
    assert row(world.check()) == (1, 0, 0)
    assert world.create().quota.can_generate is False


def test_a_hold_kept_alive_by_processing_ends_a_day_after_it_was_taken_at_the_latest(
    world: World,
) -> None:
    """B11, B14"""
    opened = world.create()
    for _ in range(200):
        world.pass_time(minutes=14)
        if world.now - START >= timedelta(hours=24):
            break
        world.report(opened, "processing")
    assert world.record(opened)["expiresAt"] == START + timedelta(hours=24)
    assert world.expire_generations().users == 1
    assert world.record(opened)["generationStatus"] == "expired"


def test_the_price_rule_says_how_long_its_holds_last(world: World) -> None:
    """B11"""
    prices = [{"type": "video", "credits": 2, "holdSeconds": 7200}, {"credits": 1}]
    world.plan(limits={"period": 10}, prices=prices)
    video, image = world.create(type="video"), world.create()
    assert video.generation.hold.end == START + timedelta(seconds=7200)
    assert image.generation.hold.end == START + timedelta(seconds=900)
    world.pass_time(seconds=900)
    assert row(world.check()) == (10, 0, 2)
    assert world.user()["quota"]["expireAt"] == START + timedelta(seconds=900)
    assert world.expire_generations().users == 1
    assert world.record(image)["generationStatus"] == "expired"
    assert world.record(video)["generationStatus"] == "pending"
    assert world.user()["quota"]["expireAt"] == START + timedelta(seconds=7200)
