"""What others, and those who did not sign in, get to see of a user: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def found(play: Callable[[str], Facts]) -> Facts:
    return play("outsiders")


def test_another_user_s_generation_is_not_found(found: Facts) -> None:
    assert found["reported"]["code"] == "functions/not-found"
    assert found["reported"]["reason"] == "generation-not-found"


def test_another_user_s_limit_is_not_told(found: Facts) -> None:
    assert found["asked"]["code"] == "functions/permission-denied"
    assert found["asked"]["reason"] == "not-allowed"


def test_without_sign_in_nothing_is_told(found: Facts) -> None:
    assert found["signedOut"]["code"] == "functions/unauthenticated"
    assert found["signedOut"]["reason"] == "not-signed-in"


def test_another_user_s_documents_cannot_be_read(found: Facts) -> None:
    assert found["readsUser"] == "permission-denied"
    assert found["readsGeneration"] == "permission-denied"
    assert found["readsDay"] == "permission-denied"


def test_one_user_s_open_generation_takes_nothing_from_another(found: Facts) -> None:
    assert found["ownRemaining"] == 10
