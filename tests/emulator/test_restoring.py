"""The way back for a deleted uid: an operator's, with what was used, and with nothing that was deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import (
    AccountDeleted,
    AccountDisabled,
    GenerationNotFound,
    NotAllowed,
    QuotaExceeded,
    UserNotFound,
)
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.privacy import deletion
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations import check_limit
from genquota.use_cases.operators.restore_user import restore_user
from genquota.use_cases.self_service.delete_user import delete_user
from tests import stripe_payloads as stripe
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import AN_HOUR, START, row
from tests.emulator.provider_events import add_catalogue, send_event
from tests.store_contents import contents
from tests.stripe_payloads import PLUS

if TYPE_CHECKING:
    from genquota.use_cases.operators.change_user import ChangeResult
    from tests.emulator.environment import Environment

HASH = "what stands for ada's email"
WITH_EMAIL = Caller("ada", "ada@example.com", "Ada", is_verified=True, email_hash=HASH)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def admin(env: Environment) -> None:
    env.edit("pat", role="admin")


def delete(env: Environment, uid: str = "ada", time: timedelta = AN_HOUR) -> bool:
    return delete_user(env.context, Caller(uid), None, time).finished


def restore(
    env: Environment, uid: str = "ada", *, by: str | None = "pat", dry_run: bool = False
) -> ChangeResult:
    audit = AuditContext("came back", dry_run=dry_run)
    return restore_user(env.context, Caller(by) if by else None, uid, audit)


def check(env: Environment, caller: Caller) -> tuple[int, ...]:
    return row(check_limit.check_limit(env.context, caller, None, QuotaRequest())[1])


def test_a_deleted_uid_that_signs_in_again_is_refused_until_an_operator_lets_it_in(
    env: Environment,
) -> None:
    """E12"""
    env.generate()
    delete(env)
    with pytest.raises(AccountDeleted):
        env.check()
    assert restore(env).edit.after == {"isDeleted": False}
    assert row(env.create().quota) == (10, 1, 1)


@pytest.mark.parametrize("first", ["check", "create", "service", "sweep and check"])
def test_what_was_used_counts_on_without_any_email_whichever_call_is_the_first(
    env: Environment, first: str
) -> None:
    """E12: no second free allowance."""
    env.edit("server", role="service")
    for _ in range(7):
        env.generate()
    env.create()
    delete(env)
    restore(env)
    if first == "service":
        env.check(by="server")
    elif first == "create":
        assert row(env.create(key="first").quota) == (10, 8, 1)
    else:
        env.reset_periods()
        assert row(env.check()) == (10, 8, 0)
    for n in range(2):
        env.create(key="first" if n == 0 else "second")
    with pytest.raises(QuotaExceeded):
        env.create()
    user = env.user()
    assert (user["generatedCount"], user["isDeleted"], user["deletedAt"]) == (0, False, None)
    assert (user["role"], user["createdAt"]) == ("user", START)


def test_the_first_call_takes_over_what_the_token_says_as_of_any_new_user(
    env: Environment,
) -> None:
    env.generate()
    delete(env)
    restore(env)
    check(env, WITH_EMAIL)
    user = env.user()
    assert (user["email"], user["displayName"]) == ("ada@example.com", "Ada")


def test_what_is_kept_under_the_uid_and_under_the_email_counts_once(env: Environment) -> None:
    """E12"""
    check(env, WITH_EMAIL)
    for _ in range(7):
        env.generate()
    delete_user(env.context, WITH_EMAIL, None, AN_HOUR)
    restore(env)
    assert row(env.check()) == (10, 7, 0), "before a verified email is shown"
    env.generate()
    assert check(env, WITH_EMAIL) == (10, 8, 0)
    assert check(env, WITH_EMAIL) == (10, 8, 0)


def test_what_a_new_account_used_under_the_email_meanwhile_counts_too(
    env: Environment,
) -> None:
    """E12"""
    check(env, WITH_EMAIL)
    for _ in range(4):
        env.generate()
    delete_user(env.context, WITH_EMAIL, None, AN_HOUR)
    check(env, Caller("ada2", is_verified=True, email_hash=HASH))
    for _ in range(3):
        env.generate("ada2")
    restore(env)
    assert check(env, WITH_EMAIL) == (10, 7, 0)


def test_in_the_next_window_all_is_new(env: Environment) -> None:
    for _ in range(7):
        env.generate()
    delete(env)
    restore(env)
    env.pass_time(days=20)
    assert row(env.check()) == (10, 0, 0)


def test_deleting_and_being_restored_again_and_again_adds_up(env: Environment) -> None:
    for used in (1, 2, 3):
        env.generate()
        delete(env)
        restore(env)
        assert row(env.check()) == (10, used, 0)
    delete(env)
    restore(env)
    delete(env)  # without any call in between
    restore(env)
    assert row(env.check()) == (10, 3, 0)


def test_it_refuses_while_the_deletion_is_not_finished(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion, "PAGE", 2)
    for _ in range(5):
        env.generate()
    assert not delete(env, time=timedelta(0))
    before = contents(env.db)
    with pytest.raises(NotAllowed) as refused:
        restore(env)
    assert "not finished" in str(refused.value.why)
    assert contents(env.db) == before
    assert delete(env)
    assert restore(env).audit_id


def test_a_process_that_was_late_with_the_deletion_takes_nothing_of_who_came_back(
    env: Environment, other: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion, "PAGE", 2)
    for _ in range(5):
        env.generate()
    assert not delete(env, time=timedelta(0))
    late = deletion.delete_user_documents(other.db, "ada", "UTC")
    assert next(late) == ("userGenerations", 2)
    assert delete(env)
    restore(env)
    for _ in range(3):
        env.generate()
    assert list(late) == []
    assert len(env.records()) == 3


def test_nothing_that_comes_late_brings_a_user_back_before_it(env: Environment) -> None:
    """E12"""
    add_catalogue(env)
    opened = env.create()
    delete(env)
    tombstone = env.user()
    assert send_event(env, _sold(1)).problem == "deleted-user"
    with pytest.raises((AccountDeleted, GenerationNotFound)):
        env.report(opened, "success", by=None, naming_user=True)
    env.reset_periods()
    env.expire_generations()
    restore(env, dry_run=True)
    assert env.user() == tombstone


@pytest.mark.parametrize("calls_first", [True, False])
def test_the_next_event_of_their_subscription_gives_them_their_plan_and_no_second_allowance(
    env: Environment, *, calls_first: bool
) -> None:
    add_catalogue(env)
    env.check()
    send_event(env, _sold(1))
    env.pass_time(hours=2)
    for _ in range(7):
        env.generate()
    assert row(env.check()) == (100, 7, 0)
    delete(env)
    send_event(env, _sold(2))
    restore(env)
    if calls_first:
        assert row(env.check()) == (10, 7, 0)
    assert send_event(env, _sold(3)).status == "processed"
    assert row(env.check()) == (100, 7, 0)


def test_a_dry_run_writes_nothing_and_a_restore_leaves_one_entry_and_only_once(
    env: Environment,
) -> None:
    env.generate()
    delete(env)
    before = contents(env.db)
    tried = restore(env, dry_run=True)
    assert (tried.audit_id, tried.edit.is_noop) == (None, False)
    assert contents(env.db) == before
    done = restore(env)
    assert env.db.document(f"auditLog/{done.audit_id}").get().to_dict() == {
        "at": START,
        "actorId": "pat",
        "action": "restore-user",
        "userId": "ada",
        "note": "came back",
        "before": {"isDeleted": True},
        "after": {"isDeleted": False},
    }
    again = restore(env)
    assert (again.audit_id, again.edit.is_noop) == (None, True)
    assert restore(env, by=None).edit.is_noop


def test_nobody_but_an_admin_restores_and_nobody_who_was_never_there(
    env: Environment,
) -> None:
    delete(env)
    for role in ("user", "service"):
        env.edit("sam", role=role)
        with pytest.raises(NotAllowed):
            restore(env, by="sam")
    with pytest.raises(AccountDeleted):
        restore(env, by="ada")
    with pytest.raises(UserNotFound):
        restore(env, "nobody")
    env.edit("pat", disabled=True)
    with pytest.raises(AccountDisabled):
        restore(env)
    assert env.user()["isDeleted"]


@pytest.mark.usefixtures("without_lock_stripes")
def test_two_operators_at_once_restore_once(env: Environment, other: Environment) -> None:
    delete(env)
    ends = race([lambda: restore(env), lambda: restore(other, by=None)])
    assert outcomes(ends) == {"ok": 2}
    assert sorted(each.edit.is_noop for each in ends) == [False, True]
    assert len(list(env.db.collection("auditLog").stream())) == 1


def _sold(number: int) -> dict[str, object]:
    about = stripe.subscription(PLUS, metadata={"userId": "ada"}, start=START + HOUR)
    at = START + HOUR + timedelta(minutes=number)
    return stripe.event("customer.subscription.updated", about, f"evt_{number}", at)
