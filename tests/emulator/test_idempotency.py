"""The same key, the same answer; a report repeated, nothing changed. Whatever got lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest

from genquota.domain.enums import Status
from genquota.domain.errors import (
    GenerationClosed,
    IdempotencyMismatch,
    QuotaExceeded,
    Unavailable,
)
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.rpc_faults import losing_answers, losing_commits, losing_reads, overtaking
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

LOST = [grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL]
"""Answers after which the client library does not ask again by itself."""


def test_a_create_whose_answer_got_lost_is_found_again_by_the_retry_of_the_library(
    env: Environment,
) -> None:
    """B1, A8: the store's own retry meets what its first try wrote; the caller never knows."""
    with losing_answers(env.db):
        opened = env.create(key="k")
    assert opened.generation.id == env.create(key="k").generation.id
    assert row(opened.quota) == (10, 0, 1)
    assert len(env.records()) == 1


@pytest.mark.parametrize("code", LOST)
def test_a_create_that_ended_in_unavailable_after_it_was_applied_is_replayed_by_the_same_key(
    env: Environment, code: grpc.StatusCode
) -> None:
    """B1: nobody can know whether it was applied, so the client asks again with its key."""
    with losing_answers(env.db, code), pytest.raises(Unavailable):
        env.create(key="k")
    again = env.create(key="k")
    assert again.replayed is True
    assert row(again.quota) == (10, 0, 1)
    assert len(env.records()) == 1
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("code", LOST)
def test_a_create_that_never_arrived_is_opened_by_the_same_key(
    env: Environment, code: grpc.StatusCode
) -> None:
    """B1, B13: an outcome that is not known gives nothing back and takes nothing twice."""
    with losing_commits(env.db, code), pytest.raises(Unavailable):
        env.create(key="k")
    assert not env.records()
    again = env.create(key="k")
    assert again.replayed is False
    assert row(again.quota) == (10, 0, 1)


def test_a_short_outage_is_waited_for(env: Environment) -> None:
    """E15: one lost read and one lost commit are asked for again."""
    with losing_reads(env.db), losing_commits(env.db):
        assert env.create().replayed is False
    assert row(env.check()) == (10, 0, 1)


@pytest.mark.parametrize("status", ["success", "failed", "cancelled"])
def test_a_report_whose_answer_got_lost_counts_once(env: Environment, status: str) -> None:
    """B3: the retry of the library, and then that of the client, change nothing."""
    opened = env.create()
    with losing_answers(env.db):
        first = env.report(opened, status)
    second = env.report(opened, status)
    for reported in (first, second):
        assert reported.generation.status == status
        assert reported.generation.charged == (1 if status == "success" else 0)
        assert row(reported.quota) == (10, int(status == "success"), 0)
    assert_counters_match_records(env.db)


@pytest.mark.parametrize("code", LOST)
def test_a_report_that_ended_in_unavailable_after_it_was_applied_may_be_repeated(
    env: Environment, code: grpc.StatusCode
) -> None:
    """B3"""
    opened = env.create()
    with losing_answers(env.db, code), pytest.raises(Unavailable):
        env.report(opened, "success")
    assert env.record(opened)["generationStatus"] == "success"
    assert env.report(opened, "success").generation.charged == 1
    assert env.user()["generatedCount"] == 1
    assert_counters_match_records(env.db)


def test_a_first_check_whose_answer_got_lost_makes_one_document(env: Environment) -> None:
    """E8, B3"""
    with losing_answers(env.db):
        assert env.check().can_generate is True
    assert env.user()["createdAt"] == START


def test_a_replay_gives_the_same_generation_and_todays_quota(env: Environment) -> None:
    """B1"""
    opened = env.create(key="k", metadata={"try": 1})
    env.generate()
    env.pass_time(minutes=5)
    with counting(env.db) as calls:
        replay = env.create(key="k", metadata={"try": 2})
    assert replay.replayed is True
    assert replay.generation.id == opened.generation.id
    assert replay.generation.hold.end == opened.generation.hold.end
    assert replay.generation.credits == 1
    assert replay.status is Status.PENDING
    assert row(replay.quota) == (10, 1, 1)
    assert calls.commits == 0
    assert env.record(opened)["metadata"] == {"try": 1}


def test_a_replay_comes_before_the_decision(env: Environment) -> None:
    """B1: what was opened stays opened though there is no more room."""
    env.plan(limits={"period": 1})
    opened = env.create(key="k")
    replay = env.create(key="k")
    assert (replay.replayed, replay.generation.id) == (True, opened.generation.id)
    assert replay.quota.can_generate is False
    with pytest.raises(QuotaExceeded):
        env.create(key="l")


@pytest.mark.parametrize(("status", "charged"), [("success", 1), ("failed", 0), ("cancelled", 0)])
def test_a_replay_of_a_closed_generation_opens_no_other(
    env: Environment, status: str, charged: int
) -> None:
    """B1: a client that lost the answer long ago learns how it ended."""
    opened = env.create(key="k")
    env.report(opened, status)
    replay = env.create(key="k")
    assert (replay.replayed, replay.status.value) == (True, status)
    assert replay.generation.charged == charged
    assert row(replay.quota) == (10, charged, 0)


def test_a_replay_after_the_end_of_the_hold_says_expired_swept_or_not(
    env: Environment,
) -> None:
    """B1, E7"""
    opened = env.create(key="k")
    env.pass_time(seconds=900)
    assert env.create(key="k").status is Status.EXPIRED
    assert env.record(opened)["generationStatus"] == "pending"
    env.expire_generations()
    assert env.create(key="k").status is Status.EXPIRED
    assert env.record(opened)["generationStatus"] == "expired"


def test_the_same_key_with_another_payload_is_a_mismatch_and_changes_nothing(
    env: Environment,
) -> None:
    """B2: all but key and metadata counts."""
    opened = env.create(key="k")
    before = (env.user(), env.record(opened))
    for change in (
        {"prompt": "a hound"},
        {"type": "video"},
        {"engine": "v2"},
        {"quality": "hd"},
        {"count": 2},
    ):
        with counting(env.db) as calls, pytest.raises(IdempotencyMismatch) as mismatch:
            env.create(key="k", **change)
        assert mismatch.value.generation_id == opened.generation.id
        assert calls == Calls(read_rpcs=1, documents_read=3)
    assert (env.user(), env.record(opened)) == before


def test_a_refused_create_did_not_happen_and_its_key_is_decided_anew(
    env: Environment,
) -> None:
    """A5, B1"""
    env.plan(limits={"period": 1})
    first = env.create()
    before = env.user()
    with pytest.raises(QuotaExceeded):
        env.create(key="k")
    assert env.user() == before
    assert len(env.records()) == 1
    env.report(first, "failed")
    assert env.create(key="k").replayed is False
    assert row(env.check()) == (1, 0, 1)


def test_another_final_status_than_the_recorded_one_is_refused_and_changes_nothing(
    env: Environment,
) -> None:
    """B15"""
    for first, others in {
        "success": ("failed", "cancelled", "processing"),
        "failed": ("success", "cancelled", "processing"),
        "cancelled": ("success", "failed", "processing"),
    }.items():
        opened = env.create()
        env.report(opened, first)
        before = (env.user(), env.record(opened))
        for second in others:
            with pytest.raises(GenerationClosed) as closed:
                env.report(opened, second)
            assert closed.value.status == first
        assert (env.user(), env.record(opened)) == before
    assert_counters_match_records(env.db)


def test_a_repeated_report_changes_nothing_not_even_what_it_brings(env: Environment) -> None:
    """B3: the first answer stands."""
    opened = env.create()
    env.report(opened, "success", outputs=2)
    before = (env.user(), env.record(opened))
    env.pass_time(minutes=1)
    with counting(env.db) as calls:
        env.report(opened, "success", outputs=5, metadata={"model": "v2"})
    assert calls == Calls(read_rpcs=1, documents_read=3)
    assert (env.user(), env.record(opened)) == before
    assert before[0]["outputCount"] == 2


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_create_that_is_overtaken_decides_again_on_what_is_so_now(
    env: Environment, other: Environment
) -> None:
    """A8, A9: nothing of the attempt that was overtaken is left."""
    env.plan(limits={"period": 1})
    env.check()
    with overtaking(env.db, other.create), pytest.raises(QuotaExceeded):
        env.create()
    assert len(env.records()) == 1
    assert row(env.check()) == (1, 0, 1)
