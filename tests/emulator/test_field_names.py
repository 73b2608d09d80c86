"""Names that an app may choose freely are names to Firestore, never paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

ODD = ["video.v2", "gpt-4.1", "a`b", "back\\slash", "a/b", "*~[]", "ünï", "1st"]


@pytest.mark.parametrize("name", ODD)
def test_a_type_may_be_called_anything(env: Environment, name: str) -> None:
    """E1: settings name types, and models have dots in them."""
    env.plan(limits={"period": 9}, limitsByType={name: {"period": 2}})
    opened = env.create(type=name)
    env.generate(type=name)
    assert row(env.check(type=name), "period", name) == (2, 1, 1)
    env.pass_time(days=40)
    env.report(opened, "success")
    env.reset_periods()
    assert env.day("2027-03-15")["byType"] == {name: 2}
    assert env.closed("period")[0]["byType"] == {name: 2}
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("name", ODD)
def test_a_grant_may_be_called_anything(env: Environment, name: str) -> None:
    """E1"""
    env.plan(limits={"period": 0})
    env.check()
    grants = {name: {"credits": 5, "used": 0, "expiresAt": None}}
    env.db.document("users/ada").update({"quota.grants": grants})
    env.generate(count=2)
    assert env.user()["quota"]["grants"][name]["used"] == 2
    assert set(env.user()["quota"]["grants"]) == {name}
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("uid", ["ada.l", "a@b", "ünï", "a b", "-", "1", "a" * 128])
def test_a_user_may_be_called_whatever_firebase_allows(env: Environment, uid: str) -> None:
    """E1"""
    opened = env.create(uid)
    env.pass_time(days=40)
    env.report(opened, "success", uid)
    assert env.day("2027-03-15", uid)["used"] == 1
    assert row(env.check(uid)) == (10, 0, 0)
    assert_counters_match_records(env.db, uid)


def test_metadata_keeps_keys_with_dots_as_they_are(env: Environment) -> None:
    """E1: at create and in reports, which add to it key by key."""
    first: dict[str, Any] = {"model.name": "v2", "nested": {"a.b": 1}}
    opened = env.create(metadata=first)
    assert env.record(opened)["metadata"] == first
    env.report(opened, "processing", metadata={"step.one": True})
    env.report(opened, "success", metadata={"model.name": "v3"})
    assert env.record(opened)["metadata"] == {
        "model.name": "v3",
        "nested": {"a.b": 1},
        "step.one": True,
    }
