"""Somebody else writes the user document at the same instant: an operator, a webhook, the app."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

pytestmark = pytest.mark.usefixtures("without_lock_stripes")


def test_creates_racing_a_change_of_plan_lose_no_hold_and_pass_neither_limit(
    env: Environment, other: Environment
) -> None:
    """A12, A13"""
    env.plan("free", limits={"period": 8})
    env.plan("plus", limits={"period": 15})
    env.check()
    calls = [env.create, other.create] * 10
    results = race([*calls, partial(other.edit, planId="plus"), *calls])
    passed = outcomes(results)["ok"] - 1
    assert 8 <= passed <= 15
    assert outcomes(results) == {"ok": passed + 1, "quota-exceeded": 40 - passed}
    assert row(env.check()) == (15, 0, passed)
    assert len(env.user()["quota"]["holds"]) == len(env.records()) == passed
    assert_counters_match_records(env.db)


def test_creates_racing_a_purchase_are_held_in_the_old_period_or_the_new_but_never_lost(
    env: Environment, other: Environment
) -> None:
    """A12: the purchase begins a new period while creates are on their way."""
    env.plan("plus", limits={"period": 15})
    for _ in range(4):
        env.generate()
    calls = [env.create, other.create] * 10
    purchase = START - timedelta(seconds=1)
    results = race([*calls, partial(other.subscribe, purchase, START + timedelta(days=31)), *calls])
    passed = outcomes(results)["ok"] - 1
    assert outcomes(results) == {"ok": passed + 1, "quota-exceeded": 40 - passed}
    decision = env.check()
    assert decision.plan_id == "plus"
    assert row(decision)[0:2] == (15, 0)
    assert row(decision)[2] == 15, "all that came after the purchase found the new allowance"
    assert passed - 15 in range(7), "and those before it what was left of the old one"
    for record in env.records():
        if record["generationStatus"] == "pending":
            env.report(record["id"], "success")
    assert row(env.check()) == (15, 15, 0)
    assert_counters_match_records(env.db)


def test_reports_racing_edits_of_the_document_lose_neither(
    env: Environment, other: Environment
) -> None:
    """A12: whoever writes last does not undo the other."""
    opened = [env.create() for _ in range(8)]
    calls = [partial(env.report, generation, "success") for generation in opened]
    edits = [partial(other.edit, **{f"favourite{n}": "fox"}) for n in range(8)]
    assert outcomes(race([*calls, *edits])) == {"ok": 16}
    user = env.user()
    assert [user[f"favourite{n}"] for n in range(8)] == ["fox"] * 8
    assert user["generatedCount"] == 8
    assert row(env.check()) == (10, 8, 0)
    assert_counters_match_records(env.db)


def test_an_operators_correction_of_a_lifetime_count_survives_a_success_at_the_same_instant(
    env: Environment, other: Environment
) -> None:
    """A12: nothing is decided on lifetime counts, so they are increments."""
    opened = env.create()
    race([partial(env.report, opened, "success"), partial(other.edit, generatedCount=40)])
    assert env.user()["generatedCount"] in (40, 41)
    env.generate()
    assert env.user()["generatedCount"] in (41, 42)


def test_a_document_made_by_the_app_at_the_instant_of_the_first_call_keeps_both_sides_fields(
    env: Environment, other: Environment
) -> None:
    """E8: the app's own sign-up code and our first call make the same document."""
    for n in range(8):
        uid = f"user{n}"
        document = other.db.document(f"users/{uid}")
        sign_up = partial(document.set, {"nickname": "Ada", "role": "user"}, merge=True)
        race([partial(env.check, uid), sign_up])
        env.create(uid)
        user = env.user(uid)
        assert (user["nickname"], user["generatedCount"], user["isDeleted"]) == ("Ada", 0, False)
        assert len(user["quota"]["holds"]) == 1


def test_a_lowered_limit_is_obeyed_by_the_creates_that_come_after_it(
    env: Environment, other: Environment
) -> None:
    """A13: with no plan remembered, no cap outlives its edit."""
    env.plan(limits={"period": 30})
    for instance in (env, other):
        instance.create()
    env.plan(limits={"period": 5})
    assert outcomes(race([env.create, other.create] * 10)) == {"ok": 3, "quota-exceeded": 17}


def test_a_user_who_is_barred_during_a_burst_gets_nothing_after_it(
    env: Environment, other: Environment
) -> None:
    """E10"""
    env.plan()
    env.check()
    barred = threading.Event()

    def bar() -> None:
        other.edit(disabled=True)
        barred.set()

    def create_afterwards() -> object:
        assert barred.wait(10)
        return other.create()

    results = race([*[env.create] * 10, bar, *[create_afterwards] * 10])
    assert outcomes(results[11:]) == {"account-disabled": 10}
    held = len(env.user()["quota"].get("holds", {}))
    assert held == outcomes(results[:10]).get("ok", 0) == len(env.records())
