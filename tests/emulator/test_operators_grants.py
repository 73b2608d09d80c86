"""Grants that operators give and take back: once, exactly, whatever happens at the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import IdempotencyMismatch, InvalidArgument, NotFound
from tests.emulator.books import assert_books_balance
from tests.emulator.desk import Desk, open_desk
from tests.emulator.racing import outcomes, race
from tests.emulator.world import START, row
from tests.functions.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    world.plan("free", limits={"period": 2})
    world.check()
    return open_desk(world)


def use_up(world: World) -> None:
    for _ in range(2):
        world.generate()


def given(desk: Desk, credits: int, key: str = "k", **terms: Any) -> str:  # noqa: ANN401
    return str(desk.give(credits, key, **terms).edit.about)


def test_a_grant_is_spent_beyond_the_plan_and_has_a_document_of_its_own(
    world: World, desk: Desk
) -> None:
    until = START + timedelta(days=3)
    grant_id = given(desk, 5, expires_at=until, purchased=True)
    assert world.db.document(f"users/ada/grants/{grant_id}").get().to_dict() == {
        "userId": "ada",
        "credits": 5,
        "purchased": True,
        "givenBy": "boss",
        "createdAt": START,
        "expiresAt": until,
        "revokedAt": None,
    }
    for _ in range(3):
        world.generate()
    assert (row(world.check()), world.check().grants_remaining) == ((2, 2, 0), 4)
    assert_books_balance(world.db)


def test_the_same_key_gives_once_and_other_terms_are_told(world: World, desk: Desk) -> None:
    """F4"""
    first = desk.give(5)
    before = contents(world.db)
    world.pass_time(hours=1)
    again = desk.give(5)
    assert (again.edit.is_noop, again.edit.about) == (True, first.edit.about)
    assert again.edit.after == first.edit.after
    for credits, terms in (
        (6, {}),
        (5, {"purchased": True}),
        (5, {"expires_at": START + timedelta(days=1)}),
    ):
        with pytest.raises(IdempotencyMismatch) as refusal:
            desk.give(credits, **terms)
        assert refusal.value.grant_id == first.edit.about
    assert contents(world.db) == before


def test_a_key_stays_used_when_its_grant_is_spent_revoked_or_over(world: World, desk: Desk) -> None:
    """F4"""
    until = START + timedelta(hours=1)
    given(desk, 1, "over", expires_at=until)
    desk.revoke(given(desk, 2, "revoked"))
    world.pass_time(hours=2)
    assert desk.give(1, "over", expires_at=until).edit.is_noop
    assert desk.give(2, "revoked").edit.is_noop
    assert world.check().grants_remaining == 0


def test_one_key_of_two_users_is_two_grants(world: World, desk: Desk) -> None:
    world.check("eve")
    desk.give(5)
    desk.give(5, uid="eve")
    assert (world.check().grants_remaining, world.check("eve").grants_remaining) == (5, 5)


@pytest.mark.usefixtures("without_lanes")
def test_giving_many_times_at_once_gives_once(world: World, desk: Desk) -> None:
    results = race([lambda: desk.give(5)] * 6)
    assert outcomes(results) == {"ok": 6}
    assert sum(not each.edit.is_noop for each in results) == 1
    assert world.check().grants_remaining == 5
    assert len(desk.audit_log()) == 1


@pytest.mark.parametrize("credits", [0, -1, 1_000_000_001])
def test_a_grant_is_something(desk: Desk, credits: int) -> None:
    with pytest.raises(InvalidArgument):
        desk.give(credits)


def test_a_grant_for_a_time_that_is_over_is_refused(world: World, desk: Desk) -> None:
    before = contents(world.db)
    with pytest.raises(InvalidArgument):
        desk.give(5, expires_at=START)
    assert contents(world.db) == before


def test_what_is_bought_is_spent_last_and_no_expiry_eats_it(world: World, desk: Desk) -> None:
    """D17"""
    use_up(world)
    bought = given(desk, 3, "bought", purchased=True)
    free = given(desk, 3, "free")
    brief = given(desk, 3, "brief", expires_at=START + timedelta(hours=1))
    world.generate()
    grants = world.user()["quota"]["grants"]
    assert [grants[each]["used"] for each in (brief, free, bought)] == [1, 0, 0]
    world.pass_time(hours=1)
    assert world.check().grants_remaining == 6, (
        "what was left of the brief one is gone, and only that"
    )
    for _ in range(4):
        world.generate()
    grants = world.user()["quota"]["grants"]
    assert [grants[each]["used"] for each in (brief, free, bought)] == [1, 3, 1]
    assert_books_balance(world.db)


def test_revoking_takes_back_what_is_unspent_once(world: World, desk: Desk) -> None:
    """F5"""
    use_up(world)
    grant_id = given(desk, 5)
    world.generate()
    opened = world.create()
    changed = desk.revoke(grant_id)
    assert changed.edit.before == {"grantId": grant_id, "unspent": 3}
    document = world.db.document(f"users/ada/grants/{grant_id}").get().to_dict() or {}
    assert (document["revokedAt"], document["takenBack"]) == (START, 3)
    assert world.check().grants_remaining == 0
    world.report(opened, "success")
    assert world.record(opened)["charged"] == 1, "what was held of it stays paid by it"
    assert desk.revoke(grant_id).edit.is_noop
    assert world.user()["quota"]["grants"][grant_id]["used"] == 2
    assert_books_balance(world.db)


def test_what_is_given_back_to_a_revoked_grant_cannot_be_spent(world: World, desk: Desk) -> None:
    use_up(world)
    grant_id = given(desk, 5)
    opened = world.create()
    desk.revoke(grant_id)
    world.report(opened, "failed")
    assert world.check().grants_remaining == 0
    assert world.check().refusal is not None


def test_a_spent_grant_that_is_revoked_is_not_filled_by_a_refund(world: World, desk: Desk) -> None:
    """F5: void and refund together give nothing twice."""
    use_up(world)
    grant_id = given(desk, 1)
    paid = world.generate()
    assert desk.revoke(grant_id).edit.before == {"grantId": grant_id, "unspent": 0}
    desk.refund(paid)
    assert world.check().grants_remaining == 0


def test_a_grant_that_was_written_by_hand_can_be_revoked_too(world: World, desk: Desk) -> None:
    world.grant("by-hand", 4)
    desk.revoke("by-hand")
    assert world.check().grants_remaining == 0
    assert desk.revoke("by-hand").edit.is_noop


@pytest.mark.parametrize("grant_id", ["none", "", "a/b", "__x__"])
def test_a_grant_that_never_was_is_not_found(desk: Desk, grant_id: str) -> None:
    with pytest.raises(NotFound):
        desk.revoke(grant_id)


@pytest.mark.usefixtures("without_lanes")
def test_of_spending_and_revoking_at_once_each_credit_goes_one_way(
    world: World, desk: Desk
) -> None:
    use_up(world)
    grant_id = given(desk, 6)
    results = race([world.create] * 8 + [lambda: desk.revoke(grant_id)] * 2)
    opened = [each for each in results[:8] if not isinstance(each, Exception)]
    revoked = [each for each in results[8:] if not each.edit.is_noop]
    assert len(revoked) == 1
    assert len(opened) + revoked[0].edit.before["unspent"] == 6
    assert world.check().grants_remaining == 0
    for each in opened:
        world.report(each, "success")
    assert_books_balance(world.db)


@pytest.mark.usefixtures("without_lanes")
def test_creates_at_once_with_a_gift_and_a_reset_pass_no_limit_and_lose_nothing(
    world: World, desk: Desk
) -> None:
    use_up(world)
    results = race(
        [world.create] * 10 + [lambda: desk.give(3, "gift"), lambda: desk.reset("period")]
    )
    opened = [each for each in results[:10] if not isinstance(each, Exception)]
    _, used, reserved = row(world.check())
    held = sum(part.credits for each in opened for part in each.generation.hold.allocation.grants)
    assert (used, reserved <= 2, held <= 3) == (0, True, True)
    assert reserved + held == len(opened)
    assert world.check().grants_remaining == 3 - held
    assert_books_balance(world.db)
