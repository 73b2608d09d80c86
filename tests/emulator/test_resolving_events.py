"""Events that could not be placed, resolved by an operator as if all had been known from the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.billing.use_cases.resolve_event import Answer, Resolved, resolve_event
from genquota.domain.errors import (
    AccountDeleted,
    InvalidArgument,
    NotAllowed,
    NotFound,
    PlanNotFound,
    UserNotFound,
)
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.shop import open_shop, stands, tell
from tests.emulator.world import START
from tests.functions.store_contents import contents
from tests.revenuecat_payloads import ANONYMOUS
from tests.stripe_payloads import MONTH

if TYPE_CHECKING:
    from tests.emulator.world import World

Json = dict[str, Any]
HOUR = timedelta(hours=1)
NOBODY: dict[str, Any] = {
    "app_user_id": ANONYMOUS,
    "original_app_user_id": ANONYMOUS,
    "aliases": [],
}


@pytest.fixture(autouse=True)
def shop(world: World) -> None:
    open_shop(world)
    world.check()
    world.edit("boss", role="admin")


def resolve(
    world: World,
    receipt_id: str = "stripe_evt_1",
    *,
    by: str | None = "boss",
    dry_run: bool = False,
    **answer: Any,  # noqa: ANN401 - what is said of it
) -> Resolved:
    deed = Deed("ticket 12", dry_run)
    operator = Caller(by) if by else None
    return resolve_event(world.context, operator, receipt_id, Answer(**answer), deed)


def created(price: str = "price_plus", number: int = 1, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(price, **{"metadata": {}, **fields})
    event_id, at = f"evt_{number}", START + number * HOUR
    return stripe.event("customer.subscription.created", about, event_id, at)


def pack(**fields: Any) -> Json:  # noqa: ANN401
    about = stripe.checkout(**{"user_id": None, "metadata": {"packId": "small"}, **fields})
    return stripe.event("checkout.session.completed", about, "evt_1", START)


def receipt(world: World, name: str = "stripe_evt_1") -> Json:
    return world._read(f"webhookEvents/{name}")


def left(world: World, uid: str = "ada") -> int:
    return world.check(uid, by=None).grants_remaining


def test_an_event_of_an_unknown_customer_goes_to_whom_the_operator_names(world: World) -> None:
    tell(world, created())
    done = resolve(world, user_id="ada")
    assert (done.before["problem"], done.after) == (
        "unknown-customer",
        {"status": "processed", "problem": None, "userId": "ada"},
    )
    assert stands(world) == ("plus", 100)
    assert (receipt(world)["status"], receipt(world)["userId"]) == ("processed", "ada")
    assert "event" not in receipt(world)


def test_it_is_as_if_it_had_been_known_from_the_start(world: World) -> None:
    """What was reported since counts; what waited for the same customer comes along."""
    tell(world, created())
    tell(world, created("price_pro", 2))
    tell(world, created("price_pro", 3, id_="sub_2"))
    resolve(world, user_id="ada")
    assert stands(world) == ("pro", 1000)
    assert world.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}
    assert [receipt(world, f"stripe_evt_{n}")["status"] for n in (1, 2, 3)] == ["processed"] * 3


def test_a_guests_checkout_without_any_customer_can_be_resolved(world: World) -> None:
    tell(world, pack(customer=None))
    resolve(world, user_id="ada")
    assert left(world) == 50


def test_what_the_operator_said_of_a_thing_counts_more_than_later_events(world: World) -> None:
    tell(world, created())
    resolve(world, user_id="ada")
    tell(world, created(number=2, metadata={"userId": "mallory"}))
    assert stands(world) == ("plus", 100)
    assert stands(world, "mallory") == ("free", 10)


def test_a_product_that_no_plan_names_is_the_plan_that_the_operator_says(world: World) -> None:
    tell(world, created("price_unlisted", metadata={"userId": "ada"}))
    resolve(world, plan_id="pro")
    assert stands(world) == ("pro", 1000)


def test_after_an_edit_of_the_catalogue_nothing_need_be_said(world: World) -> None:
    tell(world, created("price_unlisted", metadata={"userId": "ada"}))
    with pytest.raises(InvalidArgument) as missing:
        resolve(world)
    assert missing.value.fields[0][0] == "planId"
    products = {"stripe": ["price_unlisted"]}
    world.plan("max", limits={"period": 5000}, rank=3, products=products)
    resolve(world)
    assert stands(world) == ("max", 5000)


def test_a_purchase_that_no_pack_names_is_the_pack_that_the_operator_says(world: World) -> None:
    sold = {"price": {"id": "price_unlisted"}, "quantity": 2}
    tell(world, pack(metadata={}, user_id="ada"), sold)
    resolve(world, pack_id="small")
    assert left(world) == 100


def test_a_stores_purchase_that_nothing_names_may_be_a_pack_or_a_plan(world: World) -> None:
    answers: list[dict[str, Any]] = [{"pack_id": "small"}, {"plan_id": "pro"}]
    for number, answer in enumerate(answers):
        names: dict[str, Any] = {"product_id": f"rc_{number}", "transaction_id": f"t{number}"}
        bought = revenuecat.event(
            "NON_RENEWING_PURCHASE",
            f"r{number}",
            START,
            end=START + MONTH,
            **names,
            original_transaction_id=None,
        )
        assert tell(world, bought).problem == "unknown-product"
        resolve(world, f"revenuecat_r{number}", **answer)
    assert left(world) == 50
    assert stands(world) == ("pro", 1000)


def test_a_stores_purchase_of_somebody_unknown_still_follows_a_later_transfer(world: World) -> None:
    tell(world, revenuecat.event("INITIAL_PURCHASE", "r1", START, **NOBODY))
    resolve(world, "revenuecat_r1", user_id="ada")
    assert stands(world) == ("plus", 100)
    tell(world, revenuecat.transfer([ANONYMOUS], ["bob"], "t1", START + HOUR))
    assert (stands(world), stands(world, "bob")) == (("free", 10), ("plus", 100))


def test_it_is_done_once_and_audited(world: World) -> None:
    tell(world, pack())
    first, again = resolve(world, user_id="ada"), resolve(world, user_id="bob")
    assert (first.is_done, again.is_done, again.audit_id) == (False, True, None)
    assert left(world) == 50
    (entry,) = world.db.collection("auditLog").stream()
    said = entry.to_dict() or {}
    assert (said["action"], said["actorId"], said["userId"], said["note"]) == (
        "resolve-event",
        "boss",
        "ada",
        "ticket 12",
    )
    assert said["before"] == {
        "receiptId": "stripe_evt_1",
        "status": "unmatched",
        "problem": "unknown-customer",
        "userId": None,
    }


def test_a_dry_run_says_what_would_be_and_writes_nothing(world: World) -> None:
    tell(world, pack())
    before = contents(world.db)
    would = resolve(world, user_id="ada", dry_run=True)
    assert (would.after["status"], would.audit_id) == ("processed", None)
    assert contents(world.db) == before


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"user_id": "nobody-at-all"}, UserNotFound),
        ({"user_id": "ada", "plan_id": "no-plan"}, PlanNotFound),
        ({"user_id": "ada", "pack_id": "small"}, InvalidArgument),
        ({}, InvalidArgument),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    world: World, answer: Json, refusal: type[Exception]
) -> None:
    tell(world, created())
    before = contents(world.db)
    with pytest.raises(refusal):
        resolve(world, **answer)
    assert contents(world.db) == before


@pytest.mark.parametrize("named", [{"user_id": "gone"}, {"user_id": "gone", "plan_id": "pro"}])
def test_an_event_is_not_given_to_a_deleted_user_and_waits_on(world: World, named: Json) -> None:
    world.db.document("users/gone").set({"isDeleted": True, "deletedAt": START})
    tell(world, created())
    before = contents(world.db)
    with pytest.raises(AccountDeleted):
        resolve(world, **named)
    assert contents(world.db) == before
    resolve(world, user_id="ada")
    assert stands(world) == ("plus", 100)


@pytest.mark.parametrize("name", ["stripe_evt_9", "a/b", ""])
def test_a_receipt_that_is_not_there_is_not_found(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        resolve(world, name, user_id="ada")


def test_a_receipt_without_its_event_must_be_sent_again(world: World) -> None:
    old = {"status": "unmatched", "problem": "unknown-customer", "provider": "stripe"}
    world.db.document("webhookEvents/stripe_evt_1").set(old)
    with pytest.raises(InvalidArgument) as refused:
        resolve(world, user_id="ada")
    assert "send it again" in refused.value.fields[0][1]


@pytest.mark.parametrize("role", ["user", "service"])
def test_only_admins_resolve(world: World, role: str) -> None:
    tell(world, pack())
    world.edit("eve", role=role)
    with pytest.raises(NotAllowed):
        resolve(world, by="eve", user_id="ada")
    assert resolve(world, by=None, user_id="ada").after["status"] == "processed"


def test_a_purchase_that_found_no_room_is_given_when_there_is(world: World) -> None:
    for number in range(100):
        world.grant(f"gift{number}", 1)
    tell(world, pack(user_id="ada"))
    with pytest.raises(InvalidArgument) as refused:
        resolve(world)
    assert "live grants" in refused.value.fields[0][1]
    world.edit(quota__grants__gift0__used=1)
    assert resolve(world).after["status"] == "processed"
    assert world.user()["quota"]["grants"]["pi_1"]["credits"] == 50


def test_an_instance_that_is_overtaken_resolves_once(world: World) -> None:
    tell(world, pack())
    other = replace(world)
    resolve(other, user_id="ada")
    assert resolve(world, user_id="ada").is_done is True
    assert left(world) == 50
