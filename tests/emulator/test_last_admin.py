"""There is always an admin left, whoever demotes or disables whom at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import NotAllowed
from tests.emulator.concurrent_calls import outcomes, race
from tests.emulator.operator_actions import OperatorActions, operator_actions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.environment import Environment


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    return operator_actions(env)


def admins(env: Environment) -> set[str]:
    users = env.db.collection("users").stream()
    return {
        user.id
        for user in users
        if user.get("role") == "admin" and not (user.to_dict() or {}).get("disabled")
    }


ENDS: dict[str, Callable[[OperatorActions, str], object]] = {
    "demoted": lambda operator, uid: operator.role("user", uid),
    "made a service": lambda operator, uid: operator.role("service", uid),
    "disabled": lambda operator, uid: operator.disabled(True, uid),  # noqa: FBT003
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("by", ["boss", None])
def test_the_last_admin_stays(operator: OperatorActions, end: str, by: str | None) -> None:
    operator.env.edit("eve", role="admin", disabled=True)
    with pytest.raises(NotAllowed, match="last admin"):
        ENDS[end](OperatorActions(operator.env, by), "boss")
    assert admins(operator.env) == {"boss"}


@pytest.mark.parametrize("end", ENDS)
def test_an_admin_beside_whom_there_is_another_may_go(operator: OperatorActions, end: str) -> None:
    operator.env.edit("eve", role="admin")
    ENDS[end](operator, "boss")
    assert admins(operator.env) == {"eve"}


def test_a_disabled_admin_may_be_demoted_though_one_is_left(operator: OperatorActions) -> None:
    operator.env.edit("eve", role="admin", disabled=True)
    operator.role("user", "eve")
    assert admins(operator.env) == {"boss"}


@pytest.mark.usefixtures("without_lock_stripes")
@pytest.mark.parametrize("end", ENDS)
def test_of_two_admins_who_end_each_other_at_once_one_stays(
    operator: OperatorActions, end: str
) -> None:
    env = operator.env
    for _ in range(5):
        for uid in ("boss", "eve"):
            env.edit(uid, role="admin", disabled=False)
        results = race(
            [
                lambda: ENDS[end](OperatorActions(env, "boss"), "eve"),
                lambda: ENDS[end](OperatorActions(env, "eve"), "boss"),
            ]
        )
        assert len(admins(env)) == 1
        assert outcomes(results).get("ok") == 1


@pytest.mark.usefixtures("without_lock_stripes")
def test_of_four_admins_who_step_down_at_once_one_stays(operator: OperatorActions) -> None:
    everybody = ["boss", "eve", "kim", "lee"]
    for uid in everybody:
        operator.env.edit(uid, role="admin")
    results = race(
        [lambda uid=uid: OperatorActions(operator.env, uid).role("user", uid) for uid in everybody]  # type: ignore[misc]
    )
    assert outcomes(results) == {"ok": 3, "not-allowed": 1}
    assert len(admins(operator.env)) == 1
