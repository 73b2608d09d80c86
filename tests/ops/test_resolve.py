"""`python -m ops resolve`: what waits, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import stripe_payloads as stripe
from tests.emulator.shop import open_shop, stands, tell
from tests.emulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    Ops = Callable[..., tuple[int, str, str]]

NOTE = ("--note", "ticket 12")


@pytest.fixture
def world(db: Client) -> World:
    """Give a shop in which somebody unknown has bought a subscription."""
    world = World(db)
    world.travel(world.now)
    open_shop(world)
    world.check("ada")
    about = stripe.subscription(metadata={})
    tell(world, stripe.event("customer.subscription.created", about, "evt_1"))
    return world


def test_without_an_event_it_lists_what_waits(ops: Ops, world: World) -> None:
    code, out, _ = ops("resolve")
    assert code == 0
    assert "stripe_evt_1  unknown-customer  cus_1  sub_1  price_plus, prod_price_plus" in out
    assert "1 waiting" in out
    tell(
        world,
        stripe.event(
            "customer.subscription.created",
            stripe.subscription(metadata={"userId": "ada"}),
            "evt_2",
        ),
    )
    assert "nothing waits" in ops("resolve")[1]


def test_an_event_is_resolved_once_and_the_plan_is_there(ops: Ops, world: World) -> None:
    named = ("resolve", "--event", "stripe_evt_1", "--user", "ada", *NOTE)
    assert "would be processed, of user ada" in ops(*named, "--dry-run")[1]
    assert stands(world) == ("free", 10)
    code, out, _ = ops(*named)
    assert (code, "processed, of user ada (audit entry " in out) == (0, True)
    assert stands(world) == ("plus", 100)
    assert "was processed before; nothing was done" in ops(*named)[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--event", "stripe_evt_1"), "say why, with --note"),
        (("--event", "stripe_evt_1", *NOTE), "userId: nothing says whose it is"),
        (("--event", "stripe_evt_1", "--user", "nobody", *NOTE), "there is no such user"),
        (("--event", "stripe_evt_1", "--user", "gone", *NOTE), "this user was deleted"),
        (("--event", "stripe_evt_9", *NOTE), "there is no such event"),
        (("--event", "stripe_evt_1", "--plan", "max", *NOTE), "there is no such plan"),
    ],
)
def test_what_is_missing_is_said(ops: Ops, world: World, words: tuple[str, ...], said: str) -> None:
    world.db.document("users/gone").set({"isDeleted": True})
    code, _, err = ops("resolve", *words)
    assert (code, said in err) == (2, True), err
    assert stands(world) == ("free", 10)
