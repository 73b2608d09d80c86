"""Events that could not be placed, resolved by an operator as if all had been known from the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.billing.use_cases.resolve_event import ResolveCommand, ResolveResult, resolve_event
from genquota.domain.errors import (
    AccountDeleted,
    InvalidArgument,
    NotAllowed,
    NotFound,
    PlanNotFound,
    UserNotFound,
)
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from tests import revenuecat_payloads as revenuecat
from tests import stripe_payloads as stripe
from tests.emulator.environment import START
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.revenuecat_payloads import ANONYMOUS
from tests.store_contents import contents
from tests.stripe_payloads import MONTH

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR = timedelta(hours=1)
NOBODY: dict[str, Any] = {
    "app_user_id": ANONYMOUS,
    "original_app_user_id": ANONYMOUS,
    "aliases": [],
}


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)
    env.check()
    env.edit("boss", role="admin")


def resolve(
    env: Environment,
    receipt_id: str = "stripe_evt_1",
    *,
    by: str | None = "boss",
    dry_run: bool = False,
    **answer: Any,  # noqa: ANN401 - what is said of it
) -> ResolveResult:
    audit = AuditContext("ticket 12", dry_run)
    operator = Caller(by) if by else None
    return resolve_event(env.context, operator, receipt_id, ResolveCommand(**answer), audit)


def created(price: str = "price_plus", number: int = 1, **fields: Any) -> Json:  # noqa: ANN401
    about = stripe.subscription(price, **{"metadata": {}, **fields})
    event_id, at = f"evt_{number}", START + number * HOUR
    return stripe.event("customer.subscription.created", about, event_id, at)


def pack(**fields: Any) -> Json:  # noqa: ANN401
    about = stripe.checkout(**{"user_id": None, "metadata": {"packId": "small"}, **fields})
    return stripe.event("checkout.session.completed", about, "evt_1", START)


def receipt(env: Environment, name: str = "stripe_evt_1") -> Json:
    return env._read(f"webhookEvents/{name}")


def left(env: Environment, uid: str = "ada") -> int:
    return env.check(uid, by=None).grants_remaining


def test_an_event_of_an_unknown_customer_goes_to_whom_the_operator_names(
    env: Environment,
) -> None:
    send_event(env, created())
    done = resolve(env, user_id="ada")
    assert (done.before["problem"], done.after) == (
        "unknown-customer",
        {"status": "processed", "problem": None, "userId": "ada"},
    )
    assert plan_and_limit(env) == ("plus", 100)
    assert (receipt(env)["status"], receipt(env)["userId"]) == ("processed", "ada")
    assert "event" not in receipt(env)


def test_it_is_as_if_it_had_been_known_from_the_start(env: Environment) -> None:
    """What was reported since counts; what waited for the same customer comes along."""
    send_event(env, created())
    send_event(env, created("price_pro", 2))
    send_event(env, created("price_pro", 3, id_="sub_2"))
    resolve(env, user_id="ada")
    assert plan_and_limit(env) == ("pro", 1000)
    assert env.user()["quota"]["subscriptions"].keys() == {"sub_1", "sub_2"}
    assert [receipt(env, f"stripe_evt_{n}")["status"] for n in (1, 2, 3)] == ["processed"] * 3


def test_a_guests_checkout_without_any_customer_can_be_resolved(env: Environment) -> None:
    send_event(env, pack(customer=None))
    resolve(env, user_id="ada")
    assert left(env) == 50


def test_what_the_operator_said_of_a_thing_counts_more_than_later_events(
    env: Environment,
) -> None:
    send_event(env, created())
    resolve(env, user_id="ada")
    send_event(env, created(number=2, metadata={"userId": "mallory"}))
    assert plan_and_limit(env) == ("plus", 100)
    assert plan_and_limit(env, "mallory") == ("free", 10)


def test_a_product_that_no_plan_names_is_the_plan_that_the_operator_says(
    env: Environment,
) -> None:
    send_event(env, created("price_unlisted", metadata={"userId": "ada"}))
    resolve(env, plan_id="pro")
    assert plan_and_limit(env) == ("pro", 1000)


def test_after_an_edit_of_the_catalogue_nothing_need_be_said(env: Environment) -> None:
    send_event(env, created("price_unlisted", metadata={"userId": "ada"}))
    with pytest.raises(InvalidArgument) as missing:
        resolve(env)
    assert missing.value.fields[0][0] == "planId"
    products = {"stripe": ["price_unlisted"]}
    env.plan("max", limits={"period": 5000}, rank=3, products=products)
    resolve(env)
    assert plan_and_limit(env) == ("max", 5000)


def test_a_purchase_that_no_pack_names_is_the_pack_that_the_operator_says(
    env: Environment,
) -> None:
    sold = {"price": {"id": "price_unlisted"}, "quantity": 2}
    send_event(env, pack(metadata={}, user_id="ada"), sold)
    resolve(env, pack_id="small")
    assert left(env) == 100


def test_a_stores_purchase_that_nothing_names_may_be_a_pack_or_a_plan(
    env: Environment,
) -> None:
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
        assert send_event(env, bought).problem == "unknown-product"
        resolve(env, f"revenuecat_r{number}", **answer)
    assert left(env) == 50
    assert plan_and_limit(env) == ("pro", 1000)


def test_a_stores_purchase_of_somebody_unknown_still_follows_a_later_transfer(
    env: Environment,
) -> None:
    send_event(env, revenuecat.event("INITIAL_PURCHASE", "r1", START, **NOBODY))
    resolve(env, "revenuecat_r1", user_id="ada")
    assert plan_and_limit(env) == ("plus", 100)
    send_event(env, revenuecat.transfer([ANONYMOUS], ["bob"], "t1", START + HOUR))
    assert (plan_and_limit(env), plan_and_limit(env, "bob")) == (
        ("free", 10),
        ("plus", 100),
    )


def test_it_is_done_once_and_audited(env: Environment) -> None:
    send_event(env, pack())
    first, again = resolve(env, user_id="ada"), resolve(env, user_id="bob")
    assert (first.is_noop, again.is_noop, again.audit_id) == (False, True, None)
    assert left(env) == 50
    (entry,) = env.db.collection("auditLog").stream()
    values = entry.to_dict() or {}
    assert (values["action"], values["actorId"], values["userId"], values["note"]) == (
        "resolve-event",
        "boss",
        "ada",
        "ticket 12",
    )
    assert values["before"] == {
        "receiptId": "stripe_evt_1",
        "status": "unmatched",
        "problem": "unknown-customer",
        "userId": None,
    }


def test_a_dry_run_says_what_would_be_and_writes_nothing(env: Environment) -> None:
    send_event(env, pack())
    before = contents(env.db)
    would = resolve(env, user_id="ada", dry_run=True)
    assert (would.after["status"], would.audit_id) == ("processed", None)
    assert contents(env.db) == before


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
    env: Environment, answer: Json, refusal: type[Exception]
) -> None:
    send_event(env, created())
    before = contents(env.db)
    with pytest.raises(refusal):
        resolve(env, **answer)
    assert contents(env.db) == before


@pytest.mark.parametrize("named", [{"user_id": "gone"}, {"user_id": "gone", "plan_id": "pro"}])
def test_an_event_is_not_given_to_a_deleted_user_and_waits_on(
    env: Environment, named: Json
) -> None:
    env.db.document("users/gone").set({"isDeleted": True, "deletedAt": START})
    send_event(env, created())
    before = contents(env.db)
    with pytest.raises(AccountDeleted):
        resolve(env, **named)
    assert contents(env.db) == before
    resolve(env, user_id="ada")
    assert plan_and_limit(env) == ("plus", 100)


@pytest.mark.parametrize("name", ["stripe_evt_9", "a/b", ""])
def test_a_receipt_that_is_not_there_is_not_found(env: Environment, name: str) -> None:
    with pytest.raises(NotFound):
        resolve(env, name, user_id="ada")


def test_a_receipt_without_its_event_must_be_sent_again(env: Environment) -> None:
    old = {"status": "unmatched", "problem": "unknown-customer", "provider": "stripe"}
    env.db.document("webhookEvents/stripe_evt_1").set(old)
    with pytest.raises(InvalidArgument) as refused:
        resolve(env, user_id="ada")
    assert "send it again" in refused.value.fields[0][1]


@pytest.mark.parametrize("role", ["user", "service"])
def test_only_admins_resolve(env: Environment, role: str) -> None:
    send_event(env, pack())
    env.edit("eve", role=role)
    with pytest.raises(NotAllowed):
        resolve(env, by="eve", user_id="ada")
    assert resolve(env, by=None, user_id="ada").after["status"] == "processed"


def test_a_purchase_that_found_no_room_is_given_when_there_is(env: Environment) -> None:
    for number in range(100):
        env.grant(f"gift{number}", 1)
    send_event(env, pack(user_id="ada"))
    with pytest.raises(InvalidArgument) as refused:
        resolve(env)
    assert "live grants" in refused.value.fields[0][1]
    env.edit(quota__grants__gift0__used=1)
    assert resolve(env).after["status"] == "processed"
    assert env.user()["quota"]["grants"]["pi_1"]["credits"] == 50


def test_an_instance_that_is_overtaken_resolves_once(env: Environment) -> None:
    send_event(env, pack())
    other = replace(env)
    resolve(other, user_id="ada")
    assert resolve(env, user_id="ada").is_noop is True
    assert left(env) == 50
