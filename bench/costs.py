"""6. What a generation costs: documents read and written, and their price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bench import baseline, usual_flow
from bench.projects import context_of, fresh_project, make_user
from bench.rows import Row, Section
from genquota.domain.enums import Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations.check_limit import check_limit
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

READS, WRITES = 0.03, 0.09
"""US dollars per 100,000 documents, us-central1, as quoted in September 2026 by a public survey of
prices. Not from Google's own price list: check there before relying on them."""
MOST_READS, MOST_WRITES = 4, 4


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to generate something once."""

    name: str
    run: Callable[[], object]
    has_target: bool = False
    generates: bool = True


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Count what each flow sends, on the client's own channel."""
    say(f"counting each flow once, however many rounds others take ({sizes.rounds})")
    rows, numbers = [], {}
    with fresh_project() as db:
        usual = _count(db, _usual(db))
        for flow in _flows(db):
            calls = _count(db, flow)
            rows.append(_row(flow, calls, usual))
            numbers[flow.name] = vars(calls)
    numbers["usual flow"] = vars(usual)
    return Section(
        "costs",
        "6. What a generation costs",
        "the usual flow: read user, subscription and plan; create the record; update it; increment "
        "the user's counts. It overshoots, see 3",
        f"Documents read and written, counted on the client's channel, and the price of a million "
        f"such generations at ${READS} per 100,000 reads and ${WRITES} per 100,000 writes. Those "
        "prices (us-central1) come from a public survey of September 2026, not from Google's own "
        "list: check there. The plan is remembered for `PLAN_CACHE_SECONDS`, so the row where it is "
        "not happens once a minute per instance.",
        rows,
        numbers,
    )


def _row(flow: Flow, calls: Calls, usual: Calls) -> Row:
    row = Row(flow.name, _written(calls), "", f"{calls.rpcs} calls to the store")
    if flow.generates:
        compared = f"{price(calls) / price(usual):.2f}x; {calls.rpcs} calls to {usual.rpcs}"
        row = replace(row, baseline=_written(usual), result=compared)
    if flow.has_target:
        is_met = calls.billed_reads <= MOST_READS and calls.writes <= MOST_WRITES
        row = replace(row, target=f"<= {MOST_READS} reads, {MOST_WRITES} writes", is_met=is_met)
    return row


def price(calls: Calls) -> float:
    """Return US dollars for a million."""
    return 10 * (calls.billed_reads * READS + calls.writes * WRITES)


def _flows(db: Client) -> list[Flow]:
    context, caller = context_of(db), Caller("user")
    make_user(db, "user")

    forgetful = replace(context, policy=replace(context.policy, plan_cache=timedelta(0)))

    def generate(key: str, status: Status = Status.SUCCESS, context: Context = context) -> None:
        content = {"promptId": "lighthouse", "promptText": baseline.PROMPT}
        opened = create_generation(
            context, caller, None, CreateCommand(key, QuotaRequest(), content, {})
        )
        outputs = (baseline.IMAGE,) if status is Status.SUCCESS else ()
        update_generation(
            context, caller, None, ReportCommand(opened.generation.id, status, outputs)
        )

    def check(by: Caller) -> object:
        return check_limit(context, by, None, QuotaRequest())

    def check_and_generate(key: str) -> None:
        check(caller)
        generate(key)

    return [
        Flow("create, success", lambda: generate("k1"), has_target=True),
        Flow("create, failed", lambda: generate("k2", Status.FAILED), has_target=True),
        Flow("check, create, success", lambda: check_and_generate("k3")),
        Flow("create, success; plan read both times", lambda: generate("k4", context=forgetful)),
        Flow("check alone", lambda: check(caller), generates=False),
        Flow("first call of a new user", lambda: check(Caller("newcomer")), generates=False),
    ]


def _usual(db: Client) -> Flow:
    usual_flow.prepare(db, "usual-user", 10)
    return Flow("usual", lambda: usual_flow.generate(db, "usual-user", "usual-generation", 0))


def _count(db: Client, flow: Flow) -> Calls:
    with counting(db) as calls:
        flow.run()
    return calls


def _written(calls: Calls) -> str:
    return f"{calls.billed_reads} reads, {calls.writes} writes, ${price(calls):.2f} per million"
