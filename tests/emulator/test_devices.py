"""Devices: registered once, bounded, one owner at a time, and their tokens where nobody can read them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import AccountDeleted
from genquota.store.notices.device_documents import Device, device_id_for
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.push_notices import PushMessage, push_notices
from genquota.use_cases.self_service.delete_user import delete_user
from genquota.use_cases.self_service.register_device import register_device, unregister_device
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import AN_HOUR, START
from tests.emulator.rpc_faults import overtaking
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.emulator.environment import Environment

PHONE = Device("phone-token", "ios", "de-DE")


def register(env: Environment, device: Device = PHONE, uid: str = "ada") -> str:
    return register_device(env.context, Caller(uid), device)


def below(env: Environment, path: str) -> dict[str, dict[str, Any]]:
    return {each.id: each.to_dict() or {} for each in env.db.collection(path).stream()}


def test_a_device_is_kept_for_its_owner_to_see_and_its_token_apart(env: Environment) -> None:
    device_id = register(env)
    assert device_id == device_id_for("phone-token")
    assert below(env, "users/ada/devices") == {
        device_id: {"platform": "ios", "locale": "de-DE", "createdAt": START, "updatedAt": START}
    }
    assert below(env, "deviceTokens") == {
        device_id: {
            "userId": "ada",
            "token": "phone-token",
            "platform": "ios",
            "locale": "de-DE",
            "updatedAt": START,
        }
    }
    assert "phone-token" not in str(env.user())


def test_registering_again_refreshes_and_costs_little(env: Environment) -> None:
    device_id = register(env)
    env.pass_time(days=1)
    with counting(env.db) as calls:
        register(env, Device("phone-token", "ios", "fr"))
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=3)
    shown = below(env, "users/ada/devices")[device_id]
    assert (shown["locale"], shown["createdAt"], shown["updatedAt"]) == (
        "fr",
        START,
        env.now,
    )


def test_of_more_than_20_devices_the_one_not_heard_of_for_longest_gives_way(
    env: Environment,
) -> None:
    for n in range(20):
        register(env, Device(f"token-{n}", "android"))
        env.pass_time(minutes=1)
    register(env, Device("token-0", "android"))
    env.pass_time(minutes=1)
    register(env, Device("token-20", "android"))
    expected = {device_id_for(f"token-{n}") for n in range(21) if n != 1}
    assert below(env, "users/ada/devices").keys() == expected
    assert below(env, "deviceTokens").keys() == expected
    assert env.user()["quota"]["devices"].keys() == expected


def test_a_device_that_changes_hands_belongs_to_the_last_who_signed_in(
    env: Environment,
) -> None:
    device_id = register(env)
    register(env, uid="bob")
    assert below(env, "users/ada/devices") == {}
    assert below(env, "users/bob/devices").keys() == {device_id}
    assert below(env, "deviceTokens")[device_id]["userId"] == "bob"
    unregister_device(env.context, Caller("ada"), device_id_for("phone-token"))
    assert below(env, "deviceTokens").keys() == {device_id}, "it is bob's"


def test_a_device_is_forgotten_on_request_and_nothing_happens_if_it_is_not_known(
    env: Environment,
) -> None:
    register(env)
    unregister_device(env.context, Caller("ada"), device_id_for("phone-token"))
    assert (below(env, "users/ada/devices"), below(env, "deviceTokens")) == ({}, {})
    assert env.user()["quota"]["devices"] == {}
    with counting(env.db) as calls:
        unregister_device(env.context, Caller("ada"), device_id_for("phone-token"))
    assert calls.commits == 0


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_deleted_user_has_no_devices_and_gets_none(env: Environment, other: Environment) -> None:
    """E12, E13"""
    register(env)
    with (
        overtaking(env.db, lambda: delete_user(other.context, Caller("ada"), None, AN_HOUR)),
        pytest.raises(AccountDeleted),
    ):
        register(env, Device("another", "web"))
    assert (below(env, "users/ada/devices"), below(env, "deviceTokens")) == ({}, {})


class Wire:
    """Stands where FCM is: remembers what it is sent, and knows which tokens are gone."""

    def __init__(self, *gone: str) -> None:
        self.gone, self.sent = gone, list[tuple[str, str]]()

    def send(self, messages: Sequence[PushMessage]) -> list[bool]:
        self.sent += [(each.token, each.notice.id) for each in messages]
        return [each.token not in self.gone for each in messages]


@pytest.fixture
def wire(env: Environment) -> Wire:
    """Let the notices go out."""
    wire = Wire("gone-token")
    env.push = partial(push_notices, env.db, wire.send)
    return wire


MARCH = "period_20270301T000000Z_10"


def test_a_notice_goes_to_every_device_after_its_commit_and_never_twice(
    env: Environment, wire: Wire
) -> None:
    """A9, F3"""
    register(env)
    register(env, Device("tablet-token", "android"))
    env.generate(count=8)
    assert sorted(wire.sent) == [
        ("phone-token", f"{MARCH}_80"),
        ("tablet-token", f"{MARCH}_80"),
    ]
    env.generate(count=1)
    assert len(wire.sent) == 2


@pytest.mark.usefixtures("without_lock_stripes")
def test_attempts_that_were_overtaken_send_nothing(
    env: Environment, wire: Wire, other: Environment
) -> None:
    """A9"""
    register(env)
    opened = [env.create() for _ in range(10)]
    calls = [
        lambda each=each, at=at: (env, other)[at % 2].report(each, "success")
        for at, each in enumerate(opened)
    ]
    assert outcomes(race(calls)) == {"ok": 10}
    assert sorted(wire.sent) == [("phone-token", f"{MARCH}_{each}") for each in (100, 80)]


def test_a_reset_sends_the_news_of_many_users_together(env: Environment, wire: Wire) -> None:
    for uid in ("ada", "bob", "eve"):
        env.generate(uid)
        register(env, Device(f"{uid}-token", "web"), uid)
    env.pass_time(days=40)
    with counting(env.db) as calls:
        assert env.reset_periods().users == 3
    assert {token for token, _ in wire.sent} == {"ada-token", "bob-token", "eve-token"}
    assert calls.read_rpcs == 2, "the plan; and the tokens of all three"


def test_who_has_no_device_costs_nothing_more(env: Environment, wire: Wire) -> None:
    env.generate(count=7)
    opened = env.create()
    with counting(env.db) as calls:
        env.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=3)
    assert wire.sent == []


def test_devices_that_are_gone_are_forgotten(env: Environment, wire: Wire) -> None:
    register(env)
    register(env, Device("gone-token", "android"))
    env.generate(count=8)
    assert len(wire.sent) == 2
    known = {device_id_for("phone-token")}
    assert below(env, "deviceTokens").keys() == known
    assert below(env, "users/ada/devices").keys() == known
    env.generate(count=2)
    assert len(wire.sent) == 3


def test_a_device_that_changed_hands_is_not_told_of_its_former_owner(
    env: Environment, wire: Wire
) -> None:
    register(env)
    register(env, uid="bob")
    env.generate(count=8)
    assert wire.sent == []
