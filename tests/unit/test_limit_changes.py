"""What operators say of one user's terms, understood and laid down."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.changes.overrides import (
    LimitChanges,
    change_limits,
    overridden_after,
    overridden_before,
    resolve_limit_changes,
)
from genquota.domain.enums import Window
from genquota.domain.plans.plans import Override, apply_overrides
from genquota.triggers.runtime import parse_request
from ops.override import OverrideTerms
from tests.unit.request_samples import json_of
from tests.unit.samples import NOW, account, limits, plan

if TYPE_CHECKING:
    from genquota.domain.quota.account import Account

LATER = NOW + timedelta(days=1)


def parse_limit_changes(fields: dict[str, Any], alice: Account, now: datetime) -> LimitChanges:
    return resolve_limit_changes(
        parse_request(OverrideTerms, json_of(fields)).changes(), alice, now
    )


def say(alice: Account, name: str | None = None, **fields: Any) -> Account:  # noqa: ANN401
    return change_limits(alice, parse_limit_changes(fields, alice, NOW), name, NOW)


def test_all_that_may_be_said() -> None:
    fields = {
        "limits": {"day": 1, "week": 2, "month": 3, "period": -1},
        "limitsByType": {"video": {"day": 0}},
        "rates": {"minute": 4, "hour": 5, "maxOpen": 6},
        "overage": 7,
        "planId": "pro",
        "expiresAt": LATER + timedelta(microseconds=9),
    }
    alice = say(account(), "o1", **fields)
    (laid,) = alice.overrides
    assert laid.plan_id == "pro"
    assert laid.limits == limits(day=1, week=2, month=3, period=-1, video={"day": 0})
    assert laid.rates.per_window == {Window.MINUTE: 4, Window.HOUR: 5}
    assert (laid.rates.max_open, laid.overage, laid.expires_at) == (6, 7, LATER)


def test_names_are_readable_in_the_audit_log() -> None:
    alice = say(account(), limits={"day": 1}, rates={"maxOpen": 6})
    changes = parse_limit_changes(
        {
            "limits": {"day": 2},
            "limitsByType": {"video": {"day": None}},
            "rates": {"maxOpen": None},
        },
        alice,
        NOW,
    )
    assert overridden_before(alice, changes, NOW) == {"day": 1, "video.day": None, "maxOpen": 6}
    assert overridden_after(changes) == {"day": 2, "video.day": None, "maxOpen": None}


def test_what_has_ended_was_not_said_before() -> None:
    over = Override("o1", limits=limits(day=1), expires_at=NOW, created_at=NOW)
    alice = account(overrides=(over,))
    assert overridden_before(
        alice, parse_limit_changes({"limits": {"day": 2}}, alice, NOW), NOW
    ) == {"day": None}


def test_many_words_for_good_are_one_override() -> None:
    alice = account()
    for credits in range(30):
        alice = say(alice, limitsByType={f"type-{credits}": {"day": credits}})
    assert [each.id for each in alice.overrides] == ["limits-1"]
    assert len(alice.overrides[0].limits) == 30


_WINDOWS = st.sampled_from(["day", "period"])
_WORDS = st.tuples(_WINDOWS, st.none() | st.integers(-1, 9), st.sampled_from([None, LATER]))


@given(st.lists(_WORDS, max_size=12))
def test_the_last_word_on_a_name_counts_whatever_was_said_before(
    words: list[tuple[str, int | None, Any]],
) -> None:
    alice, last = account(), {"day": 10, "period": 10}
    later = dict(last)
    for window, credits, expires_at in words:
        alice = say(alice, limits={window: credits}, expiresAt=expires_at)
        last[window] = 10 if credits is None else credits
        if expires_at is None or credits is None:
            later[window] = last[window]
        for instant, expected in ((NOW, last), (LATER, later)):
            found = apply_overrides(plan(limits(day=10, period=10)), alice.overrides, instant)
            assert {name: found.limits[Window(name), None] for name in expected} == expected
    assert len(alice.overrides) <= 4
    # Documents are read in this order, though all was said in one instant.
    order = [each.created_at for each in alice.overrides if each.created_at]
    assert order == sorted(set(order))
