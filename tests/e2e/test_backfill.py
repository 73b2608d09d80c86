"""`python -m ops backfill`: an app takes over its users and what they had made before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from firebase_admin import auth

if TYPE_CHECKING:
    from tests.e2e.terminal import Operator


def test_users_of_auth_get_documents_and_their_older_generations_count(operator: Operator) -> None:
    uid = auth.create_user(email="before@example.com", display_name="Before").uid
    record = {"userId": uid, "status": "done", "createdAt": datetime(2027, 3, 14, tzinfo=UTC)}
    operator.db.document("pictures/one").set(record)
    words = ("backfill", "--generations", "--collection", "pictures", "--status-field", "status")
    facts = (*words, "--success-value", "done")
    output = operator.ok(*facts, "--dry-run")
    assert "would be written" in output
    assert operator.read(f"users/{uid}") == {}
    output = operator.ok(*facts)
    assert "1 written, 0 passed over" in output
    user = operator.read(f"users/{uid}")
    assert (user["email"], user["displayName"], user["role"]) == (
        "before@example.com",
        "Before",
        "user",
    )
    assert user["generatedCount"] == 1
    (period,) = [each for each in user["usage"]["windows"] if each["window"] == "period"]
    assert period["used"] == 1
    assert "0 written" in operator.ok(*facts)
    assert "drifted 0" in operator.ok("reconcile")
