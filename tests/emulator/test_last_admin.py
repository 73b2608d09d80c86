"""There is always an admin left, whoever demotes or disables whom at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import NotAllowed
from tests.emulator.desk import Desk, open_desk
from tests.emulator.racing import outcomes, race

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def admins(world: World) -> set[str]:
    users = world.db.collection("users").stream()
    return {
        user.id
        for user in users
        if user.get("role") == "admin" and not (user.to_dict() or {}).get("disabled")
    }


ENDS: dict[str, Callable[[Desk, str], object]] = {
    "demoted": lambda desk, uid: desk.role("user", uid),
    "made a service": lambda desk, uid: desk.role("service", uid),
    "disabled": lambda desk, uid: desk.disabled(True, uid),  # noqa: FBT003
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("by", ["boss", None])
def test_the_last_admin_stays(desk: Desk, end: str, by: str | None) -> None:
    desk.world.edit("eve", role="admin", disabled=True)
    with pytest.raises(NotAllowed, match="last admin"):
        ENDS[end](Desk(desk.world, by), "boss")
    assert admins(desk.world) == {"boss"}


@pytest.mark.parametrize("end", ENDS)
def test_an_admin_beside_whom_there_is_another_may_go(desk: Desk, end: str) -> None:
    desk.world.edit("eve", role="admin")
    ENDS[end](desk, "boss")
    assert admins(desk.world) == {"eve"}


def test_a_disabled_admin_may_be_demoted_though_one_is_left(desk: Desk) -> None:
    desk.world.edit("eve", role="admin", disabled=True)
    desk.role("user", "eve")
    assert admins(desk.world) == {"boss"}


@pytest.mark.usefixtures("without_lanes")
@pytest.mark.parametrize("end", ENDS)
def test_of_two_admins_who_end_each_other_at_once_one_stays(desk: Desk, end: str) -> None:
    world = desk.world
    for _ in range(5):
        for uid in ("boss", "eve"):
            world.edit(uid, role="admin", disabled=False)
        results = race(
            [
                lambda: ENDS[end](Desk(world, "boss"), "eve"),
                lambda: ENDS[end](Desk(world, "eve"), "boss"),
            ]
        )
        assert len(admins(world)) == 1
        assert outcomes(results).get("ok") == 1


@pytest.mark.usefixtures("without_lanes")
def test_of_four_admins_who_step_down_at_once_one_stays(desk: Desk) -> None:
    everybody = ["boss", "eve", "kim", "lee"]
    for uid in everybody:
        desk.world.edit(uid, role="admin")
    results = race(
        [lambda uid=uid: Desk(desk.world, uid).role("user", uid) for uid in everybody]  # type: ignore[misc]
    )
    assert outcomes(results) == {"ok": 3, "not-allowed": 1}
    assert len(admins(desk.world)) == 1
