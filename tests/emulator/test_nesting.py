"""One transaction does not run inside another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genquota.store.transaction import Transaction, run_transaction

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def test_a_transaction_inside_another_is_an_error_and_the_next_one_runs(
    env: Environment,
) -> None:
    def inner(transaction: Transaction) -> None:
        transaction.create("things/inner", {"a": 1})

    def outer(transaction: Transaction) -> None:
        transaction.create("things/outer", {"a": 1})
        run_transaction(env.db, inner)

    with pytest.raises(RuntimeError, match="inside another"):
        run_transaction(env.db, outer)
    assert not list(env.db.collection("things").stream())
    run_transaction(env.db, inner)
    assert [each.id for each in env.db.collection("things").stream()] == ["inner"]
