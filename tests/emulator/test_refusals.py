"""A refusal changes nothing, and checking and creating are of one mind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import GenquotaError, NotAllowed, QuotaExceeded
from tests.emulator.world import START, row
from tests.rpc_counter import COMMIT, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.world import World


def everything(world: World) -> dict[str, Any]:
    """Return all documents of the test's database."""
    found = {}
    for collection in world.db.collections():
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
    world: World, terms: dict[str, Any]
) -> None:
    """A4, A5, A10"""
    world.plan(**terms)
    for _ in range(2):
        world.create()
    before = everything(world)
    decision = world.check()
    with pytest.raises(GenquotaError) as refused:
        world.create()
    assert everything(world) == before
    assert decision.refusal is not None
    assert type(decision.refusal) is type(refused.value)
    assert vars(decision.refusal) == vars(refused.value)


def test_one_that_needs_room_in_two_windows_takes_from_neither_if_one_is_full(
    world: World,
) -> None:
    """A4"""
    world.plan(limits={"day": 3, "period": 10})
    world.create(count=2)
    with pytest.raises(QuotaExceeded):
        world.create(count=2)
    decision = world.check()
    assert (row(decision, "day"), row(decision)) == ((3, 0, 2), (10, 0, 2))


def test_what_costs_more_than_the_whole_limit_is_refused_without_hope(world: World) -> None:
    """A6"""
    with pytest.raises(QuotaExceeded) as refused:
        world.create(count=11)
    assert (refused.value.requested, refused.value.limit) == (11, 10)
    assert refused.value.resets_at is None
    assert row(world.create(count=10).quota) == (10, 0, 10)


def test_what_costs_nothing_passes_a_full_limit_and_is_counted_as_a_generation(
    world: World,
) -> None:
    """A6, B14"""
    terms: dict[str, Any] = {"prices": [{"type": "audio", "credits": 0}], "rates": {"minute": 3}}
    world.plan(limits={"period": 1}, **terms)
    world.create()
    assert world.check().can_generate is False
    world.plan(limits={"period": 0}, **terms)
    free = world.create(type="audio")
    world.report(free, "success")
    assert world.record(free)["charged"] == 0
    assert world.user()["generatedCount"] == 1
    assert row(world.check()) == (0, 0, 1)
    assert row(world.check(), "minute") == (3, 2, 0)


def test_without_a_limit_a_hold_is_taken_all_the_same_and_settled_cleanly(world: World) -> None:
    """B14"""
    world.plan(limits={"period": -1})
    first, second = world.create(count=9), world.create()
    assert row(world.check()) == (-1, 0, 10)
    world.report(first, "success")
    world.report(second, "cancelled")
    assert row(world.check()) == (-1, 9, 0)


def test_a_user_may_not_name_the_price_and_asking_leaves_no_trace(world: World) -> None:
    """A5"""
    with pytest.raises(NotAllowed):
        world.create(credits=0)
    with pytest.raises(NotAllowed):
        world.check(credits=0)
    assert everything(world) == {}


def test_nobody_may_act_for_another_and_trying_makes_no_document(world: World) -> None:
    """A5, E10"""
    with pytest.raises(NotAllowed):
        world.create("ada", by="bob")
    with pytest.raises(NotAllowed):
        world.check("ada", by="bob")
    assert everything(world) == {}


def test_rates_are_not_given_back(world: World) -> None:
    """B13: a failed generation was a start all the same."""
    world.plan(rates={"minute": 1})
    world.report(world.create(), "failed")
    assert world.check().can_generate is False
    world.pass_time(seconds=60)
    assert world.check().can_generate is True


def test_owners_report_no_results_where_only_services_are_believed(world: World) -> None:
    """B15"""
    world.set_policy(owners_report_results=False)
    world.edit("server", role="service")
    opened, second, third = world.create(), world.create(), world.create()
    for status in ("success", "failed"):
        with pytest.raises(NotAllowed):
            world.report(opened, status)
    world.report(second, "cancelled")
    world.report(opened, "processing")
    with pytest.raises(NotAllowed):
        world.report(opened, "cancelled")
    world.report(opened, "success", by="server")
    world.report(third, "success", by=None)
    assert row(world.check()) == (10, 2, 0)


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


def test_every_write_of_a_user_document_says_what_it_must_be_like(world: World) -> None:
    """A2, A8: what was read is checked by the commit itself, whichever verb wrote it."""
    preconditions = Preconditions()
    with listening(world.db, preconditions):
        calls: list[Callable[[], object]] = [
            world.check,
            lambda: world.create(key="k"),
            lambda: world.report(world.create(key="k"), "processing"),
            lambda: world.report(world.create(key="k"), "success"),
            lambda: world.report(world.create(), "failed"),
            lambda: world.change_profile(displayName="Ada"),
            lambda: world.hide(world.create(key="k")),
            lambda: world.usage("bob"),
            lambda: world.create("cyd"),
        ]
        for call in calls:
            call()
        world.now = START + timedelta(days=40)
        world.expire_generations()
        world.reset_periods()
    assert preconditions.careless == []
    assert preconditions.commits == 12
