"""Creates of one user that wait for each other: one reads, all decide, and one commit writes for all."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.api_core import exceptions as gexc
from google.cloud import firestore
from google.cloud.firestore import DELETE_FIELD, Increment
from google.protobuf.timestamp_pb2 import Timestamp

from genquota.domain.enums import Status
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import exact_time
from genquota.store.rpc import rpc_of
from genquota.store.shared_commits import MOST_ATTEMPTS, SharedCommit
from genquota.store.transaction import TRIES_TOGETHER, Transaction
from genquota.use_cases.generations.create_generation import CreateCommand
from genquota.use_cases.generations.track_generation import track_generation
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import row
from tests.emulator.queues import queue
from tests.emulator.rpc_faults import before_rpc, losing_answers, losing_commits, overtaking
from tests.rpc_counter import READ, Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture(autouse=True)
def known(env: Environment) -> None:
    """Let the user exist, and the plan be remembered."""
    env.policy = Policy()
    env.plan(limits={"period": 100})
    env.check()


def creates(env: Environment, count: int) -> list[Callable[[], object]]:
    return [partial(env.create, key=f"key-{number}") for number in range(count)]


def test_creates_that_wait_are_one_read_and_one_commit(env: Environment) -> None:
    with counting(env.db) as calls:
        assert outcomes(queue(creates(env, 5))) == {"ok": 5}
    assert calls == Calls(read_rpcs=1, documents_read=2, commits=1, writes=10)
    assert row(env.check()) == (100, 0, 5)
    assert len(env.records()) == 5


def test_a_commit_has_so_many_and_the_next_ones_go_on_without_reading(env: Environment) -> None:
    with counting(env.db) as calls:
        assert outcomes(queue(creates(env, 2 * MOST_ATTEMPTS + 1))) == {"ok": 41}
    assert calls == Calls(read_rpcs=1, documents_read=2, commits=3, writes=82)
    assert row(env.check()) == (100, 0, 41)


def test_a_create_that_comes_later_reads(env: Environment) -> None:
    queue(creates(env, 3))
    with counting(env.db) as calls:
        env.create()
    assert calls == Calls(read_rpcs=1, documents_read=2, commits=1, writes=2)


def test_the_limit_holds_and_each_refusal_is_decided_on_what_was_read(env: Environment) -> None:
    env.edit(planId="small")
    env.plan("small", limits={"period": 10})
    env.check()
    with counting(env.db) as calls:
        assert outcomes(queue(creates(env, 15))) == {"ok": 10, "quota-exceeded": 5}
    assert calls == Calls(read_rpcs=6, documents_read=12, commits=1, writes=20)
    assert row(env.check()) == (10, 0, 10)


def test_a_refusal_is_not_decided_on_what_is_not_committed(
    env: Environment, other: Environment
) -> None:
    env.edit(planId="small")
    env.plan("small", limits={"period": 1})
    env.check()
    raise_limit = partial(other.edit, planId="free")
    with before_rpc(env.db, READ, raise_limit, skip=1):
        assert outcomes(queue(creates(env, 2))) == {"ok": 2}


@pytest.mark.parametrize("others_before", [1, MOST_ATTEMPTS])
@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"disabled": True}, "account-disabled"),
        ({"planId": "none"}, "quota-exceeded"),
        ({"isDeleted": True}, "account-deleted"),
    ],
)
def test_what_somebody_else_writes_before_a_commit_counts(
    env: Environment,
    other: Environment,
    change: dict[str, Any],
    outcome: str,
    others_before: int,
) -> None:
    """Before the only commit, and before one that goes on from another."""
    env.plan("none", limits={"period": 0})
    is_second = others_before == MOST_ATTEMPTS
    write = partial(other.edit, **change)
    with overtaking(env.db, write, skip=int(is_second)):
        results = queue(creates(env, others_before + 4))
    passed = {"ok": MOST_ATTEMPTS} if is_second else {}
    assert outcomes(results) == {**passed, outcome: len(results) - passed.get("ok", 0)}
    assert len(env.records()) == passed.get("ok", 0)


def test_a_report_of_another_instance_is_not_lost(env: Environment, other: Environment) -> None:
    opened = env.create()
    report = partial(other.report, opened, "success")
    with counting(env.db) as calls, overtaking(env.db, report):
        assert outcomes(queue(creates(env, 6))) == {"ok": 6}
    assert (calls.read_rpcs, calls.commits) == (2, 2)
    assert row(env.check()) == (100, 1, 6)


def test_who_is_overtaken_together_too_often_goes_on_alone(
    env: Environment, other: Environment
) -> None:
    write = partial(other.edit, displayName=firestore.SERVER_TIMESTAMP)
    with counting(env.db) as calls, overtaking(env.db, write, times=TRIES_TOGETHER):
        assert outcomes(queue(creates(env, 3))) == {"ok": 3}
    assert calls.commits == TRIES_TOGETHER + 3


def test_a_report_that_waits_among_creates_counts(env: Environment) -> None:
    opened = env.create()
    report = partial(env.report, opened, "success", naming_user=True)
    assert outcomes(queue([*creates(env, 3), report, partial(env.create)])) == {"ok": 5}
    assert row(env.check()) == (100, 1, 4)


@pytest.mark.parametrize("count", [50, 200])
def test_of_creates_of_two_instances_exactly_as_many_pass_as_the_limit_has_room_for(
    env: Environment, other: Environment, count: int
) -> None:
    env.edit(planId="small")
    env.plan("small", limits={"period": 30})
    calls = [(env, other)[number % 2].create for number in range(count)]
    assert outcomes(race(calls)) == {"ok": 30, "quota-exceeded": count - 30}
    assert row(env.check()) == (30, 0, 30)
    assert len(env.records()) == 30


def test_a_key_that_was_used_before_is_a_replay_and_the_others_pass(env: Environment) -> None:
    env.create(key="key-2")
    results = queue(creates(env, 5))
    assert [each.replayed for each in results] == [False, False, True, False, False]
    assert len(env.records()) == 5
    assert row(env.check()) == (100, 0, 5)


def test_one_key_twice_in_the_queue_is_one_generation(env: Environment) -> None:
    results = queue([*creates(env, 3), *creates(env, 3)])
    assert [each.replayed for each in results] == [False] * 3 + [True] * 3
    assert row(env.check()) == (100, 0, 3)


def test_if_the_answer_of_a_commit_is_lost_all_find_what_they_made(env: Environment) -> None:
    with losing_answers(env.db), counting(env.db) as calls:
        results = queue(creates(env, 4))
    # One read before the commit; then each reads for itself.
    assert [each.replayed for each in results] == [True] * 4
    assert calls.read_rpcs == 5
    assert row(env.check()) == (100, 0, 4)


def test_if_the_store_does_not_answer_none_of_them_pass(env: Environment) -> None:
    with losing_commits(env.db, grpc.StatusCode.DEADLINE_EXCEEDED):
        assert outcomes(queue(creates(env, 4))) == {"unavailable": 4}
    assert not env.records()


def test_one_that_the_store_refuses_does_not_keep_the_others(env: Environment) -> None:
    too_long = partial(env.create, prompt="x" * 1_100_000)

    def refused() -> str:
        try:
            too_long()
        except gexc.InvalidArgument:
            return "refused"
        return "ok"

    with counting(env.db) as calls:
        results = queue([*creates(env, 2), refused, partial(env.create), partial(env.create)])
    assert results[2] == "refused"
    assert calls.commits == 6, "one of all, and one of each"
    assert outcomes(results) == {"ok": 5}
    assert row(env.check()) == (100, 0, 4)


def test_an_error_in_one_does_not_keep_the_others_waiting(env: Environment) -> None:
    broken = partial(env.create, metadata={"a": object()})
    results = queue([*creates(env, 2), broken, partial(env.create)])
    assert [type(each).__name__ for each in results] == [
        "CreatedGeneration",
        "CreatedGeneration",
        "TypeError",
        "CreatedGeneration",
    ]


def test_a_service_is_authorized_by_its_own_document_as_it_is_now(env: Environment) -> None:
    env.edit("worker", role="service")
    with counting(env.db) as calls:
        results = queue([*creates(env, 2), partial(env.create, by="worker")])
    assert outcomes(results) == {"ok": 3}
    assert calls.read_paths.count("users/worker") == 1
    env.edit("worker", role="user")
    assert outcomes(queue([*creates(env, 1), partial(env.create, by="worker")])) == {
        "ok": 1,
        "not-allowed": 1,
    }


def test_a_queue_stores_what_one_after_the_other_stores(env: Environment) -> None:
    """Creates of several types and tracked generations, over grants, day limits and overage."""
    kinds = ["video", "image", "audio", "track"]
    for seed in range(4):
        chosen = random.Random(seed).choices(kinds, k=30)  # noqa: S311

        def calls(chosen: list[str] = chosen) -> list[Callable[[], object]]:
            return [
                partial(track, env, f"k{number}")
                if kind == "track"
                else partial(env.create, key=f"k{number}", type=kind)
                for number, kind in enumerate(chosen)
            ]

        stored = []
        for run in (queue, one_after_the_other):
            for each in (*env.db.collection("users").list_documents(),):
                each.delete()
            for each in (*env.db.collection("userGenerations").list_documents(),):
                each.delete()
            env.plan(limits={"period": 20}, limitsByType={"image": {"day": 6}}, overage=2)
            env.grant("top-up", 3)
            env.check()
            found = outcomes(run(calls()))
            records = {each["id"]: each for each in env.records()}
            stored.append((found, env.user(), records))
        assert stored[0] == stored[1]


def one_after_the_other(calls: list[Callable[[], object]]) -> list[Any]:
    return [race([call])[0] for call in calls]


def track(env: Environment, key: str) -> object:
    command = CreateCommand(key, QuotaRequest(), {"promptId": "p1", "promptText": "a fox"}, {})
    return track_generation(env.context, None, "ada", command)


def test_a_tracked_generation_is_the_last_of_its_commit(env: Environment) -> None:
    """What the server adds up is not known before."""
    with counting(env.db) as calls:
        results = queue([*creates(env, 2), partial(track, env, "t"), *creates(env, 4)[2:]])
    assert outcomes(results) == {"ok": 5}
    assert (calls.read_rpcs, calls.commits) == (2, 2)
    assert results[2].status is Status.SUCCESS
    assert env.user()["generatedCount"] == 1
    assert row(env.check()) == (100, 1, 4)


VALUES: list[Any] = [
    1,
    "text",
    None,
    {},
    [],
    {"a": {"b": 1}},
    [1, {"c": 2}],
    datetime(2027, 3, 15, 12, 0, 0, 123456, tzinfo=UTC),
    exact_time(Timestamp(seconds=1_800_000_000, nanos=123_456_000)),
    DELETE_FIELD,
    DELETE_FIELD,
]
PATHS = ["a", "a.b", "a.b.c", "d", "d.`e-f`", "g.h", "g.i.j", "`k.l`", "m"]


@pytest.mark.parametrize("seed", range(8))
def test_a_document_that_is_known_is_as_it_is_stored(db: firestore.Client, seed: int) -> None:
    """Fields, and when it was made and changed; after many changes in several commits."""
    chance = random.Random(seed)  # noqa: S311
    wire = rpc_of(db)
    db.document("owners/ada").set({"a": {"b": {"c": 1}}, "d": 5, "n": 1})
    name = f"{wire.prefix}owners/ada"
    batch = SharedCommit(wire.get(name))
    for number in range(40):
        transaction = Transaction(db)
        fields: dict[str, Any] = {}
        for path in chance.sample(PATHS, 3):
            if not any(path.startswith(f"{p}.") or p.startswith(f"{path}.") for p in fields):
                fields[path] = chance.choice(VALUES)
        transaction.known = {name: batch.document, f"{wire.prefix}things/{number}": None}
        seen = transaction.read(["owners/ada"])["owners/ada"]
        transaction.update("owners/ada", fields, seen)
        transaction.create(f"things/{number}", {})
        assert batch.add(transaction.writes, f"{wire.prefix}things/{number}")
        if chance.random() < 0.4:
            rest = batch.send(wire)
            batch.outcome.result()
            assert rest is not None
            batch = rest
            assert batch.document == wire.get(name)


def test_a_document_with_what_the_server_computes_is_not_known(db: firestore.Client) -> None:
    wire = rpc_of(db)
    db.document("owners/ada").set({"n": 1})
    batch = SharedCommit(wire.get(f"{wire.prefix}owners/ada"))
    transaction = Transaction(db)
    transaction.known = {batch.document.name: batch.document}
    seen = transaction.read(["owners/ada"])["owners/ada"]
    transaction.update("owners/ada", {"n": Increment(1)}, seen)
    transaction.create("things/1", {})
    assert batch.add(transaction.writes, f"{wire.prefix}things/1")
    assert batch.is_closed
    assert batch.send(wire) is None


def test_writes_that_do_not_prove_what_was_known_are_not_taken(db: firestore.Client) -> None:
    wire = rpc_of(db)
    db.document("owners/ada").set({"n": 1})
    (answer,) = wire.read([f"{wire.prefix}owners/ada"])
    document, new = answer.found, f"{wire.prefix}things/1"

    def is_taken(write: Callable[[Transaction, Any], object]) -> bool:
        transaction = Transaction(db)
        transaction.known = {document.name: document}
        write(transaction, transaction.read(["owners/ada"])["owners/ada"])
        return SharedCommit(document).add(transaction.writes, new)

    def change(transaction: Transaction, seen: Any) -> None:  # noqa: ANN401
        transaction.update("owners/ada", {"n": 2}, seen)
        transaction.create("things/1", {})

    def unguarded(transaction: Transaction, _seen: Any) -> None:  # noqa: ANN401
        transaction.update("owners/ada", {"n": 2})
        transaction.create("things/1", {})

    def not_new(transaction: Transaction, seen: Any) -> None:  # noqa: ANN401
        transaction.update("owners/ada", {"n": 2}, seen)
        transaction.put("things/1", {})

    def twice(transaction: Transaction, seen: Any) -> None:  # noqa: ANN401
        transaction.update("owners/ada", {"n": 2}, seen)
        change(transaction, seen)

    other = exact_time(Timestamp(seconds=document.update_time.seconds - 1))
    assert is_taken(change)
    assert not is_taken(unguarded)
    assert not is_taken(not_new)
    assert not is_taken(twice)
    assert not is_taken(lambda transaction, _seen: change(transaction, other))
    assert not is_taken(lambda transaction, _seen: transaction.create("things/1", {}))
    assert not is_taken(lambda transaction, seen: transaction.update("owners/ada", {"n": 2}, seen))
