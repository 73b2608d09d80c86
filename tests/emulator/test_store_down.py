"""A store that is down or silent: `unavailable` within seconds, nothing allowed, recovery by itself."""

from __future__ import annotations

import contextlib
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

import grpc
import pytest
from google.cloud import firestore

from genquota.domain.errors import Unavailable
from genquota.store import transaction
from genquota.use_cases.jobs import sweep
from tests.emulator.faults import losing_commits, losing_reads
from tests.emulator.line import Line
from tests.emulator.racing import outcomes, race
from tests.emulator.world import World, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.use_cases.generations.create_generation import Opened

LONGEST = 12.0
"""Seconds that a caller waits for a store that does not answer: 10, and a busy machine's own."""

LONGEST_IN_TURN = LONGEST + 5.0
"""And who waited ten seconds for their turn may have got it in the last instant."""


def calls_of_every_kind(world: World) -> list[Callable[[], object]]:
    return [
        world.check,
        world.create,
        world.usage,
        partial(world.report, "g1", "success"),
        partial(world.report, "g1", "success", by=None),
        world.change_profile,
        world.reset_periods,
        *[world.create] * 30,
    ]


@pytest.mark.usefixtures("without_lanes")
def test_a_store_that_is_down_is_unavailable_within_seconds_and_is_found_again_when_it_is_back(
    world: World, firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E15, E5: fails closed, for a burst as for one call, and nothing that was refused is found later."""
    opened = world.create()
    line = Line(firestore_host)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", line.host)
    far = world.through(firestore.Client(project=project))
    assert row(far.check()) == (10, 0, 1)
    before = (world.user(), world.record(opened))
    line.cut()
    began = time.monotonic()
    assert outcomes(race(calls_of_every_kind(far))) == {"unavailable": 37}
    assert time.monotonic() - began < LONGEST
    assert (world.user(), world.record(opened)) == before
    line.mend()
    assert row(patiently(far.create).quota) == (10, 0, 2)
    assert len(world.records()) == 2
    far.db.close()
    line.cut()


def patiently(call: Callable[[], Opened]) -> Opened:
    """Call again until the store answers, as clients do."""
    for _ in range(10):
        with contextlib.suppress(Unavailable):
            return call()
    return call()


def test_a_store_that_takes_calls_and_never_answers_refuses_a_burst_within_seconds(
    monkeypatch: pytest.MonkeyPatch, project: str
) -> None:
    """E15, E5: also those who wait for their turn behind others of the same user."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{silent.getsockname()[1]}")
        world = World(firestore.Client(project=project))
        others = [partial(world.create, f"user{n}") for n in range(10)]
        began = time.monotonic()
        results = race([*others, world.check, world.usage, *[world.create] * 10])
        assert time.monotonic() - began < LONGEST_IN_TURN
        assert outcomes(results[:12]) == {"unavailable": 12}
        assert outcomes(results[12:]).keys() == {"unavailable", "contention"}
        world.db.close()


def test_commits_that_never_arrive_are_given_up_and_change_nothing(world: World) -> None:
    """E15, B11: also when reads still work."""
    opened = world.create()
    before = (world.user(), world.record(opened))
    report = partial(world.report, opened, "success")
    others = (partial(world.create, "bob"), partial(world.check, "cyd"))
    began = time.monotonic()
    with losing_commits(world.db, times=1000):
        assert outcomes(race([report, *others])) == {"unavailable": 3}
    assert time.monotonic() - began < LONGEST
    assert (world.user(), world.record(opened)) == before
    assert (world.user("bob"), world.user("cyd")) == ({}, {})


NO_ANSWER = [
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.CANCELLED,
]


@pytest.mark.parametrize("code", NO_ANSWER, ids=lambda code: code.name.lower())
def test_no_error_of_the_store_allows_anything_or_shows_as_ours(
    world: World, code: grpc.StatusCode
) -> None:
    """E15, A8: whatever it says, on reads and on commits; these the client does not ask for again."""
    opened = world.create()
    before = (world.user(), world.record(opened))
    for losing in (losing_reads, losing_commits):
        with losing(world.db, code, times=100):
            with pytest.raises(Unavailable):
                world.create()
            with pytest.raises(Unavailable):
                world.report(opened, "success")
    assert (world.user(), world.record(opened)) == before
    assert len(world.records()) == 1


@pytest.mark.parametrize("kind", ["reads", "commits"])
def test_an_aborted_rpc_is_tried_again(world: World, kind: str) -> None:
    """A8: the SDK would not try an aborted read again."""
    losing = losing_reads if kind == "reads" else losing_commits
    with losing(world.db, grpc.StatusCode.ABORTED, times=3):
        world.create()
    assert row(world.check()) == (10, 0, 1)


def test_endless_contention_ends_in_an_error_that_asks_to_try_again_and_never_in_a_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A8: bounded in tries, never a silent allow."""
    monkeypatch.setattr(transaction, "TRIES", 4)
    world.check()
    with losing_commits(world.db, grpc.StatusCode.ABORTED, times=100):
        assert outcomes(race([world.create])) == {"contention": 1}
    assert world.records() == []
    assert row(world.create().quota) == (10, 0, 1)


def test_a_job_meets_a_store_that_is_down_and_goes_on_next_time(world: World) -> None:
    """E15, C6"""
    world.generate()
    world.pass_time(days=1)
    with losing_commits(world.db, grpc.StatusCode.DEADLINE_EXCEEDED), pytest.raises(Unavailable):
        world.reset_periods()
    assert not world.day("2027-03-15")
    assert world.reset_periods() == sweep.SweepReport(users=1, failed=0, finished=True)
    assert world.day("2027-03-15")["used"] == 1
