"""What operators edit in the Firebase console is obeyed on the next call, and garbage gives no rights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import AccountDisabled, GenerationNotFound, NoPlan, NotAllowed
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.mark.parametrize(
    ("plan_id", "expected"),
    [("plus", "plus"), (None, "free"), ("", "free"), (5, "free"), (["plus"], "free")],
    ids=str,
)
def test_an_edit_of_the_plan_in_the_console_is_obeyed_on_the_next_call(
    env: Environment, plan_id: object, expected: str
) -> None:
    """A13: what is no text counts as missing."""
    env.check()
    env.edit(planId=plan_id)
    assert env.check().plan_id == expected
    assert env.create().quota.plan_id == expected


@pytest.mark.parametrize("plan_id", ["gone", "a/b", "..", "__x__", "plus ", "x" * 1501, "Plus"])
def test_a_plan_id_that_names_no_plan_gives_no_access(env: Environment, plan_id: str) -> None:
    """B14: fails closed, and says so."""
    env.check()
    env.edit(planId=plan_id)
    decision = env.check()
    assert isinstance(decision.refusal, NoPlan)
    assert decision.refusal.plan_id == plan_id
    with pytest.raises(NoPlan):
        env.create()
    assert env.records() == []


MALFORMED: dict[str, Any] = {
    "no limits": {"name": "Plus"},
    "limits of text": {"limits": "100"},
    "a limit of text": {"limits": {"period": "100"}},
    "half a credit": {"limits": {"period": 10.5}},
    "not a number": {"limits": {"period": float("nan")}},
    "endless": {"limits": {"period": float("inf")}},
    "true": {"limits": {"period": True}},
    "nothing": {"limits": {"period": None}},
    "less than unlimited": {"limits": {"period": -2}},
    "an unknown window": {"limits": {"fortnight": 5}},
    "types in a list": {"limits": {}, "limitsByType": [5]},
    "a price of text": {"limits": {}, "prices": [{"credits": "2"}]},
    "a negative price": {"limits": {}, "prices": [{"credits": -2}]},
    "prices in a map": {"limits": {}, "prices": {"credits": 2}},
    "a price by itself": {"limits": {}, "prices": 2},
    "a rate of text": {"limits": {}, "rates": {"minute": "5"}},
    "an unknown rate": {"limits": {}, "rates": {"second": 5}},
    "an overage of text": {"limits": {}, "overage": "much"},
    "an unknown unit": {"limits": {}, "period": {"unit": "moon"}},
    "a period of ages": {"limits": {}, "period": {"unit": "year", "count": 10**9}},
}


@pytest.mark.parametrize("terms", MALFORMED.values(), ids=MALFORMED)
def test_a_plan_that_cannot_be_understood_gives_no_access(
    env: Environment, terms: dict[str, Any]
) -> None:
    """B14, A6: whoever is on it is refused until it is mended, and nothing is lost meanwhile."""
    env.edit(planId="plus")
    opened = env.create()
    env.db.document("plans/plus").set(terms)
    assert isinstance(env.check().refusal, NoPlan)
    with pytest.raises(NoPlan):
        env.create()
    assert env.report(opened, "success").generation.charged == 1
    env.plan("plus", limits={"period": 3.0})
    assert row(env.check()) == (3, 1, 0), "the console writes 3 as 3.0"
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("timezone", [None, "", 5, ["UTC"], "Mars/Base", "../etc", "America"])
def test_a_time_zone_that_is_none_counts_as_missing(env: Environment, timezone: object) -> None:
    """C8: the default zone's day, not the machine's."""
    env.set_policy(default_timezone="Asia/Tokyo")
    env.edit(timezone=timezone)
    day = next(row for row in env.check().usages if row.window == "day")
    assert day.start == datetime(2027, 3, 14, 15, tzinfo=UTC)


def test_a_time_zone_edited_in_the_console_shapes_the_next_day(env: Environment) -> None:
    """C7"""
    env.generate()
    env.edit(timezone="Asia/Tokyo")
    env.now = datetime(2027, 3, 17, 1, tzinfo=UTC)
    day = next(row for row in env.check().usages if row.window == "day")
    # The rest of Tokyo's Tuesday joined its Wednesday, which ends at 15:00 UTC.
    assert day.start == datetime(2027, 3, 16, tzinfo=UTC)
    assert day.resets_at == datetime(2027, 3, 17, 15, tzinfo=UTC)


@pytest.mark.parametrize("disabled", [True, "true", 1])
def test_disabling_in_the_console_bars_the_user_on_the_next_call(
    env: Environment, disabled: object
) -> None:
    """E10"""
    opened = env.create()
    env.edit(disabled=disabled)
    before = env.user()
    for call in (env.check, env.create, env.usage, env.change_profile):
        with pytest.raises(AccountDisabled):
            call()
    with pytest.raises(AccountDisabled):
        env.report(opened, "success")
    with pytest.raises(AccountDisabled):
        env.create(by=None)
    assert env.user() == before
    # What the engine has made is still recorded by the server.
    assert env.report(opened, "success", by=None).generation.charged == 1
    env.edit(disabled=None)
    assert env.check().can_generate is True


def test_a_demoted_service_is_refused_on_its_next_call(env: Environment) -> None:
    """E10: rights are read with each call, from the document and nowhere else."""
    env.check("ada")
    env.edit("server", role="service")
    opened = env.create("ada", by="server", credits=3)
    for role in ("user", None, "Admin", 5, ["admin"]):
        env.edit("server", role=role)
        with pytest.raises(NotAllowed):
            env.create("ada", by="server")
        with pytest.raises(NotAllowed):
            env.check("ada", by="server")
        with pytest.raises(NotAllowed):
            env.check("server", credits=3)
        with pytest.raises(GenerationNotFound):
            env.report(opened, "success", by="server")
    env.edit("server", role="admin")
    env.report(opened, "success", by="server")
    assert row(env.check("ada")) == (10, 3, 0)


def test_a_disabled_service_may_do_nothing_for_anybody(env: Environment) -> None:
    """E10"""
    env.check("ada")
    env.edit("server", role="service", disabled=True)
    with pytest.raises(AccountDisabled):
        env.create("ada", by="server")


def test_without_a_default_plan_only_those_with_a_plan_have_access(env: Environment) -> None:
    """B14"""
    env.set_policy(default_plan=None)
    decision = env.check()
    assert isinstance(decision.refusal, NoPlan)
    assert decision.refusal.plan_id is None
    with pytest.raises(NoPlan):
        env.create()
    env.edit(planId="plus")
    assert row(env.create().quota) == (100, 0, 1)
    env.edit(planId=None)
    env.subscribe(START, START + timedelta(days=30), planId="pro")
    assert row(env.create().quota)[0] == 1000
    env.now = START + timedelta(days=31)
    assert isinstance(env.check().refusal, NoPlan)
