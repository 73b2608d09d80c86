"""Upgrades in a process of their own: `python -m bench.webhook_run PROJECT COUNT`.

Each is one signed event of Stripe's through the function, and a call of `check_limit` that sees the new
limit; by turns with the bare twin. Prints the times, and what went to the store.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from functions_framework import create_app

from bench import baseline
from bench.baseline_upgrade import Model, Names, upgrade
from bench.callers import id_token
from bench.equal_work import require_equal_work
from bench.instances import GENQUOTA
from bench.timing import Times
from tests import stripe_payloads as stripe
from tests.functions.webhook_requests import stripe_signature
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from google.cloud.firestore import Client
    from werkzeug.test import Client as HttpClient

NEW_LIMIT = 100
WARM = 3


def main(project: str, count: str) -> None:
    """Time the upgrades and print a line of JSON."""
    logging.disable(logging.INFO)
    clients = {name: _client(name) for name in ("stripe_webhook", "check_limit")}
    from genquota.triggers.runtime import context  # noqa: PLC0415 - main.py sets it up first

    db = context().db
    ours = partial(_upgrade, clients, project)
    for number in range(WARM):
        ours(f"warm-{number}")
    model = Model.read(db, Names.of("warm-0"))
    theirs = partial(_bare_upgrade, db, model)
    require_equal_work(
        db,
        "an upgrade",
        lambda: ours("equal-0"),
        lambda: theirs("equal-1"),
        with_queries=False,  # the baseline is told which plan is sold
    )
    calls = [_counted(db, partial(ours, "count-0")), _counted(db, partial(theirs, "count-1"))]
    times = Times()
    for number in range(int(count)):
        times.take_turns(number, partial(ours, f"ours-{number}"), partial(theirs, f"bare-{number}"))
    print(json.dumps({**vars(times), "calls": [vars(each) for each in calls]}))


def users(count: int) -> list[str]:
    """Return all users that take part."""
    sides = [f"{side}-{number}" for side in ("ours", "bare") for number in range(count)]
    warm = [f"warm-{number}" for number in range(WARM)]
    return [*sides, *warm, *(f"{what}-{side}" for what in ("equal", "count") for side in (0, 1))]


def _client(name: str) -> HttpClient:
    client: HttpClient = create_app(name, str(GENQUOTA)).test_client()  # type: ignore[no-untyped-call]
    return client


def _upgrade(clients: dict[str, HttpClient], project: str, uid: str) -> None:
    """Deliver the event, and ask for the limit."""
    body = _event(Names.of(uid))
    signed = {"Stripe-Signature": stripe_signature(body), "Content-Type": "application/json"}
    response = clients["stripe_webhook"].post("/", data=body, headers=signed)
    token = {"Authorization": f"Bearer {id_token(project, uid)}"}
    answer = clients["check_limit"].post("/", json={"data": {}}, headers=token)
    if response.status_code != 200 or answer.get_json()["result"]["limit"] != NEW_LIMIT:
        raise RuntimeError(f"{response.get_data(as_text=True)} {answer.get_data(as_text=True)}")


def _bare_upgrade(db: Client, model: Model, uid: str) -> None:
    upgrade(db, Names.of(uid), model)
    baseline.check(db, uid)


def _event(names: Names) -> bytes:
    now = datetime.now(UTC)
    about: dict[str, Any] = stripe.subscription(
        start=now - timedelta(days=1),
        id_=names.subscription,
        customer=names.customer,
        metadata={"userId": names.uid},
    )
    return json.dumps(
        stripe.event("customer.subscription.created", about, names.event, now)
    ).encode()


def _counted(db: Client, work: partial[None]) -> Calls:
    with counting(db) as calls:
        work()
    return calls


if __name__ == "__main__":
    main(*sys.argv[1:])
