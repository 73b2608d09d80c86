"""FREE_PLAN_FOR=verified: the default plan is for those who have shown an email or a phone number."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import NoPlan
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit, get_usage
from tests.emulator.environment import START, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

VERIFIED = Caller("ada", "ada@example.com", is_verified=True)


@pytest.fixture(autouse=True)
def for_verified(env: Environment) -> None:
    env.set_policy(default_plan_is_for_everyone=False)


def check(env: Environment, caller: Caller) -> Decision:
    return check_limit.check_limit(env.context, caller, None, QuotaRequest())[1]


def test_who_has_shown_nothing_has_no_plan_and_is_told_to_verify(env: Environment) -> None:
    decision = check(env, Caller("ada", "ada@example.com"))
    assert (decision.plan_id, decision.usages) == (None, ())
    assert isinstance(decision.refusal, NoPlan)
    assert decision.refusal.must_verify
    with pytest.raises(NoPlan):
        env.create()
    assert env.records() == []


def test_who_has_shown_an_email_has_the_default_plan_from_then_on_whoever_asks(
    env: Environment,
) -> None:
    check(env, VERIFIED)
    assert row(env.check()) == (10, 0, 0), "also by a token that shows it no more"
    env.edit("server", role="service")
    assert row(env.check(by="server")) == (10, 0, 0)
    assert row(env.create(by=None).quota) == (10, 0, 1)
    env.report(env.records()[0]["id"], "success")
    env.pass_time(days=40)
    assert env.reset_periods().users == 1
    assert env.user()["usage"]["planId"] == "free"


def test_who_verifies_later_is_remembered_at_once_and_with_one_write(
    env: Environment,
) -> None:
    check(env, Caller("ada"))
    with counting(env.db) as calls:
        assert row(check(env, VERIFIED)) == (10, 0, 0)
    assert (calls.commits, calls.writes) == (1, 1)
    with counting(env.db) as calls:
        check(env, VERIFIED)
        get_usage.get_usage(env.context, VERIFIED, None)
    assert calls == Calls(read_rpcs=2, documents_read=4)
    assert row(env.check(by=None)) == (10, 0, 0)


def test_a_service_that_is_verified_itself_verifies_nobody_else(env: Environment) -> None:
    env.check()
    env.edit("server", role="service")
    caller = Caller("server", "server@example.com", is_verified=True)
    _, decision = check_limit.check_limit(env.context, caller, "ada", QuotaRequest())
    assert isinstance(decision.refusal, NoPlan)
    assert "verified" not in env.user()["quota"]


def test_a_plan_of_ones_own_a_subscription_and_an_override_are_not_touched_by_it(
    env: Environment,
) -> None:
    env.edit("own", planId="plus")
    assert row(env.check("own"))[0] == 100
    env.subscribe(START, START + timedelta(days=30), "paying")
    assert row(env.check("paying"))[0] == 100
    override = {"planId": "pro", "createdAt": START, "note": "a friend"}
    env.edit("friend", quota__overrides__o1=override)
    assert row(env.check("friend"))[0] == 1000


def test_for_everyone_it_is_remembered_only_with_a_write_that_happens_anyway(
    env: Environment,
) -> None:
    env.set_policy(default_plan_is_for_everyone=True)
    check(env, Caller("ada"))
    with counting(env.db) as calls:
        assert row(check(env, VERIFIED)) == (10, 0, 0)
    assert calls.commits == 0
    env.set_policy(default_plan=None, default_plan_is_for_everyone=False)
    refusal = check(env, Caller("bob")).refusal
    assert isinstance(refusal, NoPlan)
    assert not refusal.must_verify, "there is no default plan to be had"
