"""13. What the live feed adds to opening a generation and to reporting on it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bench.in_process import VERBS, calls_of
from bench.projects import ROOMY, context_of, fresh_project, make_user
from bench.rows import Row, Section
from bench.timing import Times, ms, p50, spread
from genquota.domain.feed import FeedRules, LiveFeed
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from bench.sizes import Sizes

ON, OFF = "shown-user", "unseen-user"


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Time the same calls with the feed on and off, by turns."""
    rounds: list[dict[str, Times]] = []
    writes: dict[str, tuple[int, int]] = {}
    for number in range(sizes.rounds):
        say(f"round {number + 1} of {sizes.rounds}: {sizes.calls} pairs of each call")
        with fresh_project(ROOMY) as db:
            on, off = _sides(db)
            calls = {verb: Times() for verb in VERBS}
            for turn in range(sizes.calls):
                for verb, times in calls.items():
                    times.take_turns(turn, partial(on[verb], turn), partial(off[verb], turn))
            rounds.append(calls)
            writes = {verb: (_writes(db, on[verb]), _writes(db, off[verb])) for verb in VERBS}
    rows = []
    for verb in VERBS:
        with_feed = p50([seconds for calls in rounds for seconds in calls[verb].ours])
        without = p50([seconds for calls in rounds for seconds in calls[verb].theirs])
        ratios = [calls[verb].ratio for calls in rounds]
        more, usual = writes[verb]
        says = f"{spread(ratios)}; {more} writes to {usual}"
        rows.append(Row(f"{verb} with LIVE_FEED=named, p50", ms(with_feed), ms(without), says))
    return Section(
        "feed",
        "13. The live feed",
        "Genquota with LIVE_FEED=off",
        f"{sizes.rounds} rounds of {sizes.calls} pairs of calls, by turns, one user each, one client.",
        rows,
    )


def _sides(db: Client) -> tuple[dict[str, Callable[[int], object]], ...]:
    context = context_of(db)
    shown = replace(context, policy=replace(context.policy, feed=FeedRules(LiveFeed.NAMED)))
    sides = calls_of(shown, ON), calls_of(context, OFF)
    for uid, side in zip((ON, OFF), sides, strict=True):
        make_user(db, uid)
        for number in range(-20, 0):
            side["create_generation"](number)
            side["update_generation"](number)
    return sides


def _writes(db: Client, call: Callable[[int], object]) -> int:
    with counting(db) as calls:
        call(1_000_000)
    return calls.writes
