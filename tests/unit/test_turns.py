"""Turns are given in the order of asking; what is left goes to the next one who has a use for it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from genquota.domain.errors import Contention
from genquota.store.turns import Turn, TurnQueue


def wait_in(queue: TurnQueue[str], name: str | None, done: list[Any]) -> threading.Thread:
    def run() -> None:
        assert queue.acquire(name, 5)
        done.append((name, queue.take()))
        queue.release()

    before = len(queue._waiting)
    thread = threading.Thread(target=run)
    thread.start()
    while len(queue._waiting) == before:
        time.sleep(0.001)
    return thread


def test_turns_are_given_in_the_order_of_asking() -> None:
    queue: TurnQueue[str] = TurnQueue()
    done: list[Any] = []
    assert queue.acquire(None, 0)
    threads = [wait_in(queue, f"name-{number}", done) for number in range(10)]
    queue.release()
    for thread in threads:
        thread.join()
    assert done == [(f"name-{number}", None) for number in range(10)]


def test_what_is_left_goes_to_the_next_one_if_it_has_a_use_for_it() -> None:
    queue: TurnQueue[str] = TurnQueue()
    done: list[Any] = []
    assert queue.acquire(None, 0)
    assert not queue.pass_on("a", "nobody waits")
    threads = [wait_in(queue, name, done) for name in ("a", "b")]
    assert (queue.is_awaited_for("a"), queue.is_awaited_for("b")) == (True, False)
    assert not queue.pass_on("b", "it is not their turn")
    assert queue.pass_on("a", "left")
    for thread in threads:
        thread.join()
    assert done == [("a", "left"), ("b", None)]


def test_who_waits_too_long_is_passed_over() -> None:
    queue: TurnQueue[str] = TurnQueue()
    assert queue.acquire(None, 0)
    with pytest.raises(Contention):
        Turn(queue).acquire("a", time.monotonic() + 0.01)
    assert not queue.pass_on("a", "left")
    queue.release()
    assert queue.acquire("b", 0)
    assert queue.take() is None


def test_a_place_that_is_left_waits_again_and_is_released_once() -> None:
    queue: TurnQueue[str] = TurnQueue()
    done: list[Any] = []
    turn = Turn(queue)
    turn.acquire(None, time.monotonic())
    turn.acquire(None, time.monotonic())
    thread = wait_in(queue, "a", done)
    assert turn.pass_on("a", "left")
    assert not turn.is_held
    thread.join()
    turn.acquire(None, time.monotonic() + 5)
    thread = wait_in(queue, "a", done)
    turn.leave("a", "rest")
    turn.release()
    turn.release()
    thread.join()
    assert done == [("a", "left"), ("a", "rest")]


def test_who_stops_waiting_in_the_moment_of_their_turn_has_it() -> None:
    queue: TurnQueue[str] = TurnQueue()
    queue._lock = threading.RLock()  # type: ignore[assignment] # so that this test can hold it meanwhile
    done: list[Any] = []
    assert queue.acquire(None, 0)

    def run() -> None:
        done.append((queue.acquire("a", 0.05), queue.take()))
        queue.release()

    thread = threading.Thread(target=run)
    thread.start()
    while not queue._waiting:
        time.sleep(0.001)
    with queue._lock:
        time.sleep(0.1)
        assert queue.pass_on("a", "left")
    thread.join()
    assert done == [(True, "left")]
    assert queue.acquire(None, 0)
