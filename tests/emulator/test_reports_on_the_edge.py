"""Reports that once were refused, held up or counted where they should not be."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import grpc
import pytest
from google.api_core.exceptions import Aborted

import genquota
from genquota.domain.errors import GenerationClosed, InvalidArgument, NotAllowed, Unavailable
from genquota.store import turns
from genquota.store.transaction import Transaction, run_transaction
from tests.emulator.environment import OUTPUT, row
from tests.emulator.rpc_faults import losing_answers, losing_reads

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.emulator.environment import Environment


def cyrillic(letters: int) -> dict[str, str]:
    return {"note": "ж" * letters}


def test_metadata_is_measured_in_bytes_and_never_costs_a_result(env: Environment) -> None:
    """B8: a delivered result is recorded, however much was noted before."""
    opened = env.create(metadata={"first": "x" * 16_000})
    env.report(opened, "processing", metadata={"second": "x" * 16_000})
    done = env.report(opened, "success", metadata=cyrillic(7_000))
    assert done.generation.charged == 1
    assert env.record(opened)["metadata"].keys() == {"first", "second", "note"}


def test_reports_of_processing_cannot_fill_a_record_without_end(env: Environment) -> None:
    opened = env.create(metadata={"first": "x" * 16_000})
    env.report(opened, "processing", metadata={"second": "x" * 16_000})
    with pytest.raises(InvalidArgument):
        env.report(opened, "processing", metadata=cyrillic(500))
    assert env.record(opened)["metadata"].keys() == {"first", "second"}


def test_an_owner_may_repeat_a_cancellation_where_only_services_report(
    env: Environment,
) -> None:
    """B3"""
    env.set_policy(owners_report_results=False)
    opened = env.create()
    with losing_answers(env.db):
        env.report(opened, "cancelled")
    assert env.report(opened, "cancelled").generation.status == "cancelled"
    assert row(env.check()) == (10, 0, 0)


@pytest.mark.parametrize("swept", [False, True])
def test_a_cancellation_that_comes_too_late_is_refused_alike_before_and_after_the_sweep(
    env: Environment, *, swept: bool
) -> None:
    """C6"""
    env.set_policy(owners_report_results=False)
    opened = env.create()
    env.pass_time(seconds=901)
    if swept:
        env.expire_generations()
    with pytest.raises(GenerationClosed):
        env.report(opened, "cancelled")
    with pytest.raises(NotAllowed):
        env.report(opened, "failed")


def test_a_replay_in_process_does_not_give_back_what_another_run_holds(now: Environment) -> None:
    """B13: a task that is delivered twice, and fails the second time, takes nothing from the first."""
    with genquota.generation(now.db, "ada", prompt="a fox", idempotency_key="task-1") as first:
        with (
            pytest.raises(ZeroDivisionError),
            genquota.generation(now.db, "ada", prompt="a fox", idempotency_key="task-1"),
        ):
            raise ZeroDivisionError
        assert row(now.check()) == (10, 0, 1)
        first.succeed(outputs=[OUTPUT])
    assert row(now.check()) == (10, 1, 0)


def test_a_closed_day_keeps_the_zone_that_it_was_laid_in(env: Environment) -> None:
    """C7"""
    env.generate()
    env.edit(timezone="America/New_York")
    env.pass_time(days=2)
    env.generate()
    day = env.day("2027-03-15")
    assert (day["timezone"], day["start"]) == ("UTC", datetime(2027, 3, 15, tzinfo=UTC))


def test_a_user_whose_holds_were_removed_by_hand_is_looked_at_once(env: Environment) -> None:
    """B12"""
    env.create()
    env.edit(quota__holds={})
    env.pass_time(seconds=901)
    assert env.expire_generations().users == 1
    assert env.expire_generations().users == 0


@pytest.mark.parametrize("code", [grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION])
def test_a_database_that_is_not_there_is_no_contention(
    env: Environment, code: grpc.StatusCode
) -> None:
    """A8, E15"""
    with losing_reads(env.db, code), pytest.raises(Unavailable):
        env.create()
    assert env.records() == []


def test_whoever_was_overtaken_takes_turns_with_others_of_the_same_user(db: Client) -> None:
    """A11: a service reports for many users, so its own name must not be the lock key."""
    begun, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def overtaken_once(attempt: Transaction) -> None:
        attempt.lock_key = "ada"
        order.append("try")
        if len(order) == 1:
            raise Aborted("overtaken")  # type: ignore[no-untyped-call]
        begun.set()
        assert go_on.wait(5)
        order.append("first")

    first = threading.Thread(target=run_transaction, args=(db, overtaken_once))
    first.start()
    assert begun.wait(5)
    second = threading.Thread(
        target=run_transaction,
        args=(db, lambda _: order.append("second")),
        kwargs={"lock_key": "ada"},
    )
    second.start()
    run_transaction(db, lambda _: order.append("another user"), lock_key=_elsewhere("ada"))
    go_on.set()
    first.join(5)
    second.join(5)
    assert order == ["try", "try", "another user", "first", "second"]


def _elsewhere(uid: str) -> str:
    """Return a user whose turn has nothing to do with the other's; hashes differ in each process."""
    lanes = len(turns._QUEUES)
    return next(each for each in "bcd" if hash(each) % lanes != hash(uid) % lanes)
