"""1. The use-cases, called in process, against the bare SDK."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench import baseline
from bench.equal_work import require_equal_work
from bench.projects import ROOMY, context_of, fresh_project, make_user
from bench.rows import Row, Section, at_most
from bench.timing import Times, ms, p50, spread
from genquota.domain.enums import Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations.check_limit import check_limit
from genquota.use_cases.generations.create_generation import (
    CreateCommand,
    create_generation,
    generation_id_for,
)
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

    Side = dict[str, Callable[[int], object]]

LIMIT, CPU_LIMIT = 0.75, 0.65
OURS, THEIRS = "genquota-user", "the-bare-user"
VERBS = ("check_limit", "create_generation", "update_generation")
Calls = dict[str, Times]


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Time check, create and the report of a success, each against its bare twin."""
    with fresh_project(ROOMY) as db:
        sent = _compare(db)
    rounds: list[Calls] = []
    for number in range(sizes.rounds):
        say(f"round {number + 1} of {sizes.rounds}: {sizes.calls} pairs of each call")
        with fresh_project(ROOMY) as db:
            rounds.append(_round(db, sizes.calls))
    rows, numbers = [], {}
    for verb in VERBS:
        ratios = [calls[verb].ratio for calls in rounds]
        ours = p50([seconds for calls in rounds for seconds in calls[verb].ours])
        theirs = p50([seconds for calls in rounds for seconds in calls[verb].theirs])
        what = f"{verb}, p50" + (" (a success)" if verb == "update_generation" else "")
        target = at_most(p50(ratios), LIMIT)
        rows.append(Row(what, ms(ours), ms(theirs), spread(ratios), *target))
        cpu = [calls[verb].cpu_ratio for calls in rounds]
        our_cpu = p50([seconds for calls in rounds for seconds in calls[verb].our_cpu])
        their_cpu = p50([seconds for calls in rounds for seconds in calls[verb].their_cpu])
        target = at_most(p50(cpu), CPU_LIMIT)
        rows.append(Row("- CPU of the process", ms(our_cpu), ms(their_cpu), spread(cpu), *target))
        numbers[verb] = {
            "ours": ours,
            "theirs": theirs,
            "ratios": ratios,
            "cpu": cpu,
            "bytes": sent[verb],
        }
    return Section(
        "in-process",
        "1. Use-cases in process",
        "google-cloud-firestore alone: one `get_all` and one commit of the same documents",
        f"{sizes.rounds} rounds of {sizes.calls} pairs of calls, by turns, one user each, through one "
        "client. The ratio is the median of the rounds' ratios of medians; in brackets their range. "
        "What both send is compared first: the same documents, field paths and bytes.",
        rows,
        numbers,
    )


def _round(db: Client, pairs: int) -> Calls:
    """Time one pair after the other; a generation is settled before the next is opened."""
    ours, theirs = _prepare(db)
    calls = {verb: Times() for verb in VERBS}
    for number in range(pairs):
        for verb, times in calls.items():
            times.take_turns(number, partial(ours[verb], number), partial(theirs[verb], number))
    return calls


def _compare(db: Client) -> dict[str, int]:
    ours, theirs = _prepare(db)
    return {
        verb: require_equal_work(db, verb, partial(ours[verb], 0), partial(theirs[verb], 0))
        for verb in VERBS
    }


def _prepare(db: Client) -> tuple[Side, Side]:
    """Bring both users to where a user is after some generations. Return what is compared."""
    sides = calls_of(context_of(db), OURS), _theirs(db)
    for uid, side in zip((OURS, THEIRS), sides, strict=True):
        make_user(db, uid)
        for number in range(-20, 0):
            side["create_generation"](number)
            side["update_generation"](number)
    return sides


def calls_of(context: Context, uid: str) -> Side:
    """Return a user's calls by verb; each takes the number of its generation."""
    caller = Caller(uid)
    content = {"promptId": "lighthouse", "promptText": baseline.PROMPT}

    def update(number: int) -> object:
        generation_id = generation_id_for(uid, f"key{number}")
        report = ReportCommand(generation_id, Status.SUCCESS, (baseline.IMAGE,))
        return update_generation(context, caller, None, report)

    return {
        "check_limit": lambda _: check_limit(context, caller, None, QuotaRequest()),
        "create_generation": lambda number: create_generation(
            context, caller, None, CreateCommand(f"key{number}", QuotaRequest(), content, {})
        ),
        "update_generation": update,
    }


def _theirs(db: Client) -> Side:
    def name(number: int) -> str:
        return generation_id_for(THEIRS, f"key{number}")

    return {
        "check_limit": lambda _: baseline.check(db, THEIRS),
        "create_generation": lambda number: baseline.create(db, THEIRS, name(number)),
        "update_generation": lambda number: baseline.settle(db, THEIRS, name(number)),
    }
