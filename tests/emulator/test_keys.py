"""Whose an idempotency key is, and when it names nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import IdempotencyMismatch, QuotaExceeded
from tests.emulator.environment import row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def test_a_mismatch_is_told_also_when_the_quota_is_used_up(env: Environment) -> None:
    """B2"""
    env.plan(limits={"period": 1})
    env.create(key="k")
    with pytest.raises(IdempotencyMismatch):
        env.create(key="k", prompt="a hound")


def test_the_same_key_of_two_users_is_two_generations(env: Environment) -> None:
    """B1, B13: the key belongs to the holder."""
    ada, bob = env.create("ada", key="k"), env.create("bob", key="k")
    assert ada.generation.id != bob.generation.id
    assert (ada.replayed, bob.replayed) == (False, False)


def test_a_service_and_the_owner_share_the_holders_keys(env: Environment) -> None:
    """B1: the holder's uid and the key name the generation, whoever calls."""
    env.check("ada")
    env.edit("server", role="service")
    opened = env.create("ada", key="k", by="server")
    assert opened.generation.uid == "ada"
    replay = env.create("ada", key="k")
    assert (replay.replayed, replay.generation.id) == (True, opened.generation.id)
    again = env.create("ada", key="k", by=None)
    assert (again.replayed, again.generation.id) == (True, opened.generation.id)
    assert row(env.check("ada")) == (10, 0, 1)
    assert row(env.check("server")) == (10, 0, 0)


def test_a_refused_key_may_come_back_with_another_payload(env: Environment) -> None:
    """B2: what did not happen cannot be contradicted."""
    env.plan(limits={"period": 3})
    with pytest.raises(QuotaExceeded):
        env.create(key="k", count=4)
    assert env.create(key="k", count=3).generation.credits == 3
