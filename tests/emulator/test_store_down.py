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
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import Environment, row
from tests.emulator.network_link import NetworkLink
from tests.emulator.rpc_faults import losing_commits, losing_reads, overtaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.use_cases.generations.create_generation import CreatedGeneration

LONGEST = 12.0
"""Seconds that a caller waits for a store that does not answer: 10, and a busy machine's own."""

LONGEST_IN_TURN = LONGEST + 5.0
"""And who waited ten seconds for their turn may have got it in the last instant."""


def calls_of_every_kind(env: Environment) -> list[Callable[[], object]]:
    return [
        env.check,
        env.create,
        env.usage,
        partial(env.report, "g1", "success"),
        partial(env.report, "g1", "success", by=None),
        env.change_profile,
        env.reset_periods,
        *[env.create] * 30,
    ]


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_store_that_is_down_is_unavailable_within_seconds_and_is_found_again_when_it_is_back(
    env: Environment, firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E15, E5: fails closed, for a burst as for one call, and nothing that was refused is found later."""
    opened = env.create()
    line = NetworkLink(firestore_host)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", line.host)
    far = env.through(firestore.Client(project=project))
    assert row(far.check()) == (10, 0, 1)
    before = (env.user(), env.record(opened))
    line.cut()
    began = time.monotonic()
    assert outcomes(race(calls_of_every_kind(far))) == {"unavailable": 37}
    assert time.monotonic() - began < LONGEST
    assert (env.user(), env.record(opened)) == before
    line.mend()
    assert row(patiently(far.create).quota) == (10, 0, 2)
    assert len(env.records()) == 2
    far.db.close()
    line.cut()


def test_a_store_that_is_slow_to_answer_is_waited_for_but_not_for_long(
    env: Environment, firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E15, B11: what it did before its answer came too late is found again, once."""
    line = NetworkLink(firestore_host)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", line.host)
    far = env.through(firestore.Client(project=project))
    far.check()
    line.delay = 0.5
    began = time.monotonic()
    far.create()
    assert time.monotonic() - began > 2 * line.delay  # reads, and a commit
    line.delay = 0.0
    with overtaking(far.db, partial(setattr, line, "delay", LONGEST)), pytest.raises(Unavailable):
        far.create(key="late")
    line.delay = 0.0
    assert env.create(key="late").replayed
    assert row(env.check()) == (10, 0, 2)
    far.db.close()
    line.cut()


def patiently(call: Callable[[], CreatedGeneration]) -> CreatedGeneration:
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
        env = Environment(firestore.Client(project=project))
        others = [partial(env.create, f"user{n}") for n in range(10)]
        began = time.monotonic()
        results = race([*others, env.check, env.usage, *[env.create] * 10])
        assert time.monotonic() - began < LONGEST_IN_TURN
        assert outcomes(results[:12]) == {"unavailable": 12}
        assert outcomes(results[12:]).keys() == {"unavailable", "contention"}
        env.db.close()


def test_commits_that_never_arrive_are_given_up_and_change_nothing(env: Environment) -> None:
    """E15, B11: also when reads still work."""
    opened = env.create()
    before = (env.user(), env.record(opened))
    report = partial(env.report, opened, "success")
    others = (partial(env.create, "bob"), partial(env.check, "cyd"))
    began = time.monotonic()
    with losing_commits(env.db, times=1000):
        assert outcomes(race([report, *others])) == {"unavailable": 3}
    assert time.monotonic() - began < LONGEST
    assert (env.user(), env.record(opened)) == before
    assert (env.user("bob"), env.user("cyd")) == ({}, {})


NO_ANSWER = [
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.CANCELLED,
]


@pytest.mark.parametrize("code", NO_ANSWER, ids=lambda code: code.name.lower())
def test_no_error_of_the_store_allows_anything_or_shows_as_ours(
    env: Environment, code: grpc.StatusCode
) -> None:
    """E15, A8: whatever it says, on reads and on commits; these the client does not ask for again."""
    opened = env.create()
    before = (env.user(), env.record(opened))
    for losing in (losing_reads, losing_commits):
        with losing(env.db, code, times=100):
            with pytest.raises(Unavailable):
                env.create()
            with pytest.raises(Unavailable):
                env.report(opened, "success")
    assert (env.user(), env.record(opened)) == before
    assert len(env.records()) == 1


@pytest.mark.parametrize("kind", ["reads", "commits"])
def test_an_aborted_rpc_is_tried_again(env: Environment, kind: str) -> None:
    """A8: the SDK would not try an aborted read again."""
    losing = losing_reads if kind == "reads" else losing_commits
    with losing(env.db, grpc.StatusCode.ABORTED, times=3):
        env.create()
    assert row(env.check()) == (10, 0, 1)


def test_endless_contention_ends_in_an_error_that_asks_to_try_again_and_never_in_a_hold(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A8: bounded in tries, never a silent allow."""
    monkeypatch.setattr(transaction, "TRIES", 4)
    env.check()
    with losing_commits(env.db, grpc.StatusCode.ABORTED, times=100):
        assert outcomes(race([env.create])) == {"contention": 1}
    assert env.records() == []
    assert row(env.create().quota) == (10, 0, 1)


def test_a_job_meets_a_store_that_is_down_and_goes_on_next_time(env: Environment) -> None:
    """E15, C6"""
    env.generate()
    env.pass_time(days=1)
    with (
        losing_commits(env.db, grpc.StatusCode.DEADLINE_EXCEEDED),
        pytest.raises(Unavailable),
    ):
        env.reset_periods()
    assert not env.day("2027-03-15")
    assert env.reset_periods() == sweep.SweepReport(users=1, failed=0, finished=True)
    assert env.day("2027-03-15")["used"] == 1
