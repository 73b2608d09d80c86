"""Turns are given in the order of asking; what is left goes to the next one who has a use for it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from genquota.domain.errors import Contention
from genquota.store.turns import Turn, TurnState


def wait_in(turn: Turn[str], name: str | None, done: list[Any]) -> threading.Thread:
    def run() -> None:
        assert turn.acquire(name, 5)
        done.append((name, turn.take()))
        turn.release()

    before = len(turn._waiting)
    thread = threading.Thread(target=run)
    thread.start()
    while len(turn._waiting) == before:
        time.sleep(0.001)
    return thread


def test_turns_are_given_in_the_order_of_asking() -> None:
    turn: Turn[str] = Turn()
    done: list[Any] = []
    assert turn.acquire(None, 0)
    threads = [wait_in(turn, f"name-{number}", done) for number in range(10)]
    turn.release()
    for thread in threads:
        thread.join()
    assert done == [(f"name-{number}", None) for number in range(10)]


def test_what_is_left_goes_to_the_next_one_if_it_has_a_use_for_it() -> None:
    turn: Turn[str] = Turn()
    done: list[Any] = []
    assert turn.acquire(None, 0)
    assert not turn.pass_on("a", "nobody waits")
    threads = [wait_in(turn, name, done) for name in ("a", "b")]
    assert (turn.is_awaited_for("a"), turn.is_awaited_for("b")) == (True, False)
    assert not turn.pass_on("b", "it is not their turn")
    assert turn.pass_on("a", "left")
    for thread in threads:
        thread.join()
    assert done == [("a", "left"), ("b", None)]


def test_who_waits_too_long_is_passed_over() -> None:
    turn: Turn[str] = Turn()
    assert turn.acquire(None, 0)
    with pytest.raises(Contention):
        TurnState(turn).acquire("a", time.monotonic() + 0.01)
    assert not turn.pass_on("a", "left")
    turn.release()
    assert turn.acquire("b", 0)
    assert turn.take() is None


def test_a_place_that_is_left_waits_again_and_is_released_once() -> None:
    turn: Turn[str] = Turn()
    done: list[Any] = []
    place = TurnState(turn)
    place.acquire(None, time.monotonic())
    place.acquire(None, time.monotonic())
    thread = wait_in(turn, "a", done)
    assert place.pass_on("a", "left")
    assert not place.is_held
    thread.join()
    place.acquire(None, time.monotonic() + 5)
    thread = wait_in(turn, "a", done)
    place.leave("a", "rest")
    place.release()
    place.release()
    thread.join()
    assert done == [("a", "left"), ("a", "rest")]


def test_who_stops_waiting_in_the_moment_of_their_turn_has_it() -> None:
    turn: Turn[str] = Turn()
    turn._lock = threading.RLock()  # type: ignore[assignment] # so that this test can hold it meanwhile
    done: list[Any] = []
    assert turn.acquire(None, 0)

    def run() -> None:
        done.append((turn.acquire("a", 0.05), turn.take()))
        turn.release()

    thread = threading.Thread(target=run)
    thread.start()
    while not turn._waiting:
        time.sleep(0.001)
    with turn._lock:
        time.sleep(0.1)
        assert turn.pass_on("a", "left")
    thread.join()
    assert done == [(True, "left")]
    assert turn.acquire(None, 0)
