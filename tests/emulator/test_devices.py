"""Devices: registered once, bounded, one owner at a time, and their tokens where nobody can read them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import AccountDeleted
from genquota.store.notices.device_documents import Device, device_id_for
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.push_notices import Message, push_notices
from genquota.use_cases.self_service.delete_user import delete_user
from genquota.use_cases.self_service.register_device import register_device, unregister_device
from tests.emulator.faults import overtaking
from tests.emulator.racing import outcomes, race
from tests.emulator.world import AN_HOUR, START
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.emulator.world import World

PHONE = Device("phone-token", "ios", "de-DE")


def register(world: World, device: Device = PHONE, uid: str = "ada") -> str:
    return register_device(world.context, Caller(uid), device)


def below(world: World, path: str) -> dict[str, dict[str, Any]]:
    return {each.id: each.to_dict() or {} for each in world.db.collection(path).stream()}


def test_a_device_is_kept_for_its_owner_to_see_and_its_token_apart(world: World) -> None:
    device_id = register(world)
    assert device_id == device_id_for("phone-token")
    assert below(world, "users/ada/devices") == {
        device_id: {"platform": "ios", "locale": "de-DE", "createdAt": START, "updatedAt": START}
    }
    assert below(world, "deviceTokens") == {
        device_id: {
            "userId": "ada",
            "token": "phone-token",
            "platform": "ios",
            "locale": "de-DE",
            "updatedAt": START,
        }
    }
    assert "phone-token" not in str(world.user())


def test_registering_again_refreshes_and_costs_little(world: World) -> None:
    device_id = register(world)
    world.pass_time(days=1)
    with counting(world.db) as calls:
        register(world, Device("phone-token", "ios", "fr"))
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=3)
    shown = below(world, "users/ada/devices")[device_id]
    assert (shown["locale"], shown["createdAt"], shown["updatedAt"]) == ("fr", START, world.now)


def test_of_more_than_20_devices_the_one_not_heard_of_for_longest_gives_way(world: World) -> None:
    for n in range(20):
        register(world, Device(f"token-{n}", "android"))
        world.pass_time(minutes=1)
    register(world, Device("token-0", "android"))
    world.pass_time(minutes=1)
    register(world, Device("token-20", "android"))
    expected = {device_id_for(f"token-{n}") for n in range(21) if n != 1}
    assert below(world, "users/ada/devices").keys() == expected
    assert below(world, "deviceTokens").keys() == expected
    assert world.user()["quota"]["devices"].keys() == expected


def test_a_device_that_changes_hands_belongs_to_the_last_who_signed_in(world: World) -> None:
    device_id = register(world)
    register(world, uid="bob")
    assert below(world, "users/ada/devices") == {}
    assert below(world, "users/bob/devices").keys() == {device_id}
    assert below(world, "deviceTokens")[device_id]["userId"] == "bob"
    unregister_device(world.context, Caller("ada"), device_id_for("phone-token"))
    assert below(world, "deviceTokens").keys() == {device_id}, "it is bob's"


def test_a_device_is_forgotten_on_request_and_nothing_happens_if_it_is_not_known(
    world: World,
) -> None:
    register(world)
    unregister_device(world.context, Caller("ada"), device_id_for("phone-token"))
    assert (below(world, "users/ada/devices"), below(world, "deviceTokens")) == ({}, {})
    assert world.user()["quota"]["devices"] == {}
    with counting(world.db) as calls:
        unregister_device(world.context, Caller("ada"), device_id_for("phone-token"))
    assert calls.commits == 0


@pytest.mark.usefixtures("without_lanes")
def test_a_deleted_user_has_no_devices_and_gets_none(world: World, other: World) -> None:
    """E12, E13"""
    register(world)
    with (
        overtaking(world.db, lambda: delete_user(other.context, Caller("ada"), None, AN_HOUR)),
        pytest.raises(AccountDeleted),
    ):
        register(world, Device("another", "web"))
    assert (below(world, "users/ada/devices"), below(world, "deviceTokens")) == ({}, {})


class Wire:
    """Stands where FCM is: remembers what it is sent, and knows which tokens are gone."""

    def __init__(self, *gone: str) -> None:
        self.gone, self.sent = gone, list[tuple[str, str]]()

    def send(self, messages: Sequence[Message]) -> list[bool]:
        self.sent += [(each.token, each.notice.id) for each in messages]
        return [each.token not in self.gone for each in messages]


@pytest.fixture
def wire(world: World) -> Wire:
    """Let the world's notices go out."""
    wire = Wire("gone-token")
    world.push = partial(push_notices, world.db, wire.send)
    return wire


MARCH = "period_20270301T000000Z_10"


def test_a_notice_goes_to_every_device_after_its_commit_and_never_twice(
    world: World, wire: Wire
) -> None:
    """A9, F3"""
    register(world)
    register(world, Device("tablet-token", "android"))
    world.generate(count=8)
    assert sorted(wire.sent) == [
        ("phone-token", f"{MARCH}_80"),
        ("tablet-token", f"{MARCH}_80"),
    ]
    world.generate(count=1)
    assert len(wire.sent) == 2


@pytest.mark.usefixtures("without_lanes")
def test_attempts_that_were_overtaken_send_nothing(world: World, wire: Wire, other: World) -> None:
    """A9"""
    register(world)
    opened = [world.create() for _ in range(10)]
    calls = [
        lambda each=each, at=at: (world, other)[at % 2].report(each, "success")
        for at, each in enumerate(opened)
    ]
    assert outcomes(race(calls)) == {"ok": 10}
    assert sorted(wire.sent) == [("phone-token", f"{MARCH}_{each}") for each in (100, 80)]


def test_a_reset_sends_the_news_of_many_users_together(world: World, wire: Wire) -> None:
    for uid in ("ada", "bob", "eve"):
        world.generate(uid)
        register(world, Device(f"{uid}-token", "web"), uid)
    world.pass_time(days=40)
    with counting(world.db) as calls:
        assert world.reset_periods().users == 3
    assert {token for token, _ in wire.sent} == {"ada-token", "bob-token", "eve-token"}
    assert calls.read_rpcs == 2, "the plan; and the tokens of all three"


def test_who_has_no_device_costs_nothing_more(world: World, wire: Wire) -> None:
    world.generate(count=7)
    opened = world.create()
    with counting(world.db) as calls:
        world.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=3)
    assert wire.sent == []


def test_devices_that_are_gone_are_forgotten(world: World, wire: Wire) -> None:
    register(world)
    register(world, Device("gone-token", "android"))
    world.generate(count=8)
    assert len(wire.sent) == 2
    known = {device_id_for("phone-token")}
    assert below(world, "deviceTokens").keys() == known
    assert below(world, "users/ada/devices").keys() == known
    world.generate(count=2)
    assert len(wire.sent) == 3


def test_a_device_that_changed_hands_is_not_told_of_its_former_owner(
    world: World, wire: Wire
) -> None:
    register(world)
    register(world, uid="bob")
    world.generate(count=8)
    assert wire.sent == []
