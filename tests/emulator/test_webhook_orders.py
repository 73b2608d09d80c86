"""Events in any order, doubled, at once, and to instances that die: it ends as in the right order."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genquota.domain.policy import Policy
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import Environment
from tests.emulator.instance import DIED, Job, run
from tests.emulator.provider_event_sequences import BY_HAND, HAD_ONCE, HISTORY, LATER, OUTCOME
from tests.emulator.provider_events import add_catalogue, send_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Json = dict[str, Any]


@contextmanager
def new_world() -> Iterator[Environment]:
    """Give an environment with a catalogue and three users who have called before."""
    db = firestore.Client(project=f"demo-{secrets.token_hex(6)}")
    env = Environment(db, LATER, Policy())
    add_catalogue(env)
    customer, uid = BY_HAND
    db.document(f"customers/stripe_{customer}").set({"userId": uid})
    yield env
    db.close()


def outcome(env: Environment) -> Json:
    """Return all that events came to, but for when it was written; of receipts, that they are done."""
    documents: Json = {}
    for name in ("subscriptions", "payments", "users"):
        for snapshot in env.db.collection(name).stream():
            document = snapshot.to_dict() or {}
            written = ("createdAt", "updatedAt")
            stays = {key: item for key, item in document.items() if key not in written}
            if stays != HAD_ONCE:
                documents[f"{name}/{snapshot.id}"] = stays
    for snapshot in env.db.collection("webhookEvents").stream():
        documents[snapshot.id] = snapshot.get("status")
    return documents


def in_short(env: Environment) -> Json:
    answer = {}
    for uid in OUTCOME:
        quota = env.user(uid).get("quota", {})
        grants = quota.get("grants", {})
        answer[uid] = (
            env.check(uid, by=None).plan_id,
            sorted(quota.get("subscriptions", {})),
            {key: (each["credits"], each.get("revoked", False)) for key, each in grants.items()},
        )
    return answer


def deliver(env: Environment, events: Iterable[Json]) -> Json:
    for event in events:
        send_event(env, event)
    return outcome(env)


@pytest.fixture(scope="module")
def expected(firestore_host: str) -> Json:
    """Return what the history comes to in the right order."""
    assert firestore_host
    with new_world() as env:
        found = deliver(env, HISTORY)
        assert in_short(env) == OUTCOME
        return found


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(order=st.permutations(HISTORY))
def test_any_order_of_delivery_leaves_the_documents_of_the_right_order(
    expected: Json, order: list[Json]
) -> None:
    """D4"""
    with new_world() as env:
        assert deliver(env, order) == expected


def test_the_exact_opposite_order_does_too_and_so_does_all_of_it_twice(expected: Json) -> None:
    """D1, D4"""
    with new_world() as env:
        assert deliver(env, [*reversed(HISTORY), *HISTORY]) == expected


@pytest.mark.usefixtures("without_lock_stripes")
def test_all_events_at_once_and_each_of_them_twice_come_to_the_same(expected: Json) -> None:
    """D1, D2"""
    with new_world() as env:
        calls = [partial(send_event, env, event) for event in [*HISTORY, *HISTORY]]
        again = [
            event
            for event, result in zip([*HISTORY, *HISTORY], race(calls), strict=True)
            if hasattr(result, "reason")  # refused, so the provider sends it again
        ]
        assert deliver(env, again) == expected


@pytest.mark.usefixtures("without_lock_stripes")
def test_one_event_delivered_twenty_times_at_once_has_one_effect(env: Environment) -> None:
    """D1, D8"""
    add_catalogue(env)
    bought = HISTORY[4]
    results = race([partial(send_event, env, bought)] * 20)
    assert outcomes(results) == {"ok": 20}
    assert sorted(str(result.status) for result in results) == ["None"] * 19 + ["processed"]
    assert env.user()["quota"]["grants"]["pi_1"]["credits"] == 50


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_purchase_that_meets_a_crowd_of_generations_loses_none(env: Environment) -> None:
    """A12"""
    add_catalogue(env)
    env.check()
    calls: list[Callable[[], object]] = [partial(env.create, credits=1, by=None) for _ in range(8)]
    calls += [partial(send_event, env, event) for event in HISTORY[1:4]]
    assert outcomes(race(calls)) == {"ok": 11}
    assert len(env.user()["quota"]["holds"]) == 8
    send_event(env, HISTORY[0])
    assert env.check().plan_id == "pro"


@pytest.mark.parametrize("is_before", [True, False], ids=["before its commit", "after it"])
@pytest.mark.parametrize("number", [0, 1, 4, 6, 12, 26, 27, 31, 32, 35, 37])
def test_an_instance_that_dies_has_done_all_or_nothing_and_the_next_delivery_ends_it(
    number: int, *, is_before: bool
) -> None:
    """D2: no gap between effect and receipt."""
    before, event = HISTORY[:number], HISTORY[number]
    with new_world() as right:
        deliver(right, before)
        untouched = outcome(right)
        done = deliver(right, [event])
    with new_world() as env:
        deliver(env, before)
        job = Job("send_event", payload=json.dumps(event), now=LATER.isoformat())
        fatal = replace(job, die_before_commit=int(is_before), die_after_commit=int(not is_before))
        assert run(str(env.db.project), fatal) == [DIED]
        assert outcome(env) == (untouched if is_before else done)
        assert deliver(env, [event]) == done
