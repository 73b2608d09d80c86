"""Deleting a user: barred at once, gone page by page, and never brought back by what comes late."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import (
    AccountDeleted,
    AccountDisabled,
    GenerationNotFound,
    GenquotaError,
    NotAllowed,
    UserNotFound,
)
from genquota.store.privacy import deletion as erasure
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import get_usage
from genquota.use_cases.operators.change_user import Edit, change_user
from genquota.use_cases.self_service import update_profile
from genquota.use_cases.self_service.delete_user import Deletion, delete_user, finish_deletions
from tests.emulator.faults import overtaking
from tests.emulator.instance import DIED, Job, run
from tests.emulator.racing import outcomes, race
from tests.emulator.world import AN_HOUR, START

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.store.transaction import Transaction
    from genquota.use_cases.core.access import Case
    from tests.emulator.world import World

TOMBSTONE = {"isDeleted": True, "deletedAt": START, "updatedAt": START}
NO_TIME = timedelta(0)

RUNNING = {
    "day": (datetime(2027, 3, 15, tzinfo=UTC), datetime(2027, 3, 16, tzinfo=UTC)),
    "week": (datetime(2027, 3, 15, tzinfo=UTC), datetime(2027, 3, 22, tzinfo=UTC)),
    "month": (datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)),
    "quarter": (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)),
    "period": (datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)),
}
ASKED = Deed("asked by letter")


def tombstone_after(images: int) -> dict[str, Any]:
    """Return what is left of who has used so many credits: nothing but the counters of running windows."""
    counters = {
        window: {
            "start": int(start.timestamp()),
            "end": int(end.timestamp()),
            "used": {"image": images},
            "success": 0,
            "failed": 0,
            "date": "2027-03-15" if window == "day" else None,
            "zone": "UTC" if window == "day" else None,
            "adjusted": {"image": -images},
        }
        for window, (start, end) in RUNNING.items()
    }
    return {**TOMBSTONE, "quota": {"carried": json.dumps(counters, separators=(",", ":"))}}


def delete(
    world: World,
    uid: str = "ada",
    *,
    by: str | None = "ada",
    time: timedelta = AN_HOUR,
    deed: Deed | None = None,
) -> Deletion:
    caller = Caller(by) if by else None
    return delete_user(world.context, caller, uid, time, deed)


def everything(world: World) -> dict[str, dict[str, Any]]:
    """Return all documents there are, by path, but for the statistics' job, which names nobody."""
    found = {}
    todo = list(world.db.collections())
    while todo:
        for reference in todo.pop().list_documents():
            todo += list(reference.collections())
            snapshot = reference.get()
            if snapshot.exists:
                found[reference.path] = snapshot.to_dict() or {}
    found.pop("jobs/daily_statistics", None)
    return found


def a_full_life(world: World, uid: str = "ada") -> None:
    """Leave traces in every collection that a user can leave any in."""
    for _ in range(8):
        world.generate(uid)
    world.create(uid)
    world.pass_time(days=-40)
    world.generate("bob")
    world.pass_time(days=40)
    world.reset_periods()
    of = {"userId": uid}
    traces: dict[str, dict[str, Any]] = {
        f"users/{uid}/windows/month_20270201T000000Z": of | {"used": 3},
        f"users/{uid}/devices/d1": {"platform": "ios"},
        f"users/{uid}/own/diary": {"text": "the app's own"},
        f"users/{uid}/own/diary/pages/1": {"text": "and deeper"},
        f"users/{uid}/grants/bought": {
            "credits": 50,
            "purchased": True,
            "createdAt": START,
            "givenBy": "pat",
        },
        f"users/{uid}/grants/given": {"credits": 5, "createdAt": START},
        f"usageDaily/{uid}_2027-02-03": of | {"used": 1},
        "deviceTokens/d1": of | {"token": "secret"},
        "live_generations/named": of | {"prompt": "a fox"},
        f"live_generations/{world.records(uid)[0]['id']}": {"userName": "Fox 12"},
        "subscriptions/s1": of | {"planId": "plus", "metadata": {"name": "Ada"}},
        "subscriptions/s2": of | {"planId": "plus", "metadata": {}},
        "customers/stripe_c1": of,
        "auditLog/e1": of | {"note": "goodwill"},
    }
    for path, data in traces.items():
        world.db.document(path).set(data)
    world.edit(uid, email="ada@example.com", favourites=["fox"], quota__x=1)


def test_all_goes_but_the_tombstone_and_what_the_books_need(world: World) -> None:
    """E13"""
    a_full_life(world)
    before = everything(world)
    done = delete(world)
    assert done.finished
    assert done.documents["userGenerations"] == 9
    after = everything(world)
    of = {"userId": "ada"}
    bobs = {path: data for path, data in before.items() if "bob" in f"{path}{data}"}
    assert after == {
        "users/ada": tombstone_after(9),
        "users/ada/grants/bought": {"credits": 50, "purchased": True, "createdAt": START},
        "subscriptions/s1": of | {"planId": "plus", "metadata": {}},
        "subscriptions/s2": of | {"planId": "plus", "metadata": {}},
        "customers/stripe_c1": of,
        "auditLog/e1": of | {"note": "goodwill"},
        **bobs,
    }
    assert delete(world) == Deletion("ada", finished=True)


def test_who_was_never_here_leaves_a_tombstone_too(world: World) -> None:
    assert delete(world).finished
    assert everything(world) == {"users/ada": TOMBSTONE}
    with pytest.raises(AccountDeleted):
        world.check()


def test_from_the_first_moment_the_account_is_barred(world: World) -> None:
    """E12"""
    world.generate()
    assert not delete(world, time=NO_TIME).finished
    assert world.user() == tombstone_after(1)
    for call in (world.check, world.create, world.usage, world.change_profile):
        with pytest.raises(AccountDeleted):
            call()
    with pytest.raises(AccountDeleted):
        world.create(by=None)


def test_a_deletion_is_gone_on_with_by_the_next_call_or_by_the_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    monkeypatch.setattr(erasure, "PAGE", 2)
    for uid in ("ada", "bob"):
        for _ in range(5):
            world.generate(uid)
        done = delete(world, uid, by=uid, time=NO_TIME)
        assert (done.finished, sum(done.documents.values())) == (False, 2), "one page"
    calls = 0
    while not delete(world, time=NO_TIME).finished:
        calls += 1
    assert calls >= 2
    assert finish_deletions(world.context, AN_HOUR, dry_run=True).users == 1
    assert finish_deletions(world.context, NO_TIME).finished is False
    report = finish_deletions(world.context, AN_HOUR)
    assert (report.users, report.failed, report.finished) == (1, 0, True)
    assert everything(world) == {"users/ada": tombstone_after(5), "users/bob": tombstone_after(5)}
    assert finish_deletions(world.context, AN_HOUR).users == 0
    assert delete(world, "bob", by="bob") == Deletion("bob", finished=True)


@pytest.mark.parametrize(
    ("dies", "is_barred"),
    [
        (Job("delete_user", page=2, die_before_commit=1), False),
        (Job("delete_user", page=2, die_after_commit=1), True),
        (Job("delete_user", page=2, die_before_commit=3), True),
        (Job("delete_user", page=2, die_after_commit=3), True),
    ],
)
def test_a_deletion_whose_process_is_killed_is_gone_on_with(
    world: World, project: str, dies: Job, *, is_barred: bool
) -> None:
    """E4"""
    for _ in range(8):
        world.generate()
    assert run(project, dies) == [DIED]
    assert world.user()["isDeleted"] is is_barred
    if is_barred:
        assert world.user() == tombstone_after(8)
        assert finish_deletions(world.context, AN_HOUR).users == 1
    assert delete(world).finished
    assert everything(world) == {"users/ada": tombstone_after(8)}


@pytest.mark.parametrize("status", ["success", "failed", "cancelled", "processing"])
def test_a_late_report_brings_nobody_back(world: World, status: str) -> None:
    """E12"""
    world.edit("server", role="service")
    opened = world.create()
    delete(world, time=NO_TIME)
    before = everything(world)
    for by in ("server", None, "ada"):
        for naming_user in (True, False):
            with pytest.raises((AccountDeleted, GenerationNotFound)):
                world.report(opened, status, by=by, naming_user=naming_user)
    assert everything(world) == before
    delete(world)
    with pytest.raises((AccountDeleted, GenerationNotFound)):
        world.report(opened, status, by=None)
    assert world.user() == tombstone_after(1)


def test_sweeps_and_deletions_that_meet_bring_nobody_back(world: World, other: World) -> None:
    """E12"""
    world.generate()
    world.create()
    world.pass_time(days=40)
    other.now = world.now
    with overtaking(other.db, lambda: delete(world)):
        assert other.reset_periods().failed == 0
    assert everything(world).keys() == {"users/ada"}
    assert world.expire_generations().users == 0
    assert world.user().keys() == TOMBSTONE.keys()


def test_operators_bring_nobody_back(world: World) -> None:
    """E12"""
    world.edit("pat", role="admin")
    world.generate()
    delete(world)
    before = everything(world)
    pat = Caller("pat")

    def nothing(_: Transaction, case: Case) -> Edit:
        return Edit(AuditAction.SET_PLAN, case.holder.account)

    with pytest.raises(AccountDeleted):
        change_user(world.context, pat, "ada", ASKED, nothing)
    with pytest.raises(AccountDeleted):
        update_profile.update_profile(world.context, pat, "ada", {"displayName": "Ada"})
    with pytest.raises(AccountDeleted):
        world.check(by="pat")
    get_usage.get_usage(world.context, pat, "ada")
    assert everything(world) == before


def test_an_admin_deletes_with_a_note_and_leaves_an_entry_without_anything_personal(
    world: World,
) -> None:
    world.edit("pat", role="admin")
    world.generate()
    assert delete(world, by="pat", deed=Deed("asked", dry_run=True)) == Deletion(
        "ada", finished=False, documents={"userGenerations": 1, "usageDaily": 0}
    )
    assert world.user()["generatedCount"] == 1
    done = delete(world, by="pat", deed=ASKED)
    assert done.finished
    assert world.db.document(f"auditLog/{done.audit_id}").get().to_dict() == {
        "at": START,
        "actorId": "pat",
        "action": "delete-user",
        "userId": "ada",
        "note": "asked by letter",
        "before": {"isDeleted": False},
        "after": {"isDeleted": True},
    }
    assert delete(world, by=None, deed=ASKED) == Deletion("ada", finished=True)


@pytest.mark.parametrize("role", ["user", "service"])
def test_nobody_but_an_admin_deletes_another(world: World, role: str) -> None:
    world.edit("pat", role=role)
    world.generate()
    with pytest.raises(NotAllowed):
        delete(world, by="pat", deed=ASKED)
    world.edit("pat", role="admin")
    with pytest.raises(NotAllowed):
        delete(world, by="pat")  # without a note, as users call it for themselves
    with pytest.raises(UserNotFound):
        delete(world, "nobody", by="pat", deed=ASKED)
    world.edit("pat", disabled=True)
    with pytest.raises(AccountDisabled):
        delete(world, by="pat", deed=ASKED)
    assert not world.user()["isDeleted"]


def test_an_admin_must_give_up_the_role_first_and_who_is_barred_asks_support(world: World) -> None:
    world.edit(role="admin")
    for by, deed in (("ada", None), (None, ASKED)):
        with pytest.raises(NotAllowed):
            delete(world, by=by, deed=deed)
    world.edit(role="user", disabled=True)
    with pytest.raises(AccountDisabled):
        delete(world)
    assert delete(world, by=None, deed=ASKED).finished


@pytest.mark.usefixtures("without_lanes")
def test_a_deletion_that_races_creates_reports_and_sweeps_leaves_nothing_behind(
    world: World, other: World
) -> None:
    """E12"""
    opened = [world.create() for _ in range(8)]
    world.pass_time(minutes=1)
    other.pass_time(minutes=1)

    calls: list[Callable[[], object]] = [
        lambda: delete(world),
        other.reset_periods,
        *(lambda n=n: other.create(key=f"k{n}") for n in range(4)),
        *(lambda each=each: world.report(each, "success") for each in opened),
        lambda: delete(other),
    ]
    ends = outcomes(race(calls))
    assert set(ends) <= {"ok", "account-deleted", "generation-not-found", "quota-exceeded"}
    world.reset_periods()
    world.expire_generations()
    assert delete(world).finished
    assert everything(world).keys() == {"users/ada"}
    assert world.user()["isDeleted"]
    with pytest.raises(GenquotaError):
        world.create()
