"""Whose an idempotency key is, and when it names nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import IdempotencyMismatch, QuotaExceeded
from tests.emulator.world import row

if TYPE_CHECKING:
    from tests.emulator.world import World


def test_a_mismatch_is_told_also_when_the_quota_is_used_up(world: World) -> None:
    """B2"""
    world.plan(limits={"period": 1})
    world.create(key="k")
    with pytest.raises(IdempotencyMismatch):
        world.create(key="k", prompt="a hound")


def test_the_same_key_of_two_users_is_two_generations(world: World) -> None:
    """B1, B13: the key belongs to the holder."""
    ada, bob = world.create("ada", key="k"), world.create("bob", key="k")
    assert ada.generation.id != bob.generation.id
    assert (ada.replayed, bob.replayed) == (False, False)


def test_a_service_and_the_owner_share_the_holders_keys(world: World) -> None:
    """B1: the holder's uid and the key name the generation, whoever calls."""
    world.check("ada")
    world.edit("server", role="service")
    opened = world.create("ada", key="k", by="server")
    assert opened.generation.uid == "ada"
    replay = world.create("ada", key="k")
    assert (replay.replayed, replay.generation.id) == (True, opened.generation.id)
    again = world.create("ada", key="k", by=None)
    assert (again.replayed, again.generation.id) == (True, opened.generation.id)
    assert row(world.check("ada")) == (10, 0, 1)
    assert row(world.check("server")) == (10, 0, 0)


def test_a_refused_key_may_come_back_with_another_payload(world: World) -> None:
    """B2: what did not happen cannot be contradicted."""
    world.plan(limits={"period": 3})
    with pytest.raises(QuotaExceeded):
        world.create(key="k", count=4)
    assert world.create(key="k", count=3).generation.credits == 3
