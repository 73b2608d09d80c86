"""A refusal changes nothing, and checking and creating are of one mind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import GenquotaError, NotAllowed, QuotaExceeded
from tests.emulator.environment import START, row
from tests.rpc_counter import COMMIT, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment


def everything(env: Environment) -> dict[str, Any]:
    """Return all documents of the test's database."""
    found = {}
    for collection in env.db.collections():
        for snapshot in collection.stream():
            found[snapshot.reference.path] = snapshot.to_dict()
    return found


LIMITS: dict[str, dict[str, Any]] = {
    "day": {"limits": {"day": 2, "week": 50, "period": 100}},
    "week": {"limits": {"day": 50, "week": 2, "period": 100}},
    "month": {"limits": {"month": 2}},
    "period": {"limits": {"day": 50, "period": 2}},
    "period of a type": {"limits": {"day": 50}, "limitsByType": {"image": {"period": 2}}},
    "minute": {"limits": {"day": 50}, "rates": {"minute": 2}},
    "hour": {"limits": {"day": 50}, "rates": {"minute": 5, "hour": 2}},
    "open": {"limits": {"day": 50}, "rates": {"maxOpen": 2}},
    "overage": {"limits": {"period": 1}, "overage": 1},
}


@pytest.mark.parametrize("terms", LIMITS.values(), ids=LIMITS)
def test_if_any_window_refuses_no_window_changes_and_the_check_says_the_same(
    env: Environment, terms: dict[str, Any]
) -> None:
    """A4, A5, A10"""
    env.plan(**terms)
    for _ in range(2):
        env.create()
    before = everything(env)
    decision = env.check()
    with pytest.raises(GenquotaError) as refused:
        env.create()
    assert everything(env) == before
    assert decision.refusal is not None
    assert type(decision.refusal) is type(refused.value)
    assert vars(decision.refusal) == vars(refused.value)


def test_one_that_needs_room_in_two_windows_takes_from_neither_if_one_is_full(
    env: Environment,
) -> None:
    """A4"""
    env.plan(limits={"day": 3, "period": 10})
    env.create(count=2)
    with pytest.raises(QuotaExceeded):
        env.create(count=2)
    decision = env.check()
    assert (row(decision, "day"), row(decision)) == ((3, 0, 2), (10, 0, 2))


def test_what_costs_more_than_the_whole_limit_is_refused_without_hope(
    env: Environment,
) -> None:
    """A6"""
    with pytest.raises(QuotaExceeded) as refused:
        env.create(count=11)
    assert (refused.value.requested, refused.value.limit) == (11, 10)
    assert refused.value.resets_at is None
    assert row(env.create(count=10).quota) == (10, 0, 10)


def test_what_costs_nothing_passes_a_full_limit_and_is_counted_as_a_generation(
    env: Environment,
) -> None:
    """A6, B14"""
    terms: dict[str, Any] = {"prices": [{"type": "audio", "credits": 0}], "rates": {"minute": 3}}
    env.plan(limits={"period": 1}, **terms)
    env.create()
    assert env.check().can_generate is False
    env.plan(limits={"period": 0}, **terms)
    free = env.create(type="audio")
    env.report(free, "success")
    assert env.record(free)["charged"] == 0
    assert env.user()["generatedCount"] == 1
    assert row(env.check()) == (0, 0, 1)
    assert row(env.check(), "minute") == (3, 2, 0)


def test_without_a_limit_a_hold_is_taken_all_the_same_and_settled_cleanly(
    env: Environment,
) -> None:
    """B14"""
    env.plan(limits={"period": -1})
    first, second = env.create(count=9), env.create()
    assert row(env.check()) == (-1, 0, 10)
    env.report(first, "success")
    env.report(second, "cancelled")
    assert row(env.check()) == (-1, 9, 0)


def test_a_user_may_not_name_the_price_and_asking_leaves_no_trace(env: Environment) -> None:
    """A5"""
    with pytest.raises(NotAllowed):
        env.create(credits=0)
    with pytest.raises(NotAllowed):
        env.check(credits=0)
    assert everything(env) == {}


def test_nobody_may_act_for_another_and_trying_makes_no_document(env: Environment) -> None:
    """A5, E10"""
    with pytest.raises(NotAllowed):
        env.create("ada", by="bob")
    with pytest.raises(NotAllowed):
        env.check("ada", by="bob")
    assert everything(env) == {}


def test_rates_are_not_given_back(env: Environment) -> None:
    """B13: a failed generation was a start all the same."""
    env.plan(rates={"minute": 1})
    env.report(env.create(), "failed")
    assert env.check().can_generate is False
    env.pass_time(seconds=60)
    assert env.check().can_generate is True


def test_owners_report_no_results_where_only_services_are_believed(env: Environment) -> None:
    """B15"""
    env.set_policy(owners_report_results=False)
    env.edit("server", role="service")
    opened, second, third = env.create(), env.create(), env.create()
    for status in ("success", "failed"):
        with pytest.raises(NotAllowed):
            env.report(opened, status)
    env.report(second, "cancelled")
    env.report(opened, "processing")
    with pytest.raises(NotAllowed):
        env.report(opened, "cancelled")
    env.report(opened, "success", by="server")
    env.report(third, "success", by=None)
    assert row(env.check()) == (10, 2, 0)


class Preconditions:
    """Notes commits that write a user document without saying what it must be like."""

    def __init__(self) -> None:
        self.commits = 0
        self.careless: list[str] = []

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401 - a listener's signature
        if rpc != COMMIT:
            return
        self.commits += 1
        for write in request.writes:
            path = write.update.name.partition("/documents/")[2]
            is_user = path.startswith("users/") and path.count("/") == 1
            must = write.current_document
            if is_user and not (must.update_time or must.exists is False):
                self.careless.append(path)

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        pass


def test_every_write_of_a_user_document_says_what_it_must_be_like(env: Environment) -> None:
    """A2, A8: what was read is checked by the commit itself, whichever verb wrote it."""
    preconditions = Preconditions()
    with listening(env.db, preconditions):
        calls: list[Callable[[], object]] = [
            env.check,
            lambda: env.create(key="k"),
            lambda: env.report(env.create(key="k"), "processing"),
            lambda: env.report(env.create(key="k"), "success"),
            lambda: env.report(env.create(), "failed"),
            lambda: env.change_profile(displayName="Ada"),
            lambda: env.hide(env.create(key="k")),
            lambda: env.usage("bob"),
            lambda: env.create("cyd"),
        ]
        for call in calls:
            call()
        env.now = START + timedelta(days=40)
        env.expire_generations()
        env.reset_periods()
    assert preconditions.careless == []
    assert preconditions.commits == 12
