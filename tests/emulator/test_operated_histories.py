"""The same random histories, with operators who give, take back, reset and refund in the middle of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.emulator.test_random_histories import USERS, History, plans

if TYPE_CHECKING:
    import random

    from tests.emulator.environment import Environment


class OperatedHistory(History):
    """A history in which every fifth change is an operator's."""

    def __init__(self, seed: int, *instances: Environment, is_calm: bool) -> None:
        super().__init__(seed, *instances, is_calm=is_calm)
        self.given: list[tuple[str, str]] = []
        self.deeds: dict[str, int] = {}

    def _do(self, dice: random.Random, env: Environment, uid: str, name: str) -> None:
        if dice.random() < 0.8:
            super()._do(dice, env, uid, name)
            return
        operator, what = (
            OperatorActions(env),
            dice.choice(("refund", "refund", "reset", "give", "revoke", "plan")),
        )
        if what == "refund" and self.opened:
            self._look_at(operator.refund(dice.choice(self.opened)[1]).quota)
        elif what == "reset":
            self._look_at(
                operator.reset(dice.choice(("day", "week", "month", "period")), uid).quota
            )
        elif what == "give":
            ends = dice.choice((None, env.now + timedelta(hours=dice.randrange(1, 99))))
            changed = operator.give(
                dice.randrange(1, 9), name, uid, expires_at=ends, purchased=dice.random() < 0.5
            )
            self.given.append((uid, str(changed.edit.about)))
        elif what == "revoke" and self.given:
            owner, grant_id = dice.choice(self.given)
            operator.revoke(grant_id, owner)
        elif what == "plan" and not self.is_calm:
            self._change_terms(dice, operator, uid)
        else:
            return
        self.deeds[what] = self.deeds.get(what, 0) + 1

    def _change_terms(self, dice: random.Random, operator: OperatorActions, uid: str) -> None:
        which = dice.random()
        if which < 0.4:
            operator.plan(
                dice.choice(("free", "plus", "small", None)), uid, at_once=dice.random() < 0.5
            )
        elif which < 0.6:
            operator.limits(uid, limits={"day": dice.choice((None, 3, 20, -1))})
        elif which < 0.8:
            operator.subscribe(dice.choice(("plus", "small")), uid)
        else:
            operator.unsubscribe(uid)


@pytest.mark.usefixtures("without_lock_stripes")
@pytest.mark.parametrize(("seed", "is_calm"), [(11, True), (12, False), (13, False)])
def test_whatever_operators_do_meanwhile_no_limit_is_passed_and_no_credit_lost(
    env: Environment,
    other: Environment,
    seed: int,
    is_calm: bool,  # noqa: FBT001
) -> None:
    """A1, B3, B5, D10, F2, F5"""
    plans(env)
    operator_actions(env)
    for uid in USERS:
        env.check(uid)
    for instance in (env, other):
        instance.set_policy(charge_late_success=False)
    history = OperatedHistory(seed, env, other, is_calm=is_calm)
    history.play()
    assert history.deeds.keys() >= {"refund", "reset", "give", "revoke"}
    for uid in USERS:
        assert_counters_match_records(env.db, uid)
        grants = env.user(uid)["quota"].get("grants", {}).values()
        assert all(0 <= grant["used"] <= grant["credits"] for grant in grants)
    assert env.reconcile().drifted == 0
    env.pass_time(days=100)
    env.expire_generations()
    env.reset_periods()
    for uid in USERS:
        assert_counters_match_records(env.db, uid)
        assert not env.user(uid)["quota"].get("holds")
    assert env.reconcile().drifted == 0
