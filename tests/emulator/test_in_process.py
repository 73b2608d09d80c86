"""`genquota.generation`, `reserve` and `report`, as the app's own server code calls them.

The environment `now` travels in time by its clock's document, which these calls read too: it is noon.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import pytest

import genquota
from genquota.domain.errors import (
    InvalidArgument,
    QuotaExceeded,
    Unavailable,
)
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import NOON, OUTPUT, row
from tests.emulator.rpc_faults import losing_commits, overtaking
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment


class EngineError(Exception):
    """What goes wrong at somebody else's."""


def fail_after(step: Callable[[], object]) -> None:
    step()
    raise EngineError


def only_record(env: Environment) -> dict[str, Any]:
    (record,) = env.records()
    return record


def test_a_success_charges_and_keeps_the_outputs(now: Environment) -> None:
    with genquota.generation(now.db, "ada", prompt="a fox", type="video", count=2) as g:
        assert row(now.check()) == (10, 0, 2)
        g.succeed(outputs=[OUTPUT], metadata={"model": "v2"})
    record = only_record(now)
    assert (record["id"], record["generationStatus"], record["charged"]) == (g.id, "success", 2)
    assert (record["promptText"], record["type"], record["outputs"]) == (
        "a fox", "video", [OUTPUT],
    )  # fmt: skip
    assert (record["createdAt"], record["completedAt"]) == (NOON, NOON)
    assert record["metadata"] == {"model": "v2"}
    assert (g.status, g.credits) == ("success", 2)
    assert row(now.check()) == (10, 2, 0)
    assert_counters_match_records(now.db)


@pytest.mark.parametrize("error", [EngineError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_whatever_ends_the_block_gives_the_hold_back_and_goes_on_its_way(
    now: Environment, error: type[BaseException]
) -> None:
    """B11: every way out ends the hold."""
    with pytest.raises(error), genquota.generation(now.db, "ada", prompt="a fox"):
        raise error
    record = only_record(now)
    assert (record["generationStatus"], record["refunded"]) == ("failed", True)
    assert record["errorMessage"] == "the caller failed"
    assert row(now.check()) == (10, 0, 0)
    assert_counters_match_records(now.db)


def test_a_failure_after_the_success_leaves_it_charged(now: Environment) -> None:
    """B8: failed bookkeeping does not refund what was delivered."""
    with pytest.raises(EngineError), genquota.generation(now.db, "ada", prompt="a fox") as g:
        fail_after(partial(g.succeed, outputs=[OUTPUT]))
    assert only_record(now)["generationStatus"] == "success"
    assert row(now.check()) == (10, 1, 0)


def test_a_success_that_could_not_be_reported_is_not_given_back_but_may_be_reported_again(
    now: Environment,
) -> None:
    """B8, B13: nobody knows whether the store took it."""
    with (
        pytest.raises(Unavailable),
        genquota.generation(now.db, "ada", prompt="a fox") as g,
        losing_commits(now.db, grpc.StatusCode.DEADLINE_EXCEEDED),
    ):
        g.succeed(outputs=[OUTPUT])
    assert only_record(now)["generationStatus"] == "pending"
    assert row(now.check()) == (10, 0, 1)
    genquota.report(now.db, g.id, "success", outputs=[OUTPUT])
    assert row(now.check()) == (10, 1, 0)


def test_leaving_without_a_report_gives_back_and_warns(
    now: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """B11"""
    with genquota.generation(now.db, "ada", prompt="a fox") as g:
        pass
    assert only_record(now)["generationStatus"] == "failed"
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("WARNING", f"generation {g.id} was left without a report")
    ]
    assert row(now.check()) == (10, 0, 0)


def test_a_reported_failure_is_given_back_without_a_warning(
    now: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    with genquota.generation(now.db, "ada", prompt="a fox") as g:
        g.fail("the engine is out of foxes")
    assert only_record(now)["errorMessage"] == "the engine is out of foxes"
    assert caplog.records == []


def test_the_callers_error_is_not_hidden_by_a_store_that_went_away(
    now: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """B11, E15: the hold ends by itself."""
    lost = losing_commits(now.db, grpc.StatusCode.INTERNAL, times=100)
    with (
        ExitStack() as trouble,
        pytest.raises(EngineError),
        genquota.generation(now.db, "ada", prompt="a fox") as g,
    ):
        fail_after(partial(trouble.enter_context, lost))
    assert now.record(g.id)["generationStatus"] == "pending"
    assert f"generation {g.id} could not be given back" in caplog.text


def test_a_refusal_comes_before_the_block_and_leaves_no_trace(now: Environment) -> None:
    """A5"""
    now.plan(limits={"period": 0})
    with pytest.raises(QuotaExceeded), genquota.generation(now.db, "ada", prompt="a fox"):
        pytest.fail("the engine must not be called")
    assert now.records() == []


def test_bad_input_is_refused_before_anything_is_read(now: Environment) -> None:
    """A5, A6"""
    bad: list[dict[str, Any]] = [
        {"prompt": ""},
        {"prompt": "a fox", "type": "poem"},
        {"prompt": "a fox", "count": 0},
        {"prompt": "a fox", "count": 1.5},
        {"prompt": "a fox", "count": True},
        {"prompt": "a fox", "credits": -1},
        {"prompt": "a fox", "credits": float("nan")},
        {"prompt": "a fox", "idempotency_key": "a/b"},
        {"prompt": "a fox", "color": "red"},
    ]
    with counting(now.db) as calls:
        for each in bad:
            with pytest.raises(InvalidArgument):
                genquota.reserve(now.db, "ada", **each)
        with pytest.raises(InvalidArgument):
            genquota.report(now.db, "g1", "success")
        with pytest.raises(InvalidArgument):
            genquota.reserve(now.db, "a/b", prompt="a fox")
    assert calls == Calls()


def test_nothing_is_locked_while_the_engine_works(now: Environment) -> None:
    """A11: other calls for the same user pass, from the same process, and see the hold."""
    with (
        genquota.generation(now.db, "ada", prompt="a fox") as g,
        ThreadPoolExecutor(1) as another,
    ):
        opened = another.submit(now.create).result(timeout=5)
        assert row(opened.quota) == (10, 0, 2)
        assert now.record(g.id)["generationStatus"] == "pending", "the hold is committed"
        g.succeed(outputs=[OUTPUT])
    assert row(now.check()) == (10, 1, 1)


@pytest.mark.usefixtures("without_lock_stripes")
def test_the_engine_is_called_once_however_often_the_transaction_is_tried(
    now: Environment, other: Environment
) -> None:
    """A9"""
    other.now = NOON
    now.check()
    called = 0
    with (
        overtaking(now.db, other.create, times=3),
        genquota.generation(now.db, "ada", prompt="a fox") as g,
    ):
        called += 1
        g.succeed(outputs=[OUTPUT])
    assert called == 1
    assert row(now.check()) == (10, 1, 3)
    assert_counters_match_records(now.db)
