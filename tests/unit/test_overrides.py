"""Laying an operator's change of terms over those that stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.changes.overrides import add_override
from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.plans import Override, Rates, apply_overrides
from genquota.store.plans.plan_terms import override_to_document, read_overrides
from tests.unit.samples import NOW, account, limits, plan

if TYPE_CHECKING:
    from genquota.domain.quota.account import Account

DAY = timedelta(days=1)
PERIOD = (Window.PERIOD, None)


def override(name: str = "o1", expires_in: timedelta | None = None, **values: Any) -> Override:  # noqa: ANN401
    expires_at = None if expires_in is None else NOW + expires_in
    return Override(name, expires_at=expires_at, created_at=NOW, **values)


def with_overrides(*overrides: Override) -> Account:
    return replace(account(), overrides=overrides)


def limit(alice: Account, after: timedelta = timedelta()) -> int:
    return apply_overrides(plan(limits(period=10)), alice.overrides, NOW + after).limits[PERIOD]


def test_an_override_counts_until_it_expires() -> None:
    alice = add_override(account(), override(expires_in=DAY, limits=limits(period=50)), (), NOW)
    assert (limit(alice), limit(alice, DAY)) == (50, 10)


def test_one_that_lasts_replaces_what_others_say_of_the_same_name() -> None:
    alice = with_overrides(override("old", limits=limits(period=20, day=5)))
    alice = add_override(alice, override("new", limits=limits(period=30)), (), NOW)
    assert [(each.id, each.limits) for each in alice.overrides] == [
        ("old", limits(day=5)),
        ("new", limits(period=30)),
    ]


def test_one_that_expires_hides_the_others_until_then() -> None:
    alice = with_overrides(override("old", limits=limits(period=20)))
    alice = add_override(alice, override("new", expires_in=DAY, limits=limits(period=30)), (), NOW)
    assert (limit(alice), limit(alice, DAY)) == (30, 20)


def test_what_is_extended_again_and_again_stays_one() -> None:
    alice = account()
    for days in range(1, 31):
        extended = override(f"o{days}", expires_in=days * DAY, limits=limits(period=10 + days))
        alice = add_override(alice, extended, (), NOW)
    assert [each.id for each in alice.overrides] == ["o30"]
    assert (limit(alice, 29 * DAY), limit(alice, 30 * DAY)) == (40, 10)


def test_one_that_ends_sooner_hides_the_others_until_then() -> None:
    alice = add_override(
        account(), override("o1", expires_in=2 * DAY, limits=limits(period=20)), (), NOW
    )
    alice = add_override(alice, override("o2", expires_in=DAY, limits=limits(period=30)), (), NOW)
    assert [limit(alice, days * DAY) for days in range(3)] == [30, 20, 10]


def test_one_of_the_same_id_is_replaced_whole() -> None:
    alice = with_overrides(override("o1", limits=limits(period=20, day=5)))
    alice = add_override(alice, override("o1", expires_in=DAY, overage=3), (), NOW)
    assert alice.overrides == (override("o1", expires_in=DAY, overage=3),)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (PERIOD, {"limits": limits(period=5)}),
        ((Window.DAY, "video"), {"limits": limits(video={"day": 2})}),
        (Window.MINUTE, {"rates": Rates({Window.MINUTE: 2})}),
        ("maxOpen", {"rates": Rates(max_open=3)}),
        ("overage", {"overage": 0}),
        ("planId", {"plan_id": "pro"}),
    ],
)
def test_a_name_that_is_taken_out_is_gone_and_an_override_without_names_too(
    name: Any,  # noqa: ANN401 - a name of any kind
    values: dict[str, Any],
) -> None:
    alice = with_overrides(override(**values))
    assert add_override(alice, None, [name], NOW).overrides == ()
    assert add_override(alice, None, [(Window.WEEK, None)], NOW) is alice


def test_what_has_expired_goes_with_the_next_change() -> None:
    alice = with_overrides(override("old", overage=1, expires_in=timedelta()))
    alice = add_override(alice, override("new", overage=2), (), NOW)
    assert [each.id for each in alice.overrides] == ["new"]


def test_twenty_live_overrides_are_the_most() -> None:
    many = (override(f"o{n}", expires_in=2 * DAY, overage=n) for n in range(20))
    alice = with_overrides(*many)
    with pytest.raises(InvalidArgument) as refused:
        add_override(alice, override("beyond", expires_in=DAY, overage=5), (), NOW)
    assert refused.value.fields == (("", "the user has 20 live overrides, which is the most"),)


def test_its_document_says_all_of_it() -> None:
    full = override(
        expires_in=DAY,
        plan_id="pro",
        limits=limits(period=5, video={"day": 2}),
        rates=Rates({Window.HOUR: 9}, 2),
        overage=-1,
    )
    small = override("o2", overage=0)
    written = {each.id: override_to_document(each) for each in (full, small)}
    assert read_overrides(written) == (full, small)
    assert written["o2"] == {"createdAt": NOW, "overage": 0}
