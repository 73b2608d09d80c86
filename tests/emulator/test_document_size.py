"""The user document stays small whatever happens, and a call writes only what it changes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.firestore_v1.types import Document

from genquota.domain.errors import TooManyOpen
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.rpc_counter import COMMIT, counting, listening

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.emulator.environment import Environment

MIB = 1_048_576


class Fields:
    """Notes which fields of which document each commit changes."""

    def __init__(self) -> None:
        self.by_path: dict[str, set[str]] = {}

    def before(self, rpc: str, request: Any) -> None:  # noqa: ANN401 - a listener's signature
        if rpc == COMMIT:
            for write in request.writes:
                path = write.update.name.partition("/documents/")[2]
                increments = {each.field_path for each in write.update_transforms}
                self.by_path[path] = set(write.update_mask.field_paths) | increments

    def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
        pass


def size_of(db: Client, path: str) -> int:
    name = f"{db._database_string}/documents/{path}"
    document = db._firestore_api.get_document(request={"name": name}, metadata=db._rpc_metadata)
    return len(Document.serialize(document))


def fill(env: Environment) -> None:
    """Give the user as many grants and overrides as there may be, with ids as long as ours."""
    grants = {
        f"g{n:039}": {"credits": 1000, "used": 0, "expiresAt": START + timedelta(days=1 + n)}
        for n in range(100)
    }
    overrides = {
        f"o{n:039}": {
            "planId": None,
            "limits": {"day": 1000, "week": 1000, "month": 1000, "period": 1000},
            "limitsByType": {"video": {"day": 10, "week": 10, "month": 10, "period": 10}},
            "rates": {"minute": 1000, "hour": 1000, "maxOpen": 300},
            "overage": 10,
            "expiresAt": START + timedelta(days=90),
            "createdAt": START + timedelta(seconds=n),
            "note": "because the customer was very patient with us " * 4,
        }
        for n in range(20)
    }
    env.edit(quota__grants=grants, quota__overrides=overrides)


def test_with_everything_at_its_ceiling_the_document_is_a_tenth_of_what_it_may_be(
    env: Environment,
) -> None:
    """E6: 200 open generations, 100 grants, 20 overrides; a plan that allows 300 open is held to 200."""
    env.plan(limits={"period": 0}, rates={"maxOpen": 300})
    env.check()
    fill(env)
    for _ in range(200):
        env.create(type="video", count=9)
    assert len(env.user()["quota"]["holds"]) == 200
    with pytest.raises(TooManyOpen) as refused:
        env.create()
    assert (refused.value.limit, refused.value.reserved) == (200, 200)
    assert 50_000 < size_of(env.db, "users/ada") < MIB / 10
    assert_counters_match_records(env.db)


def test_a_create_sends_as_much_with_many_open_generations_as_with_few(
    env: Environment,
) -> None:
    """E6: holds are fields of their own, and what did not change is not sent."""
    env.plan()
    sent = []
    for n in range(121):
        with counting(env.db) as calls:
            env.create()
        if n in (1, 120):
            sent.append(calls.commit_bytes)
    assert sent[1] - sent[0] < 40
    assert sent[1] < 3000


def test_a_call_names_only_the_fields_that_it_changes(env: Environment) -> None:
    """E6, A12"""
    env.plan(limits={"period": 10})
    env.generate()
    fields = Fields()
    with listening(env.db, fields):
        opened = env.create()
        id_ = opened.generation.id
        assert fields.by_path["users/ada"] == {
            f"quota.holds.{id_}",
            "quota.expireAt",
            "lastGenerationAt",
            "updatedAt",
            "usage",
        }
        env.report(opened, "success")
        assert fields.by_path["users/ada"] == {
            f"quota.holds.{id_}",
            "quota.windows",
            "quota.expireAt",
            "generatedCount",
            "outputCount",
            "currentPeriodCount",
            "updatedAt",
            "usage",
        }


def test_200_holds_past_their_end_make_room_for_a_new_one_though_nothing_swept_them(
    env: Environment,
) -> None:
    """E7, B11: also when one of their records was removed by hand."""
    env.plan()
    opened = [env.create() for _ in range(200)]
    env.db.document(f"userGenerations/{opened[7].generation.id}").delete()
    env.pass_time(seconds=901)
    assert row(env.check()) == (-1, 0, 0)
    fresh = env.create()
    assert list(env.user()["quota"]["holds"]) == [fresh.generation.id]
    statuses = [record["generationStatus"] for record in env.records()]
    assert (statuses.count("expired"), statuses.count("pending")) == (199, 1)
    assert env.user()["quota"]["failed"] == 200
    assert not env.record(opened[7])


def test_a_window_that_closes_keeps_one_small_document(env: Environment) -> None:
    """E6: years of use do not grow the user document."""
    env.plan()
    sizes = []
    for _ in range(12):
        env.generate()
        env.pass_time(days=31)
        sizes.append(size_of(env.db, "users/ada"))
    assert max(sizes) - min(sizes) < 100
    assert len(env.closed("period")) == 11
    assert size_of(env.db, "users/ada/windows/period_20270301T000000Z") < 600
