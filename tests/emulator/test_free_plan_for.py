"""FREE_PLAN_FOR=verified: the default plan is for those who have shown an email or a phone number."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import NoPlan
from genquota.domain.quota.decision import Ask, Decision
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit, get_usage
from tests.emulator.world import START, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.world import World

VERIFIED = Caller("ada", "ada@example.com", is_verified=True)


@pytest.fixture(autouse=True)
def for_verified(world: World) -> None:
    world.set_policy(default_plan_is_for_everyone=False)


def check(world: World, caller: Caller) -> Decision:
    return check_limit.check_limit(world.context, caller, None, Ask())[1]


def test_who_has_shown_nothing_has_no_plan_and_is_told_to_verify(world: World) -> None:
    decision = check(world, Caller("ada", "ada@example.com"))
    assert (decision.plan_id, decision.rows) == (None, ())
    assert isinstance(decision.refusal, NoPlan)
    assert decision.refusal.must_verify
    with pytest.raises(NoPlan):
        world.create()
    assert world.records() == []


def test_who_has_shown_an_email_has_the_default_plan_from_then_on_whoever_asks(
    world: World,
) -> None:
    check(world, VERIFIED)
    assert row(world.check()) == (10, 0, 0), "also by a token that shows it no more"
    world.edit("server", role="service")
    assert row(world.check(by="server")) == (10, 0, 0)
    assert row(world.create(by=None).quota) == (10, 0, 1)
    world.report(world.records()[0]["id"], "success")
    world.pass_time(days=40)
    assert world.reset_periods().users == 1
    assert world.user()["usage"]["planId"] == "free"


def test_who_verifies_later_is_remembered_at_once_and_with_one_write(world: World) -> None:
    check(world, Caller("ada"))
    with counting(world.db) as calls:
        assert row(check(world, VERIFIED)) == (10, 0, 0)
    assert (calls.commits, calls.writes) == (1, 1)
    with counting(world.db) as calls:
        check(world, VERIFIED)
        get_usage.get_usage(world.context, VERIFIED, None)
    assert calls == Calls(read_rpcs=2, documents_read=4)
    assert row(world.check(by=None)) == (10, 0, 0)


def test_a_service_that_is_verified_itself_verifies_nobody_else(world: World) -> None:
    world.check()
    world.edit("server", role="service")
    caller = Caller("server", "server@example.com", is_verified=True)
    _, decision = check_limit.check_limit(world.context, caller, "ada", Ask())
    assert isinstance(decision.refusal, NoPlan)
    assert "verified" not in world.user()["quota"]


def test_a_plan_of_ones_own_a_subscription_and_an_override_are_not_touched_by_it(
    world: World,
) -> None:
    world.edit("own", planId="plus")
    assert row(world.check("own"))[0] == 100
    world.subscribe(START, START + timedelta(days=30), "paying")
    assert row(world.check("paying"))[0] == 100
    override = {"planId": "pro", "createdAt": START, "note": "a friend"}
    world.edit("friend", quota__overrides__o1=override)
    assert row(world.check("friend"))[0] == 1000


def test_for_everyone_it_is_remembered_only_with_a_write_that_happens_anyway(world: World) -> None:
    world.set_policy(default_plan_is_for_everyone=True)
    check(world, Caller("ada"))
    with counting(world.db) as calls:
        assert row(check(world, VERIFIED)) == (10, 0, 0)
    assert calls.commits == 0
    world.set_policy(default_plan=None, default_plan_is_for_everyone=False)
    refusal = check(world, Caller("bob")).refusal
    assert isinstance(refusal, NoPlan)
    assert not refusal.must_verify, "there is no default plan to be had"
