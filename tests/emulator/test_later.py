"""What would be so later, asked now, is what will be so if nothing happens; asking changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import AccountDisabled, InvalidArgument, NotAllowed, UserNotFound
from genquota.domain.quota.decision import QuotaRequest
from genquota.messages.answers.callable_answers import QuotaAnswer
from genquota.use_cases.core.context import Caller
from genquota.use_cases.reading.forecast_at import LONGEST_AHEAD, check_limit_at, get_usage_at
from tests.emulator.environment import START
from tests.rpc_counter import Calls, counting
from tests.store_contents import contents

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.quota.decision import Decision
    from tests.emulator.environment import Environment

BOSS = Caller("boss")
AHEAD = [
    timedelta(0),
    timedelta(minutes=15),  # holds end
    timedelta(hours=15),  # the day ends
    timedelta(days=3),  # the grant ends
    timedelta(days=17),  # the month ends
    timedelta(days=41),  # the subscription and its grace have ended
    timedelta(days=800),
    LONGEST_AHEAD,
]


@pytest.fixture
def busy(env: Environment) -> Environment:
    """Give an environment in which ada has used of all kinds of things, and the admin boss."""
    env.plan("free", limits={"day": 4, "period": 6})
    env.plan("plus", limits={"day": 40, "period": 60}, rank=10)
    env.check("boss")
    env.edit("boss", role="admin")
    env.grant("welcome", 3, START + timedelta(days=3))
    env.subscribe(START - timedelta(days=1), START + timedelta(days=40))
    env.generate()
    env.create(count=2)
    return env


def _check(
    env: Environment,
    at: datetime,
    caller: Caller | None = BOSS,
    **quota_request: Any,  # noqa: ANN401 - fields of a quota request
) -> Decision:
    return check_limit_at(env.context, caller, "ada", QuotaRequest(**quota_request), at)[1]


def _usage(env: Environment, at: datetime, caller: Caller | None) -> Decision:
    return get_usage_at(env.context, caller, "ada", at)[1]


def _said(decision: Decision) -> dict[str, Any]:
    """Return all that is answered: refusals are exceptions, which are equal to themselves only."""
    return QuotaAnswer.of("ada", decision).to_json()


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_asked_now_and_asked_then_are_the_same(busy: Environment, ahead: timedelta) -> None:
    at = busy.now + ahead
    answer = _check(busy, at, count=5)
    user, usage = get_usage_at(busy.context, BOSS, "ada", at)
    busy.now = at
    assert _said(answer) == _said(busy.check(count=5))
    assert _said(usage) == _said(busy.usage()[1])
    assert (user.now, user.account) == (at, busy.usage()[0].account)


def test_asking_writes_nothing_and_costs_the_caller_the_user_and_the_plans(
    busy: Environment,
) -> None:
    before = contents(busy.db)
    with counting(busy.db) as calls:
        _check(busy, busy.now + timedelta(days=20))
    assert contents(busy.db) == before
    # The plan is read twice, for plans are remembered for 0 s here.
    assert calls == Calls(read_rpcs=2, documents_read=4)


@pytest.mark.parametrize("role", ["user", "service"])
def test_it_is_for_admins(busy: Environment, role: str) -> None:
    busy.edit("ada", role=role)
    at = busy.now + timedelta(days=1)
    for ask in (_check, _usage):
        with pytest.raises(NotAllowed):
            ask(busy, at, Caller("ada"))
    assert _check(busy, at, None).plan_id == "plus"


@pytest.mark.parametrize(
    "wrong", [timedelta(microseconds=-1), LONGEST_AHEAD + timedelta(seconds=1)]
)
def test_it_is_from_now_on_and_ten_years_at_most(busy: Environment, wrong: timedelta) -> None:
    at = busy.now + wrong
    for ask in (_check, _usage):
        with pytest.raises(InvalidArgument) as refused:
            ask(busy, at, BOSS)
        assert [path for path, _ in refused.value.fields] == ["at"]


def test_nobody_is_made_by_it(busy: Environment) -> None:
    before = contents(busy.db)
    with pytest.raises(UserNotFound):
        check_limit_at(busy.context, BOSS, "nobody", QuotaRequest(), busy.now)
    assert contents(busy.db) == before


def test_who_is_barred_now_is_refused_then(busy: Environment) -> None:
    busy.edit("ada", disabled=True)
    with pytest.raises(AccountDisabled):
        _check(busy, busy.now + timedelta(days=1))
    assert _usage(busy, busy.now, BOSS).plan_id == "plus"
