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
    from datetime import datetime

Json = dict[str, Any]
HOUR = timedelta(hours=1)
LATER = START + MONTH + 40 * HOUR


def _at(number: int) -> dict[str, Any]:
    return {"id_": f"evt_{number:02}", "at": START + number * HOUR}


def _subscription(number: int, price: str, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(price, **fields)
    return stripe.event("customer.subscription.updated", about, **_at(number))


def _refund(status: str) -> Json:
    created = stripe.seconds(START + 7 * HOUR)
    about = {"id": "re_1", "object": "refund", "amount": 200, "created": created}
    return {**about, "payment_intent": "pi_1", "status": status}


def _temporary(uid: str, at: datetime) -> Json:
    payload = revenuecat.event(
        "TEMPORARY_ENTITLEMENT_GRANT", "rc_9", at, at, at + 24 * HOUR, app_user_id=uid
    )
    for name in ("transaction_id", "original_transaction_id", "aliases"):
        del payload["event"][name]
    return payload


RENEWED = {"start": START + MONTH}
_GUEST = "$RCAnonymousID:1"
_NAMELESS: dict[str, Any] = {"app_user_id": _GUEST, "original_app_user_id": _GUEST, "aliases": []}
_PACK: dict[str, Any] = {
    "end": None,
    "product_id": "com.app.credits",
    "transaction_id": "pack_1",
    "original_transaction_id": "pack_1",
}
_OTHER: dict[str, Any] = {"original_transaction_id": "200", "transaction_id": "200"}
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
    # A second user of the same customer, whose checkout named somebody else.
    _subscription(11, PRO, id_="sub_2", metadata={"userId": "ben"}, start=START + MONTH),
    stripe.event(
        "checkout.session.completed",
        stripe.checkout("subscription", "mallory", subscription="sub_2"),
        **_at(12),
    ),
    # A refund that fails days after its charge was reported, and a dispute on its way.
    stripe.event("refund.failed", _refund("failed"), **_at(103)),
    stripe.event("charge.dispute.updated", {**stripe.dispute("lost"), "id": "dp_2"}, **_at(13)),
    stripe.event("charge.dispute.closed", {**stripe.dispute("won"), "id": "dp_2"}, **_at(14)),
    # A pack that was bought before signing in, and the alias that tells whose it is.
    revenuecat.event("NON_RENEWING_PURCHASE", "rc_6", START, **_PACK, **_NAMELESS),
    revenuecat.event(
        "BILLING_ISSUE", "rc_7", START + 5 * HOUR, app_user_id="zoe", aliases=[_GUEST], **_OTHER
    ),
    revenuecat.event(
        "CANCELLATION",
        "rc_8",
        START + 5 * HOUR,
        cancel_reason="BILLING_ERROR",
        app_user_id="zoe",
        **_OTHER,
    ),
    _temporary("zoe", START + HOUR),
]
HAD_ONCE: Json = {"quota": {"subscriptions": {}}, "subscription": None}
"""The document of somebody who held something for a while, in some orders, and has never called."""

OUTCOME = {
    "ada": ("plus", ["sub_1"], {"pi_1": (50, False)}),
    "bob": ("free", [], {}),
    "eve": ("free", [], {}),
    "ben": ("pro", ["sub_2"], {}),
    "mallory": ("free", [], {}),
    "zoe": ("free", [], {"pack_1": (50, False)}),
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
            if stays != HAD_ONCE:
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
