"""Names that an app may choose freely are names to Firestore, never paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.books import assert_books_balance
from tests.emulator.world import row

if TYPE_CHECKING:
    from tests.emulator.world import World

ODD = ["video.v2", "gpt-4.1", "a`b", "back\\slash", "a/b", "*~[]", "ünï", "1st"]


@pytest.mark.parametrize("name", ODD)
def test_a_type_may_be_called_anything(world: World, name: str) -> None:
    """E1: settings name types, and models have dots in them."""
    world.plan(limits={"period": 9}, limitsByType={name: {"period": 2}})
    opened = world.create(type=name)
    world.generate(type=name)
    assert row(world.check(type=name), "period", name) == (2, 1, 1)
    world.pass_time(days=40)
    world.report(opened, "success")
    world.reset_periods()
    assert world.day("2027-03-15")["byType"] == {name: 2}
    assert world.closed("period")[0]["byType"] == {name: 2}
    assert_books_balance(world.db)


@pytest.mark.parametrize("name", ODD)
def test_a_grant_may_be_called_anything(world: World, name: str) -> None:
    """E1"""
    world.plan(limits={"period": 0})
    world.check()
    grants = {name: {"credits": 5, "used": 0, "expiresAt": None}}
    world.db.document("users/ada").update({"quota.grants": grants})
    world.generate(count=2)
    assert world.user()["quota"]["grants"][name]["used"] == 2
    assert set(world.user()["quota"]["grants"]) == {name}
    assert_books_balance(world.db)


@pytest.mark.parametrize("uid", ["ada.l", "a@b", "ünï", "a b", "-", "1", "a" * 128])
def test_a_user_may_be_called_whatever_firebase_allows(world: World, uid: str) -> None:
    """E1"""
    opened = world.create(uid)
    world.pass_time(days=40)
    world.report(opened, "success", uid)
    assert world.day("2027-03-15", uid)["used"] == 1
    assert row(world.check(uid)) == (10, 0, 0)
    assert_books_balance(world.db, uid)


def test_metadata_keeps_keys_with_dots_as_they_are(world: World) -> None:
    """E1: at create and in reports, which add to it key by key."""
    first: dict[str, Any] = {"model.name": "v2", "nested": {"a.b": 1}}
    opened = world.create(metadata=first)
    assert world.record(opened)["metadata"] == first
    world.report(opened, "processing", metadata={"step.one": True})
    world.report(opened, "success", metadata={"model.name": "v3"})
    assert world.record(opened)["metadata"] == {
        "model.name": "v3",
        "nested": {"a.b": 1},
        "step.one": True,
    }
