"""9. Webhooks: from a signed event of Stripe's to the new limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.instances import run_process
from bench.projects import fresh_project, make_users
from bench.rows import Row, Section, at_most
from bench.timing import ms, p50, p99, spread
from bench.webhook_run import NEW_LIMIT, users
from tests.functions.webhook_requests import WHSEC
from tests.rpc_counter import Calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.sizes import Sizes

    Run = dict[str, Any]


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Let users subscribe, each once, by turns with the bare twin."""
    runs = []
    for number in range(sizes.job_rounds):
        say(f"{sizes.upgrades} upgrades, round {number + 1} of {sizes.job_rounds}")
        runs.append(_run(sizes.upgrades))
    ours, theirs = ([seconds for run in runs for seconds in run[side]] for side in SIDES)
    ratios = [p50(run["ours"]) / p50(run["theirs"]) for run in runs]
    our_calls, their_calls = (Calls(**calls) for calls in runs[0]["calls"])
    times = ms(p50(ours)), ms(p50(theirs)), spread(ratios)
    rows = [
        Row("event to new limit, p50", *times, *at_most(p50(ratios), MOST)),
        Row("- p99", ms(p99(ours)), ms(p99(theirs)), ""),
        Row("- calls to the store", str(our_calls.rpcs), str(their_calls.rpcs), ""),
        Row("- documents", _documents(our_calls), _documents(their_calls), ""),
    ]
    return Section(
        "webhooks",
        "9. From a payment to the new limit",
        "the bare SDK: one `get_all` and one commit of the same four documents with the same fields, "
        "then one `get_all` of the user; no function, no signature, no decision",
        f"`customer.subscription.created`, signed, by way of the function `stripe_webhook`, then "
        f"`check_limit` by way of its own, which must answer the new limit. Both without a server around "
        f"them. {sizes.upgrades} users, each once, by turns; {sizes.job_rounds} rounds in new projects "
        "and processes. What both write is compared first. Which plan a product stands for is asked of "
        "the catalogue.",
        rows,
        {"runs": runs},
    )


MOST = 0.9
SIDES = ("ours", "theirs")


def _run(count: int) -> Run:
    with fresh_project({"limits": {"period": 10}}) as db:
        plan = {"limits": {"period": NEW_LIMIT}, "rank": 1, "products": {"stripe": ["price_plus"]}}
        db.document("plans/plus").set(plan)
        make_users(db, users(count))
        run: Run = run_process(
            db.project, "webhook_run", db.project, str(count), STRIPE_WEBHOOK_SECRET=WHSEC
        )
    return run


def _documents(calls: Calls) -> str:
    return f"{calls.billed_reads} reads, {calls.writes} writes"
