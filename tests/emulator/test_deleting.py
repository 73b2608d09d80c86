"""Deleting a user: barred at once, gone page by page, and never brought back by what comes late."""

from __future__ import annotations

import json
from datetime import timedelta
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
from genquota.store.privacy import deletion
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations import get_usage
from genquota.use_cases.operators.change_user import ChangeSet, change_user
from genquota.use_cases.self_service import update_profile
from genquota.use_cases.self_service.delete_user import (
    DeletionProgress,
    delete_user,
    finish_deletions,
)
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import AN_HOUR, START
from tests.emulator.instance import DIED, Job, run
from tests.emulator.rpc_faults import overtaking
from tests.limit_windows import last_end_on, running_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.store.transaction import Transaction
    from genquota.use_cases.core.request_context import RequestContext
    from tests.emulator.environment import Environment

TOMBSTONE = {"isDeleted": True, "deletedAt": START, "updatedAt": START}
NO_TIME = timedelta(0)

ASKED = AuditContext("asked by letter")


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
        for window, (start, end) in running_on("2027-03-15").items()
    }
    return {**TOMBSTONE, "quota": {"carried": json.dumps(counters, separators=(",", ":"))}}


def delete(
    env: Environment,
    uid: str = "ada",
    *,
    by: str | None = "ada",
    time: timedelta = AN_HOUR,
    audit: AuditContext | None = None,
) -> DeletionProgress:
    caller = Caller(by) if by else None
    return delete_user(env.context, caller, uid, time, audit)


def everything(env: Environment) -> dict[str, dict[str, Any]]:
    """Return all documents there are, by path, but for the statistics' job, which names nobody."""
    found = {}
    todo = list(env.db.collections())
    while todo:
        for reference in todo.pop().list_documents():
            todo += list(reference.collections())
            snapshot = reference.get()
            if snapshot.exists:
                found[reference.path] = snapshot.to_dict() or {}
    found.pop("jobs/daily_statistics", None)
    return found


def a_full_life(env: Environment, uid: str = "ada") -> None:
    """Leave traces in every collection that a user can leave any in."""
    for _ in range(8):
        env.generate(uid)
    env.create(uid)
    env.pass_time(days=-40)
    env.generate("bob")
    env.pass_time(days=40)
    env.reset_periods()
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
        f"live_generations/{env.records(uid)[0]['id']}": {"userName": "Fox 12"},
        "subscriptions/s1": of | {"planId": "plus", "metadata": {"name": "Ada"}},
        "subscriptions/s2": of | {"planId": "plus", "metadata": {}},
        "customers/stripe_c1": of,
        "auditLog/e1": of | {"note": "goodwill"},
    }
    for path, data in traces.items():
        env.db.document(path).set(data)
    env.edit(uid, email="ada@example.com", favourites=["fox"], quota__x=1)


def test_all_goes_but_the_tombstone_and_what_the_books_need(env: Environment) -> None:
    """E13"""
    a_full_life(env)
    before = everything(env)
    done = delete(env)
    assert done.finished
    assert done.documents["userGenerations"] == 9
    after = everything(env)
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
    assert delete(env) == DeletionProgress("ada", finished=True)


def test_who_was_never_here_leaves_a_tombstone_too(env: Environment) -> None:
    assert delete(env).finished
    assert everything(env) == {"users/ada": TOMBSTONE}
    with pytest.raises(AccountDeleted):
        env.check()


def test_from_the_first_moment_the_account_is_barred(env: Environment) -> None:
    """E12"""
    env.generate()
    assert not delete(env, time=NO_TIME).finished
    assert env.user() == tombstone_after(1)
    for call in (env.check, env.create, env.usage, env.change_profile):
        with pytest.raises(AccountDeleted):
            call()
    with pytest.raises(AccountDeleted):
        env.create(by=None)


def test_a_deletion_is_gone_on_with_by_the_next_call_or_by_the_job(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4"""
    monkeypatch.setattr(deletion, "PAGE", 2)
    for uid in ("ada", "bob"):
        for _ in range(5):
            env.generate(uid)
        done = delete(env, uid, by=uid, time=NO_TIME)
        assert (done.finished, sum(done.documents.values())) == (False, 2), "one page"
    calls = 0
    while not delete(env, time=NO_TIME).finished:
        calls += 1
    assert calls >= 2
    assert finish_deletions(env.context, AN_HOUR, dry_run=True).users == 1
    assert finish_deletions(env.context, NO_TIME).finished is False
    report = finish_deletions(env.context, AN_HOUR)
    assert (report.users, report.failed, report.finished) == (1, 0, True)
    assert everything(env) == {
        "users/ada": tombstone_after(5),
        "users/bob": tombstone_after(5),
    }
    assert finish_deletions(env.context, AN_HOUR).users == 0
    assert delete(env, "bob", by="bob") == DeletionProgress("bob", finished=True)


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
    env: Environment, project: str, dies: Job, *, is_barred: bool
) -> None:
    """E4"""
    for _ in range(8):
        env.generate()
    assert run(project, dies) == [DIED]
    assert env.user()["isDeleted"] is is_barred
    if is_barred:
        assert env.user() == tombstone_after(8)
        assert finish_deletions(env.context, AN_HOUR).users == 1
    assert delete(env).finished
    assert everything(env) == {"users/ada": tombstone_after(8)}


@pytest.mark.parametrize("status", ["success", "failed", "cancelled", "processing"])
def test_a_late_report_brings_nobody_back(env: Environment, status: str) -> None:
    """E12"""
    env.edit("server", role="service")
    opened = env.create()
    delete(env, time=NO_TIME)
    before = everything(env)
    for by in ("server", None, "ada"):
        for naming_user in (True, False):
            with pytest.raises((AccountDeleted, GenerationNotFound)):
                env.report(opened, status, by=by, naming_user=naming_user)
    assert everything(env) == before
    delete(env)
    with pytest.raises((AccountDeleted, GenerationNotFound)):
        env.report(opened, status, by=None)
    assert env.user() == tombstone_after(1)


def test_sweeps_and_deletions_that_meet_bring_nobody_back(
    env: Environment, other: Environment
) -> None:
    """E12"""
    env.generate()
    env.create()
    env.now = last_end_on("2027-03-15") + timedelta(days=23)
    other.now = env.now
    with overtaking(other.db, lambda: delete(env)):
        assert other.reset_periods().failed == 0
    assert everything(env).keys() == {"users/ada"}
    assert env.expire_generations().users == 0
    assert env.user().keys() == TOMBSTONE.keys()


def test_operators_bring_nobody_back(env: Environment) -> None:
    """E12"""
    env.edit("pat", role="admin")
    env.generate()
    delete(env)
    before = everything(env)
    pat = Caller("pat")

    def nothing(_: Transaction, case: RequestContext) -> ChangeSet:
        return ChangeSet(AuditAction.SET_PLAN, case.user.account)

    with pytest.raises(AccountDeleted):
        change_user(env.context, pat, "ada", ASKED, nothing)
    with pytest.raises(AccountDeleted):
        update_profile.update_profile(env.context, pat, "ada", {"displayName": "Ada"})
    with pytest.raises(AccountDeleted):
        env.check(by="pat")
    get_usage.get_usage(env.context, pat, "ada")
    assert everything(env) == before


def test_an_admin_deletes_with_a_note_and_leaves_an_entry_without_anything_personal(
    env: Environment,
) -> None:
    env.edit("pat", role="admin")
    env.generate()
    assert delete(env, by="pat", audit=AuditContext("asked", dry_run=True)) == DeletionProgress(
        "ada", finished=False, documents={"userGenerations": 1, "usageDaily": 0}
    )
    assert env.user()["generatedCount"] == 1
    done = delete(env, by="pat", audit=ASKED)
    assert done.finished
    assert env.db.document(f"auditLog/{done.audit_id}").get().to_dict() == {
        "at": START,
        "actorId": "pat",
        "action": "delete-user",
        "userId": "ada",
        "note": "asked by letter",
        "before": {"isDeleted": False},
        "after": {"isDeleted": True},
    }
    assert delete(env, by=None, audit=ASKED) == DeletionProgress("ada", finished=True)


@pytest.mark.parametrize("role", ["user", "service"])
def test_nobody_but_an_admin_deletes_another(env: Environment, role: str) -> None:
    env.edit("pat", role=role)
    env.generate()
    with pytest.raises(NotAllowed):
        delete(env, by="pat", audit=ASKED)
    env.edit("pat", role="admin")
    with pytest.raises(NotAllowed):
        delete(env, by="pat")  # without a note, as users call it for themselves
    with pytest.raises(UserNotFound):
        delete(env, "nobody", by="pat", audit=ASKED)
    env.edit("pat", disabled=True)
    with pytest.raises(AccountDisabled):
        delete(env, by="pat", audit=ASKED)
    assert not env.user()["isDeleted"]


def test_an_admin_must_give_up_the_role_first_and_who_is_barred_asks_support(
    env: Environment,
) -> None:
    env.edit(role="admin")
    for by, audit in (("ada", None), (None, ASKED)):
        with pytest.raises(NotAllowed):
            delete(env, by=by, audit=audit)
    env.edit(role="user", disabled=True)
    with pytest.raises(AccountDisabled):
        delete(env)
    assert delete(env, by=None, audit=ASKED).finished


@pytest.mark.usefixtures("without_lock_stripes")
def test_a_deletion_that_races_creates_reports_and_sweeps_leaves_nothing_behind(
    env: Environment, other: Environment
) -> None:
    """E12"""
    opened = [env.create() for _ in range(8)]
    env.pass_time(minutes=1)
    other.pass_time(minutes=1)

    calls: list[Callable[[], object]] = [
        lambda: delete(env),
        other.reset_periods,
        *(lambda n=n: other.create(key=f"k{n}") for n in range(4)),
        *(lambda each=each: env.report(each, "success") for each in opened),
        lambda: delete(other),
    ]
    ends = outcomes(race(calls))
    assert set(ends) <= {"ok", "account-deleted", "generation-not-found", "quota-exceeded"}
    env.reset_periods()
    env.expire_generations()
    assert delete(env).finished
    assert everything(env).keys() == {"users/ada"}
    assert env.user()["isDeleted"]
    with pytest.raises(GenquotaError):
        env.create()
