"""Plan documents, as operators write them in the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Anchor, Unit, Window
from genquota.domain.plans.plans import PeriodRule, Plan, Price, Rates
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.rolling import roll_windows
from genquota.store.plans.plan_terms import MalformedTerms, read_plan
from tests.unit.samples import NOW, POLICY, limits


def read(**fields: object) -> Plan:
    return read_plan("gold", {"limits": {}, **fields})


def test_only_limits_are_required() -> None:
    assert read_plan("free", {"limits": {"period": 10}}) == Plan(
        id="free", limits={(Window.PERIOD, None): 10}, name="free", tier="free"
    )


@pytest.mark.parametrize(("values", "active"), [({}, True), ({"active": False}, False)])
def test_a_plan_is_active_until_it_says_that_it_is_not(
    values: dict[str, bool],
    active: bool,  # noqa: FBT001
) -> None:
    assert read(**values).active is active


@pytest.mark.parametrize(
    ("values", "days"),
    [(14, 14), (14.0, 14), (0, None), (-1, None), ("14", None), (float("inf"), None), (True, None)],
)
def test_a_wrong_length_of_trials_costs_nobody_their_plan(values: object, days: int | None) -> None:
    assert read(trialDays=values).trial_days == days


def test_a_plan_may_say_everything() -> None:
    plan = read_plan(
        "gold",
        {
            "name": "Gold",
            "tier": "top",
            "rank": 3,
            "active": True,
            "limits": {"day": 5, "week": 20, "month": 60, "period": -1},
            "limitsByType": {"video": {"day": 1}, "api-request": {"month": 0}},
            "rates": {"minute": 2, "hour": 30, "maxOpen": 4},
            "prices": [
                {
                    "type": "video",
                    "engine": "grand",
                    "quality": "hd",
                    "credits": 20,
                    "holdSeconds": 90,
                },
                {"credits": 0},
            ],
            "overage": -1,
            "period": {"unit": "week", "count": 2, "anchor": "signup"},
            "trialDays": 7,
            "products": {"stripe": ["price_1"]},
            "version": 4,
            "colour": "an app's own field",
        },
    )
    assert plan == Plan(
        id="gold",
        limits={
            **limits(day=5, week=20, month=60, period=-1, video={"day": 1}),
            (Window.MONTH, "api-request"): 0,
        },
        rates=Rates({Window.MINUTE: 2, Window.HOUR: 30}, 4),
        prices=(Price(20, "video", "grand", "hd", timedelta(seconds=90)), Price(0)),
        overage=-1,
        period=PeriodRule(Unit.WEEK, 2, Anchor.SIGNUP),
        name="Gold",
        tier="top",
        rank=3,
        trial_days=7,
    )


def test_what_is_null_is_not_named() -> None:
    assert read(limitsByType=None, rates=None, prices=None, period=None, name=None) == read()
    assert read(rates={"minute": None, "maxOpen": None}) == read()
    assert read(prices=[{"credits": 2, "type": None, "holdSeconds": None}]).prices == (Price(2),)


def test_numbers_that_the_console_stored_as_doubles_are_whole() -> None:
    plan = read(limits={"day": 5.0}, overage=2.0, rates={"minute": 3.0}, prices=[{"credits": 4.0}])
    assert plan.limits == limits(day=5)
    assert isinstance(plan.limits[Window.DAY, None], int)
    assert (plan.overage, plan.rates.per_window, plan.prices) == (
        2, {Window.MINUTE: 3}, (Price(4),),
    )  # fmt: skip


def test_a_hold_lasts_a_day_at_most() -> None:
    def hold(seconds: int) -> timedelta | None:
        return read(prices=[{"credits": 1, "holdSeconds": seconds}]).prices[0].hold

    assert hold(1) == timedelta(seconds=1)
    assert hold(86_400) == timedelta(days=1)
    assert hold(86_401) == timedelta(days=1)


def test_a_period_has_from_1_to_1000_units() -> None:
    assert read(period={"count": 1000}).period == PeriodRule(Unit.MONTH, 1000)
    assert read(period={"unit": "year"}).period == PeriodRule(Unit.YEAR)


@pytest.mark.parametrize(
    "fields",
    [
        {"limits": None},
        {"limits": [5]},
        {"limits": 5},
        {"limits": {"day": "5"}},
        {"limits": {"day": -2}},
        {"limits": {"day": 1.5}},
        {"limits": {"day": True}},
        {"limits": {"day": None}},
        {"limits": {"day": [5]}},
        {"limits": {"day": 2**63}},
        {"limits": {"day": float("nan")}},
        {"limits": {"day": float("inf")}},
        {"limits": {"hour": 5}},
        {"limits": {"Day": 5}},
        {"limitsByType": {"video": 5}},
        {"limitsByType": {"video": {"minute": 5}}},
        {"limitsByType": [{"video": 5}]},
        {"rates": {"day": 5}},
        {"rates": {"minute": "5"}},
        {"rates": {"maxOpen": -2}},
        {"rates": 5},
        {"prices": 5},
        {"prices": "free"},
        {"prices": {"credits": 5}},
        {"prices": [5]},
        {"prices": [None]},
        {"prices": [{}]},
        {"prices": [{"credits": -1}]},
        {"prices": [{"credits": 1.5}]},
        {"prices": [{"credits": 1, "type": 5}]},
        {"prices": [{"credits": 1, "engine": ["grand"]}]},
        {"prices": [{"credits": 1, "quality": True}]},
        {"prices": [{"credits": 1, "holdSeconds": 0}]},
        {"prices": [{"credits": 1, "holdSeconds": "90"}]},
        {"overage": None},
        {"overage": -2},
        {"overage": "5"},
        {"period": "month"},
        {"period": {"unit": "quarter"}},
        {"period": {"unit": "hour"}},
        {"period": {"unit": None}},
        {"period": {"count": 0}},
        {"period": {"count": -1}},
        {"period": {"count": 1001}},
        {"period": {"anchor": "purchase"}},
        {"rank": "high"},
    ],
    ids=str,
)
def test_what_cannot_be_understood_makes_no_plan(fields: dict[str, Any]) -> None:
    with pytest.raises(MalformedTerms):
        read(**fields)


def test_a_plan_without_limits_is_none() -> None:
    with pytest.raises(MalformedTerms):
        read_plan("gold", {"name": "Gold"})


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
words = st.sampled_from(
    (
        "limits", "limitsByType", "rates", "prices", "overage", "period", "unit", "count", "anchor",
        "day", "month", "minute", "maxOpen", "credits", "type", "engine", "quality", "holdSeconds",
        "video", "year", "calendar", "signup",
    )
)  # fmt: skip
documents = st.recursive(
    scalars | words | st.integers(-2, 30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5),
    max_leaves=12,
)
typed = st.dictionaries(words, documents, max_size=6)


@given(typed, st.dictionaries(st.sampled_from(("day", "month")), st.integers(-1, 9)))
def test_whatever_is_typed_is_a_plan_that_works_or_none(
    fields: dict[str, Any], named: dict[str, int]
) -> None:
    """Nothing that an operator types into a plan may break the calls of its users."""
    try:
        plan = read_plan("gold", {"limits": named, **fields})
    except MalformedTerms:
        return
    alice = roll_windows(Account("alice"), plan, NOW, POLICY).account
    assert decide(alice, plan, "gold", QuotaRequest("video"), NOW, POLICY).usages
    assert roll_windows(alice, plan, NOW + timedelta(days=800), POLICY).account.windows
