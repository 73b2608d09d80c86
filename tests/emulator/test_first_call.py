from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.emulator.world import World


def test_a_period_from_sign_up_begins_with_the_first_call(world: World) -> None:
    world.plan("free", limits={"period": 3}, period={"anchor": "signup"})
    world.now = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    world.create("ada")
    user = world.db.document("users/ada").get().to_dict() or {}
    assert user["createdAt"] == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert user["lastResetDate"] == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert user["nextResetDate"] == datetime(2027, 4, 15, 9, 0, tzinfo=UTC)


def test_a_grant_before_the_first_call_keeps_no_field_from_being_added(world: World) -> None:
    world.plan("free", limits={"period": 3})
    world.grant("welcome", 5)
    assert world.check("ada").grants_remaining == 5
    user = world.user()
    assert user["role"] == "user"
    assert user["createdAt"] == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert user["quota"]["grants"] == {"welcome": {"credits": 5, "used": 0, "expiresAt": None}}
