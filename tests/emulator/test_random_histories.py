"""Anything, by many at once, over days: in the end the counters equal what the records add up to.

Several threads call for several users through two instances while another lets time pass, jumps
included. What each thread does is drawn from a seed; how they interleave is not.
"""

# ruff: noqa: S311 - histories are drawn, not secrets
from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import Contention, GenquotaError, Unavailable
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, Environment

if TYPE_CHECKING:
    from genquota.domain.quota.decision import Decision

USERS = ("ada", "bob", "cyd")
THREADS = 8
CALLS = 60
TYPES = ("image", "video", "audio")
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin")
TERMS = {
    "limits": {"day": 12, "week": 30, "period": 40},
    "limitsByType": {"video": {"day": 5, "period": 12}},
    "rates": {"maxOpen": 9},
    "prices": [{"type": "video", "credits": 2, "holdSeconds": 3600}],
    "overage": 3,
}


class History:
    """One random history."""

    def __init__(self, seed: int, *instances: Environment, is_calm: bool) -> None:
        self.instances = instances
        self.seed = seed
        self.is_calm = is_calm
        """Whether limits only ever mean what they meant at the beginning."""
        self.opened: list[tuple[str, str]] = []
        self.refused: dict[str, int] = {}
        self.is_over = threading.Event()

    def play(self) -> None:
        """Play to the end.

        Raises:
            BaseException: Any call ended in what it must not end in.
        """
        with ThreadPoolExecutor(THREADS + 1) as threads:
            clock = threads.submit(self._let_time_pass)
            calls = [threads.submit(self._call, n) for n in range(THREADS)]
            try:
                for each in calls:
                    each.result()
            finally:
                self.is_over.set()
            clock.result()

    def _let_time_pass(self) -> None:
        dice = random.Random(self.seed)
        while not self.is_over.is_set():
            jump = dice.choice((1, 20, 60, 600, 1200, 30_000, 90_000, 400_000))
            for instance in self.instances:
                # The clocks of two instances are never quite the same.
                instance.now += timedelta(seconds=jump + dice.random())
            time.sleep(0.04)

    def _call(self, thread: int) -> None:
        dice = random.Random(self.seed * 1000 + thread)
        for n in range(CALLS):
            env, uid = dice.choice(self.instances), dice.choice(USERS)
            try:
                self._do(dice, env, uid, f"{thread}-{n}")
            except (Contention, Unavailable):
                raise
            except GenquotaError as refusal:
                self.refused[refusal.reason] = self.refused.get(refusal.reason, 0) + 1

    def _do(self, dice: random.Random, env: Environment, uid: str, name: str) -> None:
        what = dice.random()
        if what < 0.4:
            type_, count = dice.choice(TYPES), dice.choice((1, 1, 2, 5))
            opened = env.create(uid, name, type=type_, count=count)
            self.opened.append((uid, opened.generation.id))
            self._look_at(opened.quota)
        elif what < 0.8 and self.opened:
            owner, id_ = dice.choice(self.opened[-30:])
            status = dice.choice(("success", "success", "failed", "cancelled", "processing"))
            by = dice.choice((owner, None))
            # Every third report says how many were made, sometimes more than were asked for.
            details: dict[str, Any] = {"output_count": 2} if dice.random() < 0.35 else {}
            self._look_at(env.report(id_, status, owner, by=by, outputs=2, **details).quota)
        elif what < 0.86:
            self._look_at(env.check(uid))
        elif what < 0.9:
            assert dice.choice((env.reset_periods, env.expire_generations))().failed == 0
        elif what < 0.93:
            env.change_profile(uid, timezone=dice.choice(ZONES))
        elif what < 0.96:
            expires = dice.choice((None, env.now + timedelta(hours=dice.randrange(1, 99))))
            env.grant(f"pack-{name}", dice.randrange(1, 9), expires, uid)
        elif what < 0.98:
            start = env.now - timedelta(hours=dice.randrange(9))
            env.subscribe(start, start + timedelta(days=30), uid, planId="plus")
        elif not self.is_calm:
            env.edit(uid, planId=dice.choice(("free", "plus", "small")))

    def _look_at(self, quota: Decision) -> None:
        """Assert that no limit is passed, where nothing may pass one."""
        if self.is_calm and quota.plan:
            for row in quota.usages:
                most = row.limit + quota.plan.overage
                assert row.is_unlimited or row.used + row.reserved <= most, row


def plans(env: Environment) -> None:
    env.plan("free", **TERMS)
    # No smaller than free, so that a subscription that ends lowers no limit that matters here.
    env.plan("plus", **TERMS, period={"unit": "day", "count": 10})
    env.plan("small", limits={"day": 2, "period": 5})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_history_passes_a_limit_or_loses_a_credit(
    env: Environment, other: Environment, seed: int
) -> None:
    """A1, B4, B5, B13, F2: late successes are forgiven here, for they alone may pass a limit."""
    plans(env)
    for instance in (env, other):
        instance.set_policy(charge_late_success=False)
    history = History(seed, env, other, is_calm=True)
    history.play()
    assert len(history.opened) > 40
    assert history.refused.keys() >= {"quota-exceeded"}
    assert env.now > START + timedelta(days=5)
    for uid in USERS:
        assert_counters_match_records(env.db, uid)
    assert env.reconcile().drifted == 0


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_no_history_of_plans_that_come_and_go_loses_a_credit(
    env: Environment, other: Environment, seed: int
) -> None:
    """A12, B4, B7, B10, F2"""
    plans(env)
    history = History(seed, env, other, is_calm=False)
    history.play()
    assert len(history.opened) > 40
    for uid in USERS:
        assert_counters_match_records(env.db, uid)
    assert env.reconcile().drifted == 0


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_history_without_lanes_comes_out_even_too(env: Environment, other: Environment) -> None:
    """A1, F2: the preconditions alone."""
    plans(env)
    history = History(7, env, other, is_calm=False)
    history.play()
    env.pass_time(days=100)
    env.reset_periods()
    env.expire_generations()
    for uid in USERS:
        assert_counters_match_records(env.db, uid)
        assert not env.user(uid)["quota"].get("holds")
