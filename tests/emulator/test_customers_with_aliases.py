"""RevenueCat's customers have several names: what was bought under one of them is the person's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests import revenuecat_payloads as revenuecat
from tests.emulator.environment import START
from tests.emulator.event_permutations import environments_of
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from datetime import datetime

    from tests.emulator.environment import Environment

Json = dict[str, Any]
HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
A1, A2 = "$RCAnonymousID:1", "$RCAnonymousID:2"


@pytest.fixture(autouse=True)
def shop(env: Environment) -> None:
    add_catalogue(env)


def ids(*names: str) -> dict[str, Any]:
    """Return how an event says that these ids are one customer."""
    return {
        "app_user_id": names[0],
        "original_app_user_id": names[1] if len(names) > 1 else names[0],
        "aliases": list(names),
    }


def coins(*names: str, at: datetime = START) -> Json:
    once = {"product_id": "com.app.credits", "transaction_id": "c", "original_transaction_id": "c"}
    return revenuecat.event("NON_RENEWING_PURCHASE", "coins", at, at, None, **once, **ids(*names))


def plan(
    *names: str,
    at: datetime = START,
    type_: str = "INITIAL_PURCHASE",
    **fields: Any,  # noqa: ANN401
) -> Json:
    event_id = f"{type_}{at}"
    return revenuecat.event(type_, event_id, at, at, at + MONTH, **ids(*names), **fields)


def alias(number: int, *names: str) -> Json:
    at = START + number * HOUR
    return revenuecat.event("SUBSCRIBER_ALIAS", f"alias{number}", at, **ids(*names))


def transfer(number: int, from_ids: list[str], to: str) -> Json:
    return revenuecat.transfer(from_ids, [to], f"transfer{number}", START + number * HOUR)


def temporary(*names: str, at: datetime = START) -> Json:
    """Return the gift of Pro for a day."""
    fields: dict[str, Any] = {"product_id": "com.app.pro", **ids(*names)}
    event = revenuecat.event("TEMPORARY_ENTITLEMENT_GRANT", "temp", at, at, at + DAY, **fields)
    for name in ("transaction_id", "original_transaction_id", "period_type", "price"):
        del event["event"][name]
    return event


def left(env: Environment, uid: str) -> int:
    return env.check(uid, by=None).grants_remaining


@pytest.mark.parametrize("from_ids", [["zoe"], [A1], [A1, "zoe"]])
@pytest.mark.parametrize("bought_as", [A1, "zoe"])
def test_a_transfer_moves_what_was_bought_under_any_name_of_the_customer(
    from_ids: list[str], bought_as: str
) -> None:
    for first in (coins(bought_as), plan(bought_as)):
        events = [first, alias(1, "zoe", A1), transfer(2, from_ids, "eve")]
        for env in environments_of(events, START + DAY):
            has_coins = first["event"]["id"] == "coins"
            assert (left(env, "eve"), left(env, "zoe")) == ((50, 0) if has_coins else (0, 0))
            assert plan_and_limit(env, "eve")[0] == ("free" if has_coins else "plus")
            assert plan_and_limit(env, "zoe")[0] == "free"


def test_an_alias_that_a_purchase_names_is_one_as_well() -> None:
    bought = plan("zoe", A1, at=START + HOUR)
    for env in environments_of([coins(A1), bought, transfer(2, ["zoe"], "eve")], START + DAY):
        assert (left(env, "eve"), plan_and_limit(env, "eve")[0]) == (50, "plus")
        assert (left(env, "zoe"), plan_and_limit(env, "zoe")[0]) == (0, "free")


@pytest.mark.parametrize("first", [(A2, A1), (A1, A2)])
def test_an_alias_of_an_alias_is_the_same_person(first: tuple[str, str]) -> None:
    events = [coins(A1), alias(1, *first), alias(2, "zoe", A2)]
    for env in environments_of(events, START + DAY):
        assert left(env, "zoe") == 50
    events[0] = plan(A1)
    for env in environments_of(events, START + DAY):
        assert plan_and_limit(env, "zoe")[0] == "plus"


def test_what_moved_to_an_alias_is_the_persons() -> None:
    events = [coins("bob"), transfer(1, ["bob"], A2), alias(2, "zoe", A2)]
    for env in environments_of(events, START + DAY):
        assert (left(env, "bob"), left(env, "zoe")) == (0, 50)


def test_a_transfer_before_two_names_were_one_customers_moves_what_was_had_under_its_own() -> None:
    events = [coins("zoe"), transfer(1, [A1], "eve"), alias(2, "zoe", A1)]
    for env in environments_of(events, START + DAY):
        assert (left(env, "zoe"), left(env, "eve")) == (50, 0)


def test_what_is_bought_under_an_alias_after_a_transfer_stays() -> None:
    events = [alias(1, "zoe", A1), transfer(2, ["zoe"], "eve"), coins(A1, at=START + 3 * HOUR)]
    for env in environments_of(events, START + DAY):
        assert (left(env, "zoe"), left(env, "eve")) == (50, 0)


@pytest.mark.parametrize("names", [("zoe", "legacy-1"), (A1, "legacy-1", "zoe")])
def test_what_was_bought_under_an_id_without_a_user_is_that_of_the_user_who_becomes_known(
    names: tuple[str, ...],
) -> None:
    bought = plan(*names, at=START + HOUR)
    for env in environments_of(
        [coins("legacy-1"), bought], START + DAY, lambda it: it.check("zoe")
    ):
        assert (left(env, "zoe"), plan_and_limit(env, "zoe")[0]) == (50, "plus")
        assert (left(env, "legacy-1"), plan_and_limit(env, "legacy-1")[0]) == (
            0,
            "free",
        )


def test_what_was_given_to_the_first_of_several_ids_goes_to_the_known_user(
    env: Environment,
) -> None:
    send_event(env, coins(A1, "legacy-1", "zoe"))
    assert env.user("legacy-1")["quota"]["grants"]["c"]["credits"] == 50
    env.check("zoe")
    send_event(env, alias(1, "zoe", "legacy-1"))
    assert (left(env, "zoe"), left(env, "legacy-1")) == (50, 0)


@pytest.mark.parametrize("names", [("old", "zoe"), ("zoe", "old"), (A1, "old", "zoe")])
def test_a_deleted_user_is_not_the_known_one_of_several(names: tuple[str, ...]) -> None:
    def prepare(env: Environment) -> None:
        env.check("zoe")
        env.db.document("users/old").set({"isDeleted": True, "deletedAt": START})

    events = [plan("old"), plan(*names, at=START + HOUR, type_="RENEWAL"), coins(*names)]
    for env in environments_of(events, START + DAY, prepare):
        assert (left(env, "zoe"), plan_and_limit(env, "zoe")[0]) == (50, "plus")
        assert env.user("old") == {"isDeleted": True, "deletedAt": START}


def test_a_purchase_under_one_name_ends_what_was_given_for_a_while_under_another() -> None:
    events = [temporary(A1), plan("zoe", A1, at=START + HOUR)]
    for env in environments_of(events, START + 3 * HOUR):
        assert plan_and_limit(env, "zoe")[0] == "plus"
    refund = revenuecat.event(
        "CANCELLATION",
        "refund",
        START + 2 * HOUR,
        START + HOUR,
        START + MONTH,
        cancel_reason="CUSTOMER_SUPPORT",
        **ids("zoe", A1),
    )
    for env in environments_of([*events, refund], START + 3 * HOUR):
        assert plan_and_limit(env, "zoe")[0] == "free"


def test_a_purchase_ends_what_was_given_for_a_while_before_it_moved() -> None:
    bought = plan("eve", at=START + 2 * HOUR)
    events = [temporary("ada"), transfer(1, ["ada"], "eve"), bought]
    for env in environments_of(events, START + 3 * HOUR):
        assert (plan_and_limit(env, "eve")[0], plan_and_limit(env, "ada")[0]) == (
            "plus",
            "free",
        )


def test_a_purchase_of_whom_it_moved_from_does_not_end_what_was_given_for_a_while() -> None:
    bought = plan("ada", at=START + 2 * HOUR)
    events = [temporary("ada"), transfer(1, ["ada"], "eve"), bought]
    for env in environments_of(events, START + 3 * HOUR):
        assert (plan_and_limit(env, "eve")[0], plan_and_limit(env, "ada")[0]) == (
            "pro",
            "plus",
        )


def test_an_event_of_a_customer_with_aliases_is_one_read_and_writes_no_customer(
    env: Environment,
) -> None:
    env.check("zoe")
    env.set_policy(plan_cache=DAY)
    for number in (0, 1):
        send_event(env, plan("zoe", A1, A2, at=START + number * HOUR, type_="RENEWAL"))
    with counting(env.db) as calls:
        send_event(env, plan("zoe", A1, A2, at=START + 2 * HOUR, type_="RENEWAL"))
    assert (calls.queries, calls.read_rpcs, calls.commits, calls.writes) == (0, 1, 1, 3)
