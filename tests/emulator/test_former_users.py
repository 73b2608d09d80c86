"""A new account with the email of a deleted one starts where that one stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import QuotaExceeded
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.users.former_users import email_hash
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations import check_limit, get_usage
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.operators.set_timezone import set_timezone
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.environment import AN_HOUR, row
from tests.limit_windows import last_end_on
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

HASH = email_hash("ada@example.com", "key")


def with_email(uid: str, email_hash: str | None = HASH) -> Caller:
    return Caller(uid, "ada@example.com", is_verified=True, email_hash=email_hash)


def check(env: Environment, caller: Caller) -> Decision:
    return check_limit.check_limit(env.context, caller, None, QuotaRequest())[1]


def former(env: Environment) -> dict[str, Any]:
    return env.db.document(f"formerUsers/{HASH}").get().to_dict() or {}


@pytest.fixture(autouse=True)
def gone(env: Environment) -> None:
    """Let ada use seven credits, hold one more, and leave."""
    check(env, with_email("ada"))
    for _ in range(7):
        env.generate()
    env.create()
    delete_user(env.context, with_email("ada"), None, AN_HOUR)


def test_the_running_counters_are_kept_without_anything_personal(env: Environment) -> None:
    """E12"""
    kept = former(env)
    assert kept.keys() == {"windows", "deletedAt", "deleteAt"}
    assert kept["deleteAt"] == last_end_on("2027-03-15")
    assert "ada" not in str(kept)
    assert "emailHash" not in str(env.user())


@pytest.mark.parametrize("first", ["check", "usage", "create"])
def test_whatever_the_first_call_it_finds_what_was_used_before(
    env: Environment, first: str
) -> None:
    """E12: coming back brings no second free allowance."""
    back = with_email("ada2")
    order = CreateCommand("k", QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})
    if first == "check":
        assert row(check(env, back)) == (10, 8, 0)
    elif first == "usage":
        assert row(get_usage.get_usage(env.context, back, None)[1]) == (10, 8, 0)
    else:
        assert row(create_generation(env.context, back, None, order).quota) == (10, 8, 1)
    for _ in range(1 if first == "create" else 2):
        env.create("ada2")
    with pytest.raises(QuotaExceeded):
        env.create("ada2")
    user = env.user("ada2")
    assert (user["generatedCount"], user["currentPeriodCount"]) == (0, 0)


def test_in_the_next_window_all_is_new(env: Environment) -> None:
    check(env, with_email("ada2"))
    env.now = datetime(2027, 4, 1, tzinfo=UTC)
    assert row(env.check("ada2")) == (10, 0, 0)
    assert row(check(env, with_email("ada3"))) == (10, 0, 0), "though the record is still there"


def test_it_costs_one_read_on_the_first_call_and_nothing_after_it(env: Environment) -> None:
    back = with_email("ada2")
    with counting(env.db) as calls:
        check(env, back)
    # The user, and who holds the email now.
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
    with counting(env.db) as calls:
        check(env, back)
        check(env, with_email("ada2", None))
    assert calls == Calls(read_rpcs=2, documents_read=4)


def test_without_a_verified_email_nothing_is_looked_up(env: Environment) -> None:
    with counting(env.db) as calls:
        assert row(check(env, Caller("ada2", "ada@example.com"))) == (10, 0, 0)
    assert f"formerUsers/{HASH}" not in calls.read_paths


def test_who_verifies_only_after_the_first_call_is_known_again_then(env: Environment) -> None:
    """E12"""
    check(env, Caller("ada2", "ada@example.com"))
    env.generate("ada2")
    assert row(check(env, with_email("ada2"))) == (10, 9, 0)
    assert row(check(env, with_email("ada2"))) == (10, 9, 0), "once"
    assert row(env.check("ada2")) == (10, 9, 0)


def test_an_account_that_was_there_all_along_takes_over_once_and_not_with_each_new_email(
    env: Environment,
) -> None:
    check(env, with_email("bob", "another-hash"))
    assert row(check(env, with_email("bob"))) == (10, 0, 0)


def test_an_admin_whose_first_deed_is_about_themself_takes_over_once(
    env: Environment,
) -> None:
    env.edit("bob", role="admin")
    set_timezone(env.context, with_email("bob"), "bob", "Asia/Tokyo", AuditContext("moved"))
    assert row(check(env, with_email("bob"))) == (10, 8, 0)


def test_leaving_again_and_again_adds_up(env: Environment) -> None:
    """E12"""
    check(env, with_email("ada2"))
    env.generate("ada2")
    delete_user(env.context, with_email("ada2"), None, AN_HOUR)
    assert row(check(env, with_email("ada3"))) == (10, 9, 0)


@pytest.mark.parametrize("last", ["bob", "bob2"])
def test_of_two_accounts_with_one_email_what_the_busier_one_used_is_kept(
    env: Environment, last: str
) -> None:
    """E12: the account that leaves last does not wash away what the other one had used."""
    first = "bob2" if last == "bob" else "bob"
    for uid in ("bob", "bob2"):
        check(env, with_email(uid, "bobs-hash"))
    for _ in range(9):
        env.generate("bob")
    env.generate("bob2")
    for uid in (first, last):
        delete_user(env.context, with_email(uid, "bobs-hash"), None, AN_HOUR)
    assert row(check(env, with_email("bob3", "bobs-hash"))) == (10, 9, 0)


def test_who_takes_another_email_before_leaving_is_known_by_both(env: Environment) -> None:
    """E12"""
    check(env, with_email("bob", "bobs-hash"))
    for _ in range(9):
        env.generate("bob")
    delete_user(env.context, with_email("bob", "another-hash"), None, AN_HOUR)
    for uid, known_by in (("bob2", "bobs-hash"), ("bob3", "another-hash")):
        assert row(check(env, with_email(uid, known_by))) == (10, 9, 0)


def test_an_admin_who_deletes_keeps_what_the_users_own_token_showed(env: Environment) -> None:
    check(env, with_email("bob"))
    env.edit("bob", quota__emailHash="bobs-hash")
    env.generate("bob")
    audit = AuditContext("asked for it")
    delete_user(env.context, None, "bob", AN_HOUR, audit)
    assert row(check(env, with_email("bob2", "bobs-hash"))) == (10, 9, 0)


def test_nothing_is_kept_of_who_used_nothing_or_showed_no_verified_email(
    env: Environment,
) -> None:
    check(env, with_email("idle", "idle-hash"))
    delete_user(env.context, with_email("idle", "idle-hash"), None, AN_HOUR)
    env.generate("unknown")
    delete_user(env.context, Caller("unknown"), None, AN_HOUR)
    assert [each.id for each in env.db.collection("formerUsers").stream()] == [HASH]


def test_what_was_taken_over_is_no_drift(env: Environment) -> None:
    check(env, with_email("ada2"))
    env.generate("ada2")
    report = env.reconcile()
    assert (report.drifted, report.failed) == (0, 0)


def test_its_counters_are_carried_into_the_windows_that_close(env: Environment) -> None:
    check(env, with_email("ada2"))
    env.generate("ada2")
    env.pass_time(days=40)
    assert env.reset_periods().users == 1
    (period,) = env.closed("period", "ada2")
    assert (period["used"], period["success"]) == (9, 1)
    assert env.now - timedelta(days=40) < period["end"] < env.now
