from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def test_a_period_from_sign_up_begins_with_the_first_call(env: Environment) -> None:
    env.plan("free", limits={"period": 3}, period={"anchor": "signup"})
    env.now = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    env.create("ada")
    user = env.db.document("users/ada").get().to_dict() or {}
    assert user["createdAt"] == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert user["lastResetDate"] == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert user["nextResetDate"] == datetime(2027, 4, 15, 9, 0, tzinfo=UTC)


def test_a_grant_before_the_first_call_keeps_no_field_from_being_added(
    env: Environment,
) -> None:
    env.plan("free", limits={"period": 3})
    env.grant("welcome", 5)
    assert env.check("ada").grants_remaining == 5
    user = env.user()
    assert user["role"] == "user"
    assert user["createdAt"] == datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    assert user["quota"]["grants"] == {"welcome": {"credits": 5, "used": 0, "expiresAt": None}}
