"""Many creates of one user at once: exactly as many pass as the limit has room for.

The lanes that make callers of one process take turns are for speed only. What must hold is that the
preconditions of the commits suffice, so most of these run without lanes, over two clients.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import row

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from tests.emulator.environment import Environment


pytestmark = pytest.mark.usefixtures("patient")


def parallel_creates(count: int, *instances: Environment) -> list[CreatedGeneration]:
    return race([instances[n % len(instances)].create for n in range(count)])


def test_of_50_creates_at_once_with_1_credit_left_1_passes_through_one_instance(
    env: Environment,
) -> None:
    """A1: in one process, where callers of one user take turns."""
    env.plan(limits={"period": 10})
    for _ in range(9):
        env.generate()
    assert outcomes(parallel_creates(50, env)) == {"ok": 1, "quota-exceeded": 49}
    assert row(env.check()) == (10, 9, 1)


@pytest.mark.usefixtures("without_lock_stripes")
def test_of_50_creates_at_once_with_1_credit_left_1_passes_by_the_preconditions_alone(
    env: Environment, other: Environment
) -> None:
    """A1: as between two instances. The emulator has one mode of concurrency only."""
    env.plan(limits={"period": 10})
    for _ in range(9):
        env.generate()
    assert outcomes(parallel_creates(50, env, other)) == {"ok": 1, "quota-exceeded": 49}
    assert row(env.check()) == (10, 9, 1)


@pytest.mark.parametrize("count", [50, 200])
def test_of_many_creates_at_once_at_a_limit_of_10_exactly_10_pass(
    env: Environment, count: int
) -> None:
    """A1"""
    refused = {"ok": 10, "quota-exceeded": count - 10}
    assert outcomes(parallel_creates(count, env)) == refused
    assert row(env.check()) == (10, 0, 10)
    assert len(env.records()) == 10


@pytest.mark.usefixtures("without_lock_stripes")
@pytest.mark.parametrize("count", [50, 200])
def test_of_many_creates_at_once_exactly_10_pass_by_the_preconditions_alone(
    env: Environment, other: Environment, count: int
) -> None:
    """A1, A8: whoever is overtaken decides again, and none is told of contention."""
    refused = {"ok": 10, "quota-exceeded": count - 10}
    assert outcomes(parallel_creates(count, env, other)) == refused
    assert row(env.check()) == (10, 0, 10)
    assert len(env.records()) == 10


def test_200_creates_at_once_without_a_limit_all_pass(env: Environment) -> None:
    """A7: two calls in the same instant count as two, and 200 as 200."""
    env.plan()
    assert outcomes(parallel_creates(200, env)) == {"ok": 200}
    assert row(env.check()) == (-1, 0, 200)


@pytest.mark.usefixtures("without_lock_stripes")
def test_50_first_calls_of_a_new_user_share_one_limit(env: Environment, other: Environment) -> None:
    """A3"""
    assert not env.user()
    assert outcomes(parallel_creates(50, env, other)) == {"ok": 10, "quota-exceeded": 40}
    assert row(env.check()) == (10, 0, 10)


@pytest.mark.usefixtures("without_lock_stripes")
def test_50_first_checks_of_a_new_user_make_one_document(
    env: Environment, other: Environment
) -> None:
    """A3, E8: whoever comes second finds the document of the first."""
    decisions = race([env.check, other.check] * 25)
    assert outcomes(decisions) == {"ok": 50}
    made = env.user()
    assert (made["role"], made["generatedCount"], made["createdAt"]) == ("user", 0, env.now)


@pytest.mark.usefixtures("without_lock_stripes")
def test_30_creates_at_once_with_one_key_take_one_hold(
    env: Environment, other: Environment
) -> None:
    """B1: all of them are told of the same generation."""
    results = race([partial(at.create, key="k") for at in (env, other)] * 15)
    assert outcomes(results) == {"ok": 30}
    assert len({opened.generation.id for opened in results}) == 1
    assert len({opened.generation.hold.end for opened in results}) == 1
    assert sorted(opened.replayed for opened in results) == [False] + [True] * 29
    assert row(env.check()) == (10, 0, 1)
    assert len(env.records()) == 1


@pytest.mark.usefixtures("without_lock_stripes")
def test_one_key_with_two_payloads_at_once_is_one_generation_and_one_mismatch(
    env: Environment, other: Environment
) -> None:
    """B2"""
    hound = partial(other.create, key="k", prompt="a hound")
    results = race([partial(env.create, key="k"), hound] * 5)
    assert outcomes(results) == {"ok": 5, "idempotency-mismatch": 5}
    assert row(env.check()) == (10, 0, 1)


@pytest.mark.usefixtures("without_lock_stripes")
def test_creates_at_once_of_several_types_pass_no_limit(
    env: Environment, other: Environment
) -> None:
    """A4: with limits for all types, by type and by day, whatever refuses changes nothing."""
    env.plan(
        limits={"period": 20, "day": 9},
        limitsByType={"video": {"period": 4}, "image": {"day": 3}},
        prices=[{"type": "video", "credits": 2}],
    )
    calls = [
        partial(at.create, type=kind) for kind in ("video", "image", "audio") for at in (env, other)
    ]
    assert outcomes(race(calls * 7)) in (
        # Videos take two credits: what fits at the end depends on who came when.
        {"ok": 7, "quota-exceeded": 35},
        {"ok": 8, "quota-exceeded": 34},
        {"ok": 9, "quota-exceeded": 33},
    )
    decision = env.check()
    assert row(decision, "day") == (9, 0, 9)
    assert row(decision, "period") == (20, 0, 9)
    assert row(decision, "period", "video")[2] <= 4
    assert row(decision, "day", "image")[2] <= 3


@pytest.mark.usefixtures("without_lock_stripes")
def test_creates_at_once_spend_the_plan_then_grants_then_overage_and_no_more(
    env: Environment, other: Environment
) -> None:
    """A1, D17: a grant pays what it has, once, and an expired one nothing."""
    env.plan(limits={"period": 5}, overage=2)
    env.check()
    env.grant("top-up", 4)
    env.grant("gone", 50, expires_at=env.now)
    assert outcomes(parallel_creates(40, env, other)) == {"ok": 11, "quota-exceeded": 29}
    decision = env.check()
    assert row(decision) == (5, 0, 7)
    assert decision.grants_remaining == 0
    for record in env.records():
        env.report(record["id"], "success")
    grants = env.user()["quota"]["grants"]
    assert (grants["top-up"]["used"], grants["gone"]["used"]) == (4, 0)
    assert row(env.check()) == (5, 7, 0)


@pytest.mark.usefixtures("without_lock_stripes")
def test_creates_at_once_pass_no_rate(env: Environment, other: Environment) -> None:
    """A1: rates count generations, whatever they cost."""
    env.plan(rates={"minute": 6, "hour": 100}, prices=[{"credits": 0}])
    assert outcomes(parallel_creates(30, env, other)) == {"ok": 6, "rate-exceeded": 24}
    env.pass_time(minutes=1)
    assert outcomes(parallel_creates(30, env)) == {"ok": 6, "rate-exceeded": 24}
    assert row(env.check(), "hour") == (100, 12, 0)


@pytest.mark.usefixtures("without_lock_stripes")
def test_creates_at_once_leave_no_more_open_than_the_plan_allows(
    env: Environment, other: Environment
) -> None:
    """A1"""
    env.plan(rates={"maxOpen": 3})
    results = parallel_creates(30, env, other)
    assert outcomes(results) == {"ok": 3, "too-many-open": 27}
    assert len(env.user()["quota"]["holds"]) == 3
