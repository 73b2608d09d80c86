"""Events in any order, doubled, at once, and to instances that die: it ends as in the right order."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genquota.domain.policy import Policy
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.instance import DIED, Job, run
from tests.emulator.racing import outcomes, race
from tests.emulator.shop import open_shop, tell
from tests.emulator.world import START, World
from tests.stripe_payloads import MONTH, PLUS, PRO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Json = dict[str, Any]
HOUR = timedelta(hours=1)
LATER = START + MONTH + 40 * HOUR


def _at(number: int) -> dict[str, Any]:
    return {"id_": f"evt_{number:02}", "at": START + number * HOUR}


def _subscription(number: int, price: str, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(price, **fields)
    return stripe.event("customer.subscription.updated", about, **_at(number))


RENEWED = {"start": START + MONTH}
HISTORY = [
    _subscription(1, PLUS),
    stripe.event("checkout.session.completed", stripe.checkout("subscription"), **_at(2)),
    _subscription(3, PRO),
    _subscription(4, PLUS),
    stripe.event(
        "checkout.session.completed", stripe.checkout(metadata={"packId": "small"}), **_at(5)
    ),
    stripe.event("charge.dispute.created", stripe.dispute(), **_at(6)),
    stripe.event("charge.refunded", stripe.charge(200), **_at(7)),
    stripe.event("charge.dispute.closed", stripe.dispute("won"), **_at(8)),
    stripe.event("invoice.paid", stripe.invoice(START + MONTH), **_at(745)),
    _subscription(746, PLUS, **RENEWED, cancel_at_period_end=True),
    revenuecat.event("INITIAL_PURCHASE", "rc_1", START, product_id="com.app.pro"),
    revenuecat.event("PRODUCT_CHANGE", "rc_2", START + HOUR, new_product_id="com.app.plus"),
    revenuecat.transfer(["ada"], ["bob"], "rc_3", START + 2 * HOUR),
    revenuecat.event("CANCELLATION", "rc_4", START + 3 * HOUR, app_user_id="bob"),
    revenuecat.transfer(["bob"], ["eve"], "rc_5", START + 4 * HOUR),
]
OUTCOME = {
    "ada": ("plus", ["sub_1"], {"pi_1": (30, False)}),
    "bob": ("free", [], {}),
    "eve": ("free", [], {}),
}
"""In short, at the end: the plan, the subscriptions, what is left of grants and whether it is revoked."""


@contextmanager
def new_world() -> Iterator[World]:
    """Give a world with a shop and three users who have called before."""
    db = firestore.Client(project=f"demo-{secrets.token_hex(6)}")
    world = World(db, LATER, Policy())
    open_shop(world)
    yield world
    db.close()


def outcome(world: World) -> Json:
    """Return all that events came to, but for when it was written; of receipts, that they are done."""
    documents: Json = {}
    for name in ("subscriptions", "payments", "users"):
        for snapshot in world.db.collection(name).stream():
            document = snapshot.to_dict() or {}
            written = ("createdAt", "updatedAt")
            stays = {key: item for key, item in document.items() if key not in written}
            documents[f"{name}/{snapshot.id}"] = stays
    for snapshot in world.db.collection("webhookEvents").stream():
        documents[snapshot.id] = snapshot.get("status")
    return documents


def in_short(world: World) -> Json:
    told = {}
    for uid in OUTCOME:
        quota = world.user(uid).get("quota", {})
        grants = quota.get("grants", {})
        told[uid] = (
            world.check(uid, by=None).plan_id,
            sorted(quota.get("subscriptions", {})),
            {key: (each["credits"], each.get("revoked", False)) for key, each in grants.items()},
        )
    return told


def deliver(world: World, events: Iterable[Json]) -> Json:
    for event in events:
        tell(world, event)
    return outcome(world)


@pytest.fixture(scope="module")
def expected(firestore_host: str) -> Json:
    """Return what the history comes to in the right order."""
    assert firestore_host
    with new_world() as world:
        found = deliver(world, HISTORY)
        assert in_short(world) == OUTCOME
        return found


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(order=st.permutations(HISTORY))
def test_any_order_of_delivery_leaves_the_documents_of_the_right_order(
    expected: Json, order: list[Json]
) -> None:
    """D4"""
    with new_world() as world:
        assert deliver(world, order) == expected


def test_the_exact_opposite_order_does_too_and_so_does_all_of_it_twice(expected: Json) -> None:
    """D1, D4"""
    with new_world() as world:
        assert deliver(world, [*reversed(HISTORY), *HISTORY]) == expected


@pytest.mark.usefixtures("without_lanes")
def test_all_events_at_once_and_each_of_them_twice_come_to_the_same(expected: Json) -> None:
    """D1, D2"""
    with new_world() as world:
        calls = [partial(tell, world, event) for event in [*HISTORY, *HISTORY]]
        again = [
            event
            for event, result in zip([*HISTORY, *HISTORY], race(calls), strict=True)
            if hasattr(result, "reason")  # refused, so the provider sends it again
        ]
        assert deliver(world, again) == expected


@pytest.mark.usefixtures("without_lanes")
def test_one_event_delivered_twenty_times_at_once_has_one_effect(world: World) -> None:
    """D1, D8"""
    open_shop(world)
    bought = HISTORY[4]
    results = race([partial(tell, world, bought)] * 20)
    assert outcomes(results) == {"ok": 20}
    assert sorted(str(result.status) for result in results) == ["None"] * 19 + ["processed"]
    assert world.user()["quota"]["grants"]["pi_1"]["credits"] == 50


@pytest.mark.usefixtures("without_lanes")
def test_a_purchase_that_meets_a_crowd_of_generations_loses_none(world: World) -> None:
    """A12"""
    open_shop(world)
    world.check()
    calls: list[Callable[[], object]] = [
        partial(world.create, credits=1, by=None) for _ in range(8)
    ]
    calls += [partial(tell, world, event) for event in HISTORY[1:4]]
    assert outcomes(race(calls)) == {"ok": 11}
    assert len(world.user()["quota"]["holds"]) == 8
    tell(world, HISTORY[0])
    assert world.check().plan_id == "pro"


@pytest.mark.parametrize("is_before", [True, False], ids=["before its commit", "after it"])
@pytest.mark.parametrize("number", [0, 1, 4, 6, 12])
def test_an_instance_that_dies_has_done_all_or_nothing_and_the_next_delivery_ends_it(
    number: int, *, is_before: bool
) -> None:
    """D2: no gap between effect and receipt."""
    before, event = HISTORY[:number], HISTORY[number]
    with new_world() as right:
        deliver(right, before)
        untouched = outcome(right)
        done = deliver(right, [event])
    with new_world() as world:
        deliver(world, before)
        job = Job("tell", payload=json.dumps(event), now=LATER.isoformat())
        fatal = replace(job, die_before_commit=int(is_before), die_after_commit=int(not is_before))
        assert run(str(world.db.project), fatal) == [DIED]
        assert outcome(world) == (untouched if is_before else done)
        assert deliver(world, [event]) == done
