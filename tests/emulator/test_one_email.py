"""One verified email has one free allowance, however many accounts are signed up with it one by one.

What is deleted through Genquota is in `test_former_users.py`. Here the accounts are still there, as when
one is deleted in the Firebase console only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import QuotaExceeded
from genquota.domain.quota.decision import Ask, Decision
from genquota.domain.users.former_users import email_hash
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit
from genquota.use_cases.generations.create_generation import Order, create_generation
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.faults import overtaking
from tests.emulator.racing import outcomes, race
from tests.emulator.world import AN_HOUR, row
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.world import World

HASH = email_hash("ada@example.com", "key")
OTHER_HASH = email_hash("ada@new.example.com", "key")


def person(uid: str, email_hash: str | None = HASH) -> Caller:
    return Caller(uid, "ada@example.com", is_verified=True, email_hash=email_hash)


def check(world: World, uid: str, email_hash: str | None = HASH) -> tuple[int, ...]:
    return row(_check(world, person(uid, email_hash)))


def _check(world: World, caller: Caller) -> Decision:
    return check_limit.check_limit(world.context, caller, None, Ask())[1]


def generate(world: World, uid: str, key: str, email_hash: str | None = HASH) -> None:
    order = Order(key, Ask(), {"promptId": "p", "promptText": "a fox"}, {})
    opened = create_generation(world.context, person(uid, email_hash), None, order)
    world.report(opened, "success", uid, by=None)


def record(world: World, email_hash: str = HASH) -> dict[str, Any]:
    return world.db.document(f"formerUsers/{email_hash}").get().to_dict() or {}


def use(world: World, uid: str, credits: int, email_hash: str | None = HASH) -> None:
    for n in range(credits):
        generate(world, uid, f"{uid}-{world.now:%m}-{credits}-{n}", email_hash)


def test_an_account_that_was_deleted_in_the_console_and_signed_up_again_has_what_was_left(
    world: World,
) -> None:
    """E12"""
    use(world, "ada", 7)
    assert check(world, "ada2") == (10, 7, 0)
    use(world, "ada2", 3)
    with pytest.raises(QuotaExceeded):
        use(world, "ada2", 1)
    user = world.user("ada2")
    assert (user["generatedCount"], user["currentPeriodCount"]) == (3, 3)


def test_without_a_verified_email_or_without_the_key_nothing_is_carried_over_or_kept(
    world: World,
) -> None:
    use(world, "ada", 7, email_hash=None)
    assert check(world, "ada2", email_hash=None) == (10, 0, 0)
    assert list(world.db.collection("formerUsers").stream()) == []
    assert "emailHash" not in world.user()["quota"]


def test_while_an_account_lives_its_email_is_registered_as_a_keyed_hash_and_a_uid_only(
    world: World,
) -> None:
    check(world, "ada")
    assert record(world) == {"userId": "ada"}
    use(world, "ada", 1)
    check(world, "ada2")
    assert record(world) == {"userId": "ada2"}


def test_the_account_that_was_there_before_keeps_all_that_it_has(world: World) -> None:
    world.grant("gift", 5, uid="ada")
    use(world, "ada", 7)
    before = world.user()
    check(world, "ada2")
    after = world.user()
    assert {key: value for key, value in after.items() if key != "quota"} == {
        key: value for key, value in before.items() if key != "quota"
    }
    for field in ("windows", "grants"):
        assert after["quota"][field] == before["quota"][field]
    assert check(world, "ada") == (10, 7, 0)


def test_two_accounts_of_one_email_share_one_allowance_whoever_calls(world: World) -> None:
    """E12: an account that was claimed before it had used anything brings no second allowance."""
    check(world, "ada")
    check(world, "ada2")
    use(world, "ada", 4)
    use(world, "ada2", 3)
    assert check(world, "ada") == (10, 7, 0)
    use(world, "ada", 3)
    with pytest.raises(QuotaExceeded):
        use(world, "ada2", 1)
    assert check(world, "ada2") == (10, 10, 0)
    assert world.user("ada")["generatedCount"] == 7
    assert world.user("ada2")["generatedCount"] == 3


def test_they_share_the_next_allowance_too(world: World) -> None:
    use(world, "ada", 7)
    use(world, "ada2", 2)
    world.now = datetime(2027, 4, 1, 12, tzinfo=UTC)
    use(world, "ada", 6)
    assert check(world, "ada2") == (10, 6, 0)


def test_each_further_account_takes_over_what_all_before_it_used(world: World) -> None:
    for uid, credits in (("ada", 4), ("ada2", 3), ("ada3", 2)):
        use(world, uid, credits)
    assert check(world, "ada4") == (10, 9, 0)


def test_what_is_open_counts_as_used_and_what_it_gives_back_stays_with_its_own_account(
    world: World,
) -> None:
    order = Order("k", Ask(), {"promptId": "p", "promptText": "a fox"}, {})
    opened = create_generation(world.context, person("ada"), None, order)
    assert check(world, "ada2") == (10, 1, 0)
    world.report(opened, "failed", by=None)
    assert check(world, "ada") == (10, 0, 0)
    assert check(world, "ada2") == (10, 1, 0)


@pytest.mark.usefixtures("without_lanes")
def test_two_new_accounts_at_the_same_moment_have_one_allowance_together(
    world: World, other: World
) -> None:
    """E12"""
    calls = [
        (lambda n=n, uid=uid, each=each: generate(each, uid, f"k{n}"))
        for n in range(7)
        for uid, each in (("ada", world), ("ada2", other))
    ]
    ends = outcomes(race(calls))
    assert ends.keys() <= {"ok", "quota-exceeded", "contention"}
    assert ends["ok"] <= 10
    for n in range(20):
        for uid in ("ada", "ada2"):
            try:
                generate(world, uid, f"after{n}")
            except QuotaExceeded:
                continue
    made = len(world.records("ada")) + len(world.records("ada2"))
    assert made == 10


def test_a_first_call_that_is_overtaken_by_the_other_account_counts_what_that_has_used(
    world: World, other: World
) -> None:
    with overtaking(world.db, lambda: use(other, "ada", 4)):
        assert check(world, "ada2") == (10, 4, 0)
    assert check(world, "ada2") == (10, 4, 0)


def test_a_holder_who_is_overtaken_by_a_new_account_uses_nothing_unseen(
    world: World, other: World
) -> None:
    use(world, "ada", 9)
    with (
        overtaking(world.db, lambda: use(other, "ada2", 1)),
        pytest.raises(QuotaExceeded),
    ):
        use(world, "ada", 1)


def test_who_was_written_before_there_were_claims_is_registered_with_their_next_write(
    world: World,
) -> None:
    use(world, "ada", 3, email_hash=None)
    world.edit(quota__emailHash=HASH)
    with counting(world.db) as calls:
        check(world, "ada")
    assert calls == Calls(read_rpcs=1, documents_read=2), "a check writes nothing"
    order = Order("k", Ask(), {"promptId": "p", "promptText": "a fox"}, {})
    with counting(world.db) as calls:
        create_generation(world.context, person("ada"), None, order)
    assert calls == Calls(read_rpcs=2, documents_read=4, commits=1, writes=3)
    order = Order("k2", Ask(), {"promptId": "p", "promptText": "a fox"}, {})
    with counting(world.db) as calls:
        create_generation(world.context, person("ada"), None, order)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)
    assert record(world) == {"userId": "ada"}
    assert check(world, "ada2") == (10, 5, 0)


def test_of_two_accounts_from_before_there_were_claims_neither_loses_anything_and_a_third_gains_nothing(
    world: World,
) -> None:
    for uid, credits in (("ada", 8), ("ada2", 3)):
        use(world, uid, credits, email_hash=None)
        world.edit(uid, quota__emailHash=HASH)
    use(world, "ada", 1)
    use(world, "ada2", 1)
    assert row(world.check("ada2")) == (10, 4, 0)
    assert check(world, "ada3") == (10, 9, 0)


def test_a_first_call_costs_one_read_and_one_write_more_and_a_later_one_nothing(
    world: World,
) -> None:
    with counting(world.db) as calls:
        check(world, "ada")
    assert calls == Calls(read_rpcs=2, documents_read=3, commits=1, writes=2)
    with counting(world.db) as calls:
        check(world, "ada")
    assert calls == Calls(read_rpcs=1, documents_read=2)
    with counting(world.db) as calls:
        check(world, "ada2")
    # Who held the email is read, and written.
    assert calls == Calls(read_rpcs=3, documents_read=4, commits=1, writes=3)


def test_who_takes_another_email_leaves_the_counters_behind_and_holds_the_new_one(
    world: World,
) -> None:
    """E12"""
    use(world, "ada", 6)
    use(world, "ada", 1, OTHER_HASH)
    assert record(world, OTHER_HASH) == {"userId": "ada"}
    assert record(world).keys() == {"windows", "deletedAt", "deleteAt"}
    assert check(world, "ada2") == (10, 7, 0)
    assert check(world, "ada3", OTHER_HASH) == (10, 7, 0)
    use(world, "ada2", 1)
    assert check(world, "ada", OTHER_HASH) == (10, 7, 0), "another email is another allowance"


def test_a_deletion_frees_the_email_and_keeps_the_counters_until_their_windows_end(
    world: World,
) -> None:
    """E13"""
    check(world, "idle", OTHER_HASH)
    delete_user(world.context, person("idle", OTHER_HASH), None, AN_HOUR)
    assert record(world, OTHER_HASH) == {}
    use(world, "ada", 6)
    delete_user(world.context, person("ada"), None, AN_HOUR)
    kept = record(world)
    assert kept.keys() == {"windows", "deletedAt", "deleteAt"}
    assert kept["deleteAt"] == datetime(2027, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("holder_first", [True, False])
def test_of_two_accounts_that_share_an_email_and_leave_all_is_kept(
    world: World, *, holder_first: bool
) -> None:
    use(world, "ada", 5)
    use(world, "ada2", 3)
    for uid in ("ada2", "ada") if holder_first else ("ada", "ada2"):
        delete_user(world.context, person(uid), None, AN_HOUR)
    assert record(world).keys() == {"windows", "deletedAt", "deleteAt"}
    assert check(world, "ada3") == (10, 8, 0)


def test_while_the_email_is_held_the_store_does_not_delete_what_is_known_of_it(
    world: World,
) -> None:
    use(world, "ada", 5)
    use(world, "ada2", 3)
    delete_user(world.context, person("ada"), None, AN_HOUR)
    assert record(world).keys() == {"userId", "windows", "deletedAt"}
    assert check(world, "ada3") == (10, 8, 0)
    assert record(world) == {"userId": "ada3"}


def test_an_account_whose_document_was_removed_by_hand_keeps_nobody_out(world: World) -> None:
    use(world, "ada", 5)
    world.db.document("users/ada").delete()
    assert check(world, "ada2") == (10, 0, 0)
    assert record(world) == {"userId": "ada2"}


def test_what_was_taken_over_is_no_drift_and_closes_with_its_windows(world: World) -> None:
    use(world, "ada", 5)
    use(world, "ada2", 3)
    use(world, "ada", 1)
    use(world, "ada2", 1)
    report = world.reconcile()
    assert (report.drifted, report.failed) == (0, 0)
    world.now += timedelta(days=40)
    world.reset_periods()
    assert [each["used"] for each in world.closed("period", "ada")] == [9]
    assert [each["used"] for each in world.closed("period", "ada2")] == [10]
