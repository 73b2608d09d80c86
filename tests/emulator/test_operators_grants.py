"""Grants that operators give and take back: once, exactly, whatever happens at the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import IdempotencyMismatch, InvalidArgument, NotFound
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.counter_checks import assert_counters_match_records
from tests.emulator.environment import START, row
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.store_contents import contents

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    env.plan("free", limits={"period": 2})
    env.check()
    return operator_actions(env)


def use_up(env: Environment) -> None:
    for _ in range(2):
        env.generate()


def given(operator: OperatorActions, credits: int, key: str = "k", **terms: Any) -> str:  # noqa: ANN401
    return str(operator.give(credits, key, **terms).edit.about)


def test_a_grant_is_spent_beyond_the_plan_and_has_a_document_of_its_own(
    env: Environment, operator: OperatorActions
) -> None:
    until = START + timedelta(days=3)
    grant_id = given(operator, 5, expires_at=until, purchased=True)
    assert env.db.document(f"users/ada/grants/{grant_id}").get().to_dict() == {
        "userId": "ada",
        "credits": 5,
        "purchased": True,
        "givenBy": "boss",
        "createdAt": START,
        "expiresAt": until,
        "revokedAt": None,
    }
    for _ in range(3):
        env.generate()
    assert (row(env.check()), env.check().grants_remaining) == ((2, 2, 0), 4)
    assert_counters_match_records(env.db)


def test_the_same_key_gives_once_and_other_terms_are_told(
    env: Environment, operator: OperatorActions
) -> None:
    """F4"""
    first = operator.give(5)
    before = contents(env.db)
    env.pass_time(hours=1)
    again = operator.give(5)
    assert (again.edit.is_noop, again.edit.about) == (True, first.edit.about)
    assert again.edit.after == first.edit.after
    for credits, terms in (
        (6, {}),
        (5, {"purchased": True}),
        (5, {"expires_at": START + timedelta(days=1)}),
    ):
        with pytest.raises(IdempotencyMismatch) as refusal:
            operator.give(credits, **terms)
        assert refusal.value.grant_id == first.edit.about
    assert contents(env.db) == before


def test_a_key_stays_used_when_its_grant_is_spent_revoked_or_over(
    env: Environment, operator: OperatorActions
) -> None:
    """F4"""
    until = START + timedelta(hours=1)
    given(operator, 1, "over", expires_at=until)
    operator.revoke(given(operator, 2, "revoked"))
    env.pass_time(hours=2)
    assert operator.give(1, "over", expires_at=until).edit.is_noop
    assert operator.give(2, "revoked").edit.is_noop
    assert env.check().grants_remaining == 0


def test_one_key_of_two_users_is_two_grants(env: Environment, operator: OperatorActions) -> None:
    env.check("eve")
    operator.give(5)
    operator.give(5, uid="eve")
    assert (env.check().grants_remaining, env.check("eve").grants_remaining) == (5, 5)


@pytest.mark.usefixtures("without_lock_stripes")
def test_giving_many_times_at_once_gives_once(env: Environment, operator: OperatorActions) -> None:
    results = race([lambda: operator.give(5)] * 6)
    assert outcomes(results) == {"ok": 6}
    assert sum(not each.edit.is_noop for each in results) == 1
    assert env.check().grants_remaining == 5
    assert len(operator.audit_log()) == 1


@pytest.mark.parametrize("credits", [0, -1, 1_000_000_001])
def test_a_grant_is_something(operator: OperatorActions, credits: int) -> None:
    with pytest.raises(InvalidArgument):
        operator.give(credits)


def test_a_grant_for_a_time_that_is_over_is_refused(
    env: Environment, operator: OperatorActions
) -> None:
    before = contents(env.db)
    with pytest.raises(InvalidArgument):
        operator.give(5, expires_at=START)
    assert contents(env.db) == before


def test_what_is_bought_is_spent_last_and_no_expiry_eats_it(
    env: Environment, operator: OperatorActions
) -> None:
    """D17"""
    use_up(env)
    bought = given(operator, 3, "bought", purchased=True)
    free = given(operator, 3, "free")
    brief = given(operator, 3, "brief", expires_at=START + timedelta(hours=1))
    env.generate()
    grants = env.user()["quota"]["grants"]
    assert [grants[each]["used"] for each in (brief, free, bought)] == [1, 0, 0]
    env.pass_time(hours=1)
    assert env.check().grants_remaining == 6, (
        "what was left of the brief one is gone, and only that"
    )
    for _ in range(4):
        env.generate()
    grants = env.user()["quota"]["grants"]
    assert [grants[each]["used"] for each in (brief, free, bought)] == [1, 3, 1]
    assert_counters_match_records(env.db)


def test_revoking_takes_back_what_is_unspent_once(
    env: Environment, operator: OperatorActions
) -> None:
    """F5"""
    use_up(env)
    grant_id = given(operator, 5)
    env.generate()
    opened = env.create()
    changed = operator.revoke(grant_id)
    assert changed.edit.before == {"grantId": grant_id, "unspent": 3}
    document = env.db.document(f"users/ada/grants/{grant_id}").get().to_dict() or {}
    assert (document["revokedAt"], document["takenBack"]) == (START, 3)
    assert env.check().grants_remaining == 0
    env.report(opened, "success")
    assert env.record(opened)["charged"] == 1, "what was held of it stays paid by it"
    assert operator.revoke(grant_id).edit.is_noop
    assert env.user()["quota"]["grants"][grant_id]["used"] == 2
    assert_counters_match_records(env.db)


def test_what_is_given_back_to_a_revoked_grant_cannot_be_spent(
    env: Environment, operator: OperatorActions
) -> None:
    use_up(env)
    grant_id = given(operator, 5)
    opened = env.create()
    operator.revoke(grant_id)
    env.report(opened, "failed")
    assert env.check().grants_remaining == 0
    assert env.check().refusal is not None


def test_a_spent_grant_that_is_revoked_is_not_filled_by_a_refund(
    env: Environment, operator: OperatorActions
) -> None:
    """F5: void and refund together give nothing twice."""
    use_up(env)
    grant_id = given(operator, 1)
    paid = env.generate()
    assert operator.revoke(grant_id).edit.before == {"grantId": grant_id, "unspent": 0}
    operator.refund(paid)
    assert env.check().grants_remaining == 0


def test_a_grant_that_was_written_by_hand_can_be_revoked_too(
    env: Environment, operator: OperatorActions
) -> None:
    env.grant("by-hand", 4)
    operator.revoke("by-hand")
    assert env.check().grants_remaining == 0
    assert operator.revoke("by-hand").edit.is_noop


@pytest.mark.parametrize("grant_id", ["none", "", "a/b", "__x__"])
def test_a_grant_that_never_was_is_not_found(operator: OperatorActions, grant_id: str) -> None:
    with pytest.raises(NotFound):
        operator.revoke(grant_id)


@pytest.mark.usefixtures("without_lock_stripes")
def test_of_spending_and_revoking_at_once_each_credit_goes_one_way(
    env: Environment, operator: OperatorActions
) -> None:
    use_up(env)
    grant_id = given(operator, 6)
    results = race([env.create] * 8 + [lambda: operator.revoke(grant_id)] * 2)
    opened = [each for each in results[:8] if not isinstance(each, Exception)]
    revoked = [each for each in results[8:] if not each.edit.is_noop]
    assert len(revoked) == 1
    assert len(opened) + revoked[0].edit.before["unspent"] == 6
    assert env.check().grants_remaining == 0
    for each in opened:
        env.report(each, "success")
    assert_counters_match_records(env.db)


@pytest.mark.usefixtures("without_lock_stripes")
def test_creates_at_once_with_a_gift_and_a_reset_pass_no_limit_and_lose_nothing(
    env: Environment, operator: OperatorActions
) -> None:
    use_up(env)
    results = race(
        [env.create] * 10 + [lambda: operator.give(3, "gift"), lambda: operator.reset("period")]
    )
    opened = [each for each in results[:10] if not isinstance(each, Exception)]
    _, used, reserved = row(env.check())
    held = sum(part.credits for each in opened for part in each.generation.hold.allocation.grants)
    assert (used, reserved <= 2, held <= 3) == (0, True, True)
    assert reserved + held == len(opened)
    assert env.check().grants_remaining == 3 - held
    assert_counters_match_records(env.db)
