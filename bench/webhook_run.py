"""Upgrades in a process of their own: `python -m bench.webhook_run PROJECT COUNT`.

Each is one signed event of Stripe's through the function, and a call of `check_limit` that sees the new
limit; by turns with the bare twin. Prints the times, and what went to the store.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from functions_framework import create_app
from werkzeug.test import EnvironBuilder

from bench import baseline
from bench.baseline_upgrade import Model, Names
from bench.baseline_upgrade import upgrade as bare_upgrade
from bench.callers import id_token
from bench.equal_work import require_equal_work
from bench.instances import GENQUOTA
from bench.timing import Times
from tests import stripe_payloads as stripe
from tests.functions.webhook_requests import stripe_signature
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    Environ = dict[str, Any]

NEW_LIMIT = 100
WARM = 3


def main(project: str, count: str) -> None:
    """Time the upgrades and print a line of JSON."""
    logging.disable(logging.INFO)
    apps = {name: create_app(name, str(GENQUOTA)) for name in ("stripe_webhook", "check_limit")}  # type: ignore[no-untyped-call]
    from genquota.triggers.runtime import context  # noqa: PLC0415 - main.py sets it up first

    db = context().db

    def ours(uid: str) -> None:
        Upgrade.of(project, uid).run(apps)

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
    upgrades = [Upgrade.of(project, f"ours-{number}") for number in range(int(count))]
    for number, upgrade in enumerate(upgrades):
        times.take_turns(number, partial(upgrade.run, apps), partial(theirs, f"bare-{number}"))
    print(json.dumps({**vars(times), "calls": [vars(each) for each in calls]}))


def users(count: int) -> list[str]:
    """Return all users that take part."""
    sides = [f"{side}-{number}" for side in ("ours", "bare") for number in range(count)]
    warm = [f"warm-{number}" for number in range(WARM)]
    return [*sides, *warm, *(f"{what}-{side}" for what in ("equal", "count") for side in (0, 1))]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Two requests, ready to be handed to the functions as a server does it."""

    event: Environ
    question: Environ

    @classmethod
    def of(cls, project: str, uid: str) -> Upgrade:
        body = _event(Names.of(uid))
        signed = {"Stripe-Signature": stripe_signature(body)}
        token = {"Authorization": f"Bearer {id_token(project, uid)}"}
        return cls(_environ(body, signed), _environ(b'{"data": {}}', token))

    def run(self, apps: dict[str, Any]) -> None:
        """Deliver the event, and ask for the limit."""
        answers = [
            _ask(apps["stripe_webhook"], self.event),
            _ask(apps["check_limit"], self.question),
        ]
        if json.loads(answers[1])["result"]["limit"] != NEW_LIMIT:
            raise RuntimeError(str(answers))


def _environ(body: bytes, headers: dict[str, str]) -> Environ:
    return EnvironBuilder(
        method="POST", data=body, headers=list(headers.items()), content_type="application/json"
    ).get_environ()


def _ask(app: Any, environ: Environ) -> bytes:  # noqa: ANN401 - a WSGI application
    return b"".join(app(environ, lambda *_: None))


def _bare_upgrade(db: Client, model: Model, uid: str) -> None:
    bare_upgrade(db, Names.of(uid), model)
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
