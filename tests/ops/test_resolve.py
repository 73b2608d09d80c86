"""`python -m ops resolve`: what waits, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import stripe_payloads as stripe
from tests.emulator.environment import Environment
from tests.emulator.provider_events import add_catalogue, plan_and_limit, send_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    Ops = Callable[..., tuple[int, str, str]]

NOTE = ("--note", "ticket 12")


@pytest.fixture
def env(db: Client) -> Environment:
    """Give a shop in which somebody unknown has bought a subscription."""
    env = Environment(db)
    env.travel(env.now)
    add_catalogue(env)
    env.check("ada")
    about = stripe.subscription(metadata={})
    send_event(env, stripe.event("customer.subscription.created", about, "evt_1"))
    return env


def test_without_an_event_it_lists_what_waits(ops: Ops, env: Environment) -> None:
    code, out, _ = ops("resolve")
    assert code == 0
    assert "stripe_evt_1  unknown-customer  cus_1  sub_1  price_plus, prod_price_plus" in out
    assert "1 waiting" in out
    send_event(
        env,
        stripe.event(
            "customer.subscription.created",
            stripe.subscription(metadata={"userId": "ada"}),
            "evt_2",
        ),
    )
    assert "nothing waits" in ops("resolve")[1]


def test_an_event_is_resolved_once_and_the_plan_is_there(ops: Ops, env: Environment) -> None:
    named = ("resolve", "--event", "stripe_evt_1", "--user", "ada", *NOTE)
    assert "would be processed, of user ada" in ops(*named, "--dry-run")[1]
    assert plan_and_limit(env) == ("free", 10)
    code, out, _ = ops(*named)
    assert (code, "processed, of user ada (audit entry " in out) == (0, True)
    assert plan_and_limit(env) == ("plus", 100)
    assert "was processed before; nothing was done" in ops(*named)[1]


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (("--event", "stripe_evt_1"), "say why, with --note"),
        (("--event", "stripe_evt_1", *NOTE), "userId: nothing says whose it is"),
        (("--event", "stripe_evt_1", "--user", "nobody", *NOTE), "there is no such user"),
        (("--event", "stripe_evt_1", "--user", "gone", *NOTE), "this user was deleted"),
        (("--event", "stripe_evt_9", *NOTE), "there is no such event"),
        (("--event", "stripe_evt_1", "--plan", "max", *NOTE), "there is no such plan"),
    ],
)
def test_what_is_missing_is_said(
    ops: Ops, env: Environment, words: tuple[str, ...], output: str
) -> None:
    env.db.document("users/gone").set({"isDeleted": True})
    code, _, err = ops("resolve", *words)
    assert (code, output in err) == (2, True), err
    assert plan_and_limit(env) == ("free", 10)
