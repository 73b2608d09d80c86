"""15. Many instances: what one machine can show, and what a simulation makes of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.callers import Call, all_at_once
from bench.costs import MOST_READS, MOST_WRITES, price
from bench.due_users import JOBS
from bench.instances import GENQUOTA, Program, instance
from bench.jobs import run_job
from bench.loads import clients_named
from bench.projects import ROOMY, fresh_project, make_users
from bench.rows import Row, Section
from bench.simulation import CostModel, Simulation, Traffic
from bench.timing import ms, p50, p99
from tests.rpc_counter import Calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.simulation import Outcome
    from bench.sizes import Sizes

    Say = Callable[[str], None]

READ, COMMIT = 0.010, 0.030
"""Seconds, assumed of Firestore in production: nothing here measures it."""
INSTANCES, USERS = 20, 1_000_000
RATES = (10, 100, 1_000, 2_000, 4_000, 8_000)
HOT_RATES = (1, 5, 10, 20, 40)
SECONDS = 20.0
"""Simulated, of each traffic."""
STORM = 200
PRICE = price(Calls(documents_read=MOST_READS, writes=MOST_WRITES))
"""US dollars for a million generations that succeed."""


def measure(sizes: Sizes, say: Say) -> Section:
    """Measure what the model needs, compare it with what can be run, and simulate the rest."""
    clients, requests = sizes.requests[1]
    processor, rate = _processor_of_a_create(clients, requests)
    say(f"{ms(processor)} of processor time, {rate:.0f} creates/s")
    rows = [
        Row(
            "measured: processor time of a create",
            ms(processor),
            "",
            f"{1 / processor:.0f}/s at most",
        ),
        Row(f"measured: one instance, {clients_named(clients)}", f"{rate:.0f}/s", "", ""),
        *_storm_rows(processor, say),
    ]
    model = CostModel(processor, READ, COMMIT)
    for rate in RATES:
        outcome = Simulation(model, Traffic(rate, USERS), INSTANCES).run(SECONDS)
        say(f"simulated {rate} creates/s")
        rows.append(
            _row(
                f"simulated: {rate} creates/s",
                outcome,
                f"${rate * 86_400 * PRICE / 1e6:,.0f} a day",
            )
        )
    for rate in HOT_RATES:
        outcome = Simulation(model, Traffic(100, USERS, rate), INSTANCES).run(SECONDS)
        note = f"{outcome.contended} of {rate * SECONDS:.0f} in contention"
        rows.append(_row(f"simulated: one user, {rate} creates/s beside 100", outcome, note))
    rows += _job_rows(sizes, say)
    return Section(
        "scaling",
        "15. Many instances",
        "none: what is simulated stands beside what was measured",
        f"Measured: processor time and creates/s of one instance on the emulator, {requests} creates; "
        f"{STORM} creates of one user on two instances; users/s of jobs. Simulated: {INSTANCES} instances "
        f"of one vCPU, {USERS:,} users, {SECONDS:.0f} s of each traffic, a read of {ms(READ)} and a commit "
        f"of {ms(COMMIT)}, which are assumed. docs/scaling.md says what follows.",
        rows,
        {"processor": processor, "rate": rate},
    )


def _processor_of_a_create(clients: int, requests: int) -> tuple[float, float]:
    """Return the seconds of processor time that an instance needs for a create, and creates/s."""
    each = requests // clients
    with fresh_project(ROOMY) as db, instance(Program(GENQUOTA), db.project) as served:
        uids = [
            [f"user-{client}-{number // 4}" for number in range(each)] for client in range(clients)
        ]
        make_users(db, {uid for own in uids for uid in own} | {"warm"})
        all_at_once(
            [served.port], [[Call.create(db.project, "warm", f"warm-{n}") for n in range(40)]]
        )
        calls = [
            [Call.create(db.project, uid, f"key-{number}") for number, uid in enumerate(own)]
            for own in uids
        ]
        before = served.processor_seconds()
        seconds, answers = all_at_once([served.port], calls)
        used = served.processor_seconds() - before
    return used / len(answers), len(answers) / seconds


def _storm_rows(processor: float, say: Say) -> list[Row]:
    """Compare a storm of one user on two instances with its simulation, at the emulator's own latencies."""
    with ExitStack() as stack:
        db = stack.enter_context(fresh_project(ROOMY))
        ports = [
            stack.enter_context(instance(Program(GENQUOTA), db.project)).port for _ in range(2)
        ]
        make_users(db, ["storm", *(f"warm-{number}" for number in range(80))])
        all_at_once(ports, [[Call.create(db.project, f"warm-{n}", "warm")] for n in range(80)])
        calls = [[Call.create(db.project, "storm", f"key-{n}")] for n in range(STORM)]
        seconds, _ = all_at_once(ports, calls)
        lone = [
            all_at_once(ports[:1], [[Call.create(db.project, f"warm-{n}", "lone")]])[0]
            for n in range(40)
        ]
    waits = max(0.0, p50(lone) - processor)
    model = CostModel(processor, waits / 3, waits * 2 / 3)
    outcome = Simulation(model, Traffic(0, 1, STORM / 0.02), 2).run(0.02)
    say(f"a storm: {seconds:.2f} s")
    simulated = f"simulated: {max(outcome.latencies):.2f} s"
    return [
        Row(
            f"measured: {STORM} creates of one user, two instances",
            f"{seconds:.2f} s",
            "",
            simulated,
        )
    ]


def _row(what: str, outcome: Outcome, note: str) -> Row:
    times = f"{ms(p50(outcome.latencies))} / {ms(p99(outcome.latencies))}"
    attempts = outcome.attempts / (len(outcome.latencies) + outcome.contended)
    return Row(
        what,
        f"p50 / p99 {times}",
        "",
        f"processors {outcome.busy:.0%}; attempts {attempts:.2f}; {note}",
    )


def _job_rows(sizes: Sizes, say: Say) -> list[Row]:
    """Return how many users each sweep does in a second, one job after the other."""
    rows = []
    for job in JOBS.values():
        rate = sizes.few_due_users / run_job(job, "genquota", sizes.few_due_users, say)["seconds"]
        hours = f"{USERS / rate / 3600:.1f} h for {USERS:,} users"
        rows.append(Row(f"measured: {job.name}", f"{rate:.0f} users/s", "", hours))
    return rows
