"""A store that is down or silent: `unavailable` within seconds, nothing allowed, recovery by itself."""

from __future__ import annotations

import socket
import time
from functools import partial
from typing import TYPE_CHECKING

import grpc
import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import firestore

from dev.emulators import firestore_emulator, free_port
from genquota.domain.errors import Unavailable
from genquota.store import transaction
from genquota.use_cases import sweep
from tests.emulator.faults import losing_commits, losing_reads
from tests.emulator.racing import outcomes, race
from tests.emulator.world import World, row

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 10.0
"""Seconds that a caller waits for a store that does not answer."""


def calls_of_every_kind(world: World) -> list[Callable[[], object]]:
    return [
        world.check,
        world.create,
        world.usage,
        partial(world.report, "g1", "success"),
        partial(world.report, "g1", "success", by=None),
        world.change_profile,
        partial(job_fails, world),
        *[world.create] * 30,
    ]


def job_fails(world: World) -> None:
    with pytest.raises(GoogleAPIError):
        world.reset_periods()
    raise Unavailable


@pytest.mark.usefixtures("without_lanes")
def test_a_stopped_store_is_unavailable_within_seconds_and_is_found_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, project: str
) -> None:
    """E15, E5: fails closed, for a burst as for one call."""
    port = free_port()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
    world = World(firestore.Client(project=project))
    with firestore_emulator(port):
        world.generate()
        assert row(world.check()) == (10, 1, 0)
    began = time.monotonic()
    assert outcomes(race(calls_of_every_kind(world))) == {"unavailable": 37}
    assert time.monotonic() - began < LONGEST
    with firestore_emulator(port):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                opened = world.create()
            except Unavailable:
                continue
            break
        # The emulator forgets when it stops: what matters is that none of the refused creates is there.
        assert [record["id"] for record in world.records()] == [opened.generation.id]
    world.db.close()


@pytest.mark.usefixtures("without_lanes")
def test_a_store_that_takes_calls_and_never_answers_is_unavailable_within_seconds(
    monkeypatch: pytest.MonkeyPatch, project: str
) -> None:
    """E15, E5"""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{silent.getsockname()[1]}")
        world = World(firestore.Client(project=project))
        began = time.monotonic()
        assert outcomes(race(calls_of_every_kind(world)[:-31])) == {"unavailable": 6}
        assert time.monotonic() - began < LONGEST
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
    assert world.reset_periods() == sweep.SweepReport(1, 0, finished=True)
    assert world.day("2027-03-15")["used"] == 1
