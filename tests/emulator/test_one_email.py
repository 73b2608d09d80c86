"""One verified email has one free allowance, however many accounts are signed up with it one by one.

What is deleted through Genquota is in `test_former_users.py`. Here the accounts are still there, as when
one is deleted in the Firebase console only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import QuotaExceeded
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.users.former_users import email_hash
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.environment import AN_HOUR, row
from tests.emulator.rpc_faults import overtaking
from tests.limit_windows import last_end_on
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

HASH = email_hash("ada@example.com", "key")
OTHER_HASH = email_hash("ada@new.example.com", "key")


def person(uid: str, email_hash: str | None = HASH) -> Caller:
    return Caller(uid, "ada@example.com", is_verified=True, email_hash=email_hash)


def check(env: Environment, uid: str, email_hash: str | None = HASH) -> tuple[int, ...]:
    return row(_check(env, person(uid, email_hash)))


def _check(env: Environment, caller: Caller) -> Decision:
    return check_limit.check_limit(env.context, caller, None, QuotaRequest())[1]


def generate(env: Environment, uid: str, key: str, email_hash: str | None = HASH) -> None:
    order = CreateCommand(key, QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})
    opened = create_generation(env.context, person(uid, email_hash), None, order)
    env.report(opened, "success", uid, by=None)


def record(env: Environment, email_hash: str = HASH) -> dict[str, Any]:
    return env.db.document(f"formerUsers/{email_hash}").get().to_dict() or {}


def use(env: Environment, uid: str, credits: int, email_hash: str | None = HASH) -> None:
    for n in range(credits):
        generate(env, uid, f"{uid}-{env.now:%m}-{credits}-{n}", email_hash)


def test_an_account_that_was_deleted_in_the_console_and_signed_up_again_has_what_was_left(
    env: Environment,
) -> None:
    """E12"""
    use(env, "ada", 7)
    assert check(env, "ada2") == (10, 7, 0)
    use(env, "ada2", 3)
    with pytest.raises(QuotaExceeded):
        use(env, "ada2", 1)
    user = env.user("ada2")
    assert (user["generatedCount"], user["currentPeriodCount"]) == (3, 3)


def test_without_a_verified_email_or_without_the_key_nothing_is_carried_over_or_kept(
    env: Environment,
) -> None:
    use(env, "ada", 7, email_hash=None)
    assert check(env, "ada2", email_hash=None) == (10, 0, 0)
    assert list(env.db.collection("formerUsers").stream()) == []
    assert "emailHash" not in env.user()["quota"]


def test_while_an_account_lives_its_email_is_registered_as_a_keyed_hash_and_a_uid_only(
    env: Environment,
) -> None:
    check(env, "ada")
    assert record(env) == {"userId": "ada"}
    use(env, "ada", 1)
    check(env, "ada2")
    assert record(env) == {"userId": "ada2"}


def test_the_account_that_was_there_before_keeps_all_that_it_has(env: Environment) -> None:
    env.grant("gift", 5, uid="ada")
    use(env, "ada", 7)
    before = env.user()
    check(env, "ada2")
    after = env.user()
    assert {key: value for key, value in after.items() if key != "quota"} == {
        key: value for key, value in before.items() if key != "quota"
    }
    for field in ("windows", "grants"):
        assert after["quota"][field] == before["quota"][field]
    assert check(env, "ada") == (10, 7, 0)


def test_two_accounts_of_one_email_share_one_allowance_whoever_calls(
    env: Environment,
) -> None:
    """E12: an account that was claimed before it had used anything brings no second allowance."""
    check(env, "ada")
    check(env, "ada2")
    use(env, "ada", 4)
    use(env, "ada2", 3)
    assert check(env, "ada") == (10, 7, 0)
    use(env, "ada", 3)
    with pytest.raises(QuotaExceeded):
        use(env, "ada2", 1)
    assert check(env, "ada2") == (10, 10, 0)
    assert env.user("ada")["generatedCount"] == 7
    assert env.user("ada2")["generatedCount"] == 3


def test_they_share_the_next_allowance_too(env: Environment) -> None:
    use(env, "ada", 7)
    use(env, "ada2", 2)
    env.now = datetime(2027, 4, 1, 12, tzinfo=UTC)
    use(env, "ada", 6)
    assert check(env, "ada2") == (10, 6, 0)


def test_each_further_account_takes_over_what_all_before_it_used(env: Environment) -> None:
    for uid, credits in (("ada", 4), ("ada2", 3), ("ada3", 2)):
        use(env, uid, credits)
    assert check(env, "ada4") == (10, 9, 0)


def test_what_is_open_counts_as_used_and_what_it_gives_back_stays_with_its_own_account(
    env: Environment,
) -> None:
    order = CreateCommand("k", QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})
    opened = create_generation(env.context, person("ada"), None, order)
    assert check(env, "ada2") == (10, 1, 0)
    env.report(opened, "failed", by=None)
    assert check(env, "ada") == (10, 0, 0)
    assert check(env, "ada2") == (10, 1, 0)


@pytest.mark.usefixtures("without_lock_stripes")
def test_two_new_accounts_at_the_same_moment_have_one_allowance_together(
    env: Environment, other: Environment
) -> None:
    """E12"""
    calls = [
        (lambda n=n, uid=uid, each=each: generate(each, uid, f"k{n}"))
        for n in range(7)
        for uid, each in (("ada", env), ("ada2", other))
    ]
    ends = outcomes(race(calls))
    assert ends.keys() <= {"ok", "quota-exceeded", "contention"}
    assert ends["ok"] <= 10
    for n in range(20):
        for uid in ("ada", "ada2"):
            try:
                generate(env, uid, f"after{n}")
            except QuotaExceeded:
                continue
    made = len(env.records("ada")) + len(env.records("ada2"))
    assert made == 10


def test_a_first_call_that_is_overtaken_by_the_other_account_counts_what_that_has_used(
    env: Environment, other: Environment
) -> None:
    with overtaking(env.db, lambda: use(other, "ada", 4)):
        assert check(env, "ada2") == (10, 4, 0)
    assert check(env, "ada2") == (10, 4, 0)


def test_a_holder_who_is_overtaken_by_a_new_account_uses_nothing_unseen(
    env: Environment, other: Environment
) -> None:
    use(env, "ada", 9)
    with (
        overtaking(env.db, lambda: use(other, "ada2", 1)),
        pytest.raises(QuotaExceeded),
    ):
        use(env, "ada", 1)


def test_who_was_written_before_there_were_claims_is_registered_with_their_next_write(
    env: Environment,
) -> None:
    use(env, "ada", 3, email_hash=None)
    env.edit(quota__emailHash=HASH)
    with counting(env.db) as calls:
        check(env, "ada")
    assert calls == Calls(read_rpcs=1, documents_read=2), "a check writes nothing"
    order = CreateCommand("k", QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})
    with counting(env.db) as calls:
        create_generation(env.context, person("ada"), None, order)
    assert calls == Calls(read_rpcs=2, documents_read=4, commits=1, writes=3)
    order = CreateCommand("k2", QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})
    with counting(env.db) as calls:
        create_generation(env.context, person("ada"), None, order)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)
    assert record(env) == {"userId": "ada"}
    assert check(env, "ada2") == (10, 5, 0)


def test_of_two_accounts_from_before_there_were_claims_neither_loses_anything_and_a_third_gains_nothing(
    env: Environment,
) -> None:
    for uid, credits in (("ada", 8), ("ada2", 3)):
        use(env, uid, credits, email_hash=None)
        env.edit(uid, quota__emailHash=HASH)
    use(env, "ada", 1)
    use(env, "ada2", 1)
    assert row(env.check("ada2")) == (10, 4, 0)
    assert check(env, "ada3") == (10, 9, 0)


def test_a_first_call_costs_one_read_and_one_write_more_and_a_later_one_nothing(
    env: Environment,
) -> None:
    with counting(env.db) as calls:
        check(env, "ada")
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
    with counting(env.db) as calls:
        check(env, "ada")
    assert calls == Calls(read_rpcs=1, documents_read=2)
    with counting(env.db) as calls:
        check(env, "ada2")
    # Who held the email is read, and written.
    assert calls == Calls(read_rpcs=3, documents_read=4, commits=1, writes=3)


def test_who_takes_another_email_leaves_the_counters_behind_and_holds_the_new_one(
    env: Environment,
) -> None:
    """E12"""
    use(env, "ada", 6)
    use(env, "ada", 1, OTHER_HASH)
    assert record(env, OTHER_HASH) == {"userId": "ada"}
    assert record(env).keys() == {"windows", "deletedAt", "deleteAt"}
    assert check(env, "ada2") == (10, 7, 0)
    assert check(env, "ada3", OTHER_HASH) == (10, 7, 0)
    use(env, "ada2", 1)
    assert check(env, "ada", OTHER_HASH) == (10, 7, 0), "another email is another allowance"


def test_a_deletion_frees_the_email_and_keeps_the_counters_until_their_windows_end(
    env: Environment,
) -> None:
    """E13"""
    check(env, "idle", OTHER_HASH)
    delete_user(env.context, person("idle", OTHER_HASH), None, AN_HOUR)
    assert record(env, OTHER_HASH) == {}
    use(env, "ada", 6)
    delete_user(env.context, person("ada"), None, AN_HOUR)
    kept = record(env)
    assert kept.keys() == {"windows", "deletedAt", "deleteAt"}
    assert kept["deleteAt"] == last_end_on("2027-03-15")


@pytest.mark.parametrize("holder_first", [True, False])
def test_of_two_accounts_that_share_an_email_and_leave_all_is_kept(
    env: Environment, *, holder_first: bool
) -> None:
    use(env, "ada", 5)
    use(env, "ada2", 3)
    for uid in ("ada2", "ada") if holder_first else ("ada", "ada2"):
        delete_user(env.context, person(uid), None, AN_HOUR)
    assert record(env).keys() == {"windows", "deletedAt", "deleteAt"}
    assert check(env, "ada3") == (10, 8, 0)


def test_while_the_email_is_held_the_store_does_not_delete_what_is_known_of_it(
    env: Environment,
) -> None:
    use(env, "ada", 5)
    use(env, "ada2", 3)
    delete_user(env.context, person("ada"), None, AN_HOUR)
    assert record(env).keys() == {"userId", "windows", "deletedAt"}
    assert check(env, "ada3") == (10, 8, 0)
    assert record(env) == {"userId": "ada3"}


def test_an_account_whose_document_was_removed_by_hand_keeps_nobody_out(
    env: Environment,
) -> None:
    use(env, "ada", 5)
    env.db.document("users/ada").delete()
    assert check(env, "ada2") == (10, 0, 0)
    assert record(env) == {"userId": "ada2"}


def test_what_was_taken_over_is_no_drift_and_closes_with_its_windows(
    env: Environment,
) -> None:
    use(env, "ada", 5)
    use(env, "ada2", 3)
    use(env, "ada", 1)
    use(env, "ada2", 1)
    report = env.reconcile()
    assert (report.drifted, report.failed) == (0, 0)
    env.now += timedelta(days=40)
    env.reset_periods()
    assert [each["used"] for each in env.closed("period", "ada")] == [9]
    assert [each["used"] for each in env.closed("period", "ada2")] == [10]
