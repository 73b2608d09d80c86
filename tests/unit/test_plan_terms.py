"""What operators may write of a plan, and that decisions understand all of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain import bounds
from genquota.domain.enums import LIMIT_WINDOWS, RATE_WINDOWS, Anchor, Unit
from genquota.domain.errors import InvalidArgument
from genquota.messages.operators.plans import PlanTerms
from genquota.store.plans.plan_document import FIELDS
from genquota.store.plans.plan_terms import read_plan
from genquota.triggers.runtime import parse_request

NUMBERS = st.none() | st.integers(-1, bounds.MAX_INTEGER)
LIMITS = st.dictionaries(st.sampled_from([each.value for each in LIMIT_WINDOWS]), NUMBERS)
RATES = st.dictionaries(
    st.sampled_from([*(each.value for each in RATE_WINDOWS), "maxOpen"]), NUMBERS
)
NAMES = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
PRICES = st.fixed_dictionaries(
    {"credits": st.integers(0, bounds.MAX_CREDITS)},
    optional={
        "type": NAMES,
        "quality": st.sampled_from(["standard", "hd"]),
        "holdSeconds": st.integers(1, bounds.MAX_HOLD_SECONDS),
    },
)
PERIODS = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from([each.value for each in Unit]),
        "count": st.integers(1, bounds.MAX_PERIOD_UNITS),
        "anchor": st.sampled_from([each.value for each in Anchor]),
    },
)
PLANS = st.fixed_dictionaries(
    {"limits": LIMITS},
    optional={
        "name": NAMES,
        "rank": NUMBERS,
        "active": st.booleans(),
        "limitsByType": st.dictionaries(NAMES, st.none() | LIMITS, max_size=3),
        "rates": RATES,
        "prices": st.lists(PRICES, max_size=3),
        "overage": NUMBERS,
        "period": PERIODS,
        "trialDays": st.integers(1, bounds.MAX_TRIAL_DAYS),
        "products": st.fixed_dictionaries({"stripe": st.lists(NAMES, max_size=3)}),
    },
)


@given(PLANS)
def test_what_may_be_written_is_understood_when_it_is_read(stated: dict[str, Any]) -> None:
    written = parse_request(PlanTerms, stated).terms()
    assert written.keys() <= FIELDS
    plan = read_plan("team", written)
    for name, credits in stated["limits"].items():
        found = {window.value: limit for (window, type_), limit in plan.limits.items() if not type_}
        assert found.get(name) == credits
    assert plan.trial_days == stated.get("trialDays")


def test_a_plan_has_no_other_fields() -> None:
    assert {each.alias for each in PlanTerms.model_fields.values()} == FIELDS | {"version"}


@pytest.mark.parametrize(
    ("stated", "path"),
    [
        ({}, "limits"),
        ({"limits": None}, "limits"),
        ({"limit": {"period": 5}, "limits": {}}, "limit"),
        ({"limits": {"period": "5"}}, "limits.period"),
        ({"limits": {"period": -2}}, "limits.period"),
        ({"limits": {}, "limitsByType": {"": {"day": 1}}}, "limitsByType"),
        ({"limits": {}, "limitsByType": {"video": {"days": 1}}}, "limitsByType"),
        ({"limits": {}, "rates": {"second": 1}}, "rates"),
        ({"limits": {}, "prices": [{"credits": 2, "qualty": "hd"}]}, "prices."),
        ({"limits": {}, "period": {"unit": "month", "length": 2}}, "period.length"),
        ({"limits": {}, "period": {"unit": "quarter"}}, "period.unit"),
        ({"limits": {}, "trialDays": "7"}, "trialDays"),
        ({"limits": {}, "products": {"somebody": ["p1"]}}, "products.somebody"),
        ({"limits": {}, "products": {"stripe": "p1"}}, "products.stripe"),
        ({"limits": {}, "products": ["p1"]}, "products"),
        ({"limits": {}, "active": "yes"}, "active"),
        ({"limits": {}, "name": ""}, "name"),
        ({"limits": {}, "rank": 1.5}, "rank"),
    ],
)
def test_what_a_plan_cannot_say_is_refused(stated: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        parse_request(PlanTerms, stated)
    (field,) = refusal.value.fields
    assert field[0].startswith(path)
