"""`python -m ops admin`: how the first admin comes to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firebase_admin import auth
from google.cloud.firestore import FieldFilter

if TYPE_CHECKING:
    from tests.e2e.terminal import Operator


def _audit(operator: Operator, uid: str) -> list[dict[str, Any]]:
    found = (
        operator.db.collection("auditLog").where(filter=FieldFilter("userId", "==", uid)).stream()
    )
    return [entry.to_dict() or {} for entry in found]


class TestTheFirstAdmin:
    def test_is_made_by_email_before_their_first_call_and_audited_without_the_email(
        self, operator: Operator
    ) -> None:
        uid = auth.create_user(email="olga@example.com", display_name="Olga").uid
        output = operator.ok("admin", "--email", "olga@example.com", "--dry-run")
        assert "it would be made" in output
        assert operator.read(f"users/{uid}") == {}
        output = operator.ok("admin", "--email", "olga@example.com")
        assert f"user {uid}: is an admin now" in output
        user = operator.read(f"users/{uid}")
        assert (user["role"], user["email"], user["disabled"]) == (
            "admin",
            "olga@example.com",
            False,
        )
        (entry,) = _audit(operator, uid)
        assert entry["before"] == {"role": "user"}
        assert entry["after"] == {"role": "admin"}
        assert (entry["actorId"], entry["action"]) == ("command-line", "set-role")
        assert "olga" not in str(entry).lower()

    def test_is_found_without_regard_to_case_and_stored_in_lower_case(
        self, operator: Operator
    ) -> None:
        uid = auth.create_user(email="Grace.Hopper@Example.com").uid
        for typed in ("GRACE.HOPPER@example.com", " grace.hopper@Example.COM "):
            assert f"user {uid}: is an admin" in operator.ok("admin", "--email", typed)
        assert operator.read(f"users/{uid}")["email"] == "grace.hopper@example.com"

    def test_is_one_already_when_asked_again(self, operator: Operator) -> None:
        uid = auth.create_user(email="twice@example.com").uid
        operator.ok("admin", "--email", "twice@example.com")
        assert "is an admin already" in operator.ok("admin", "--email", "twice@example.com")
        assert len(_audit(operator, uid)) == 1

    def test_who_has_not_signed_up_is_not_made_one(self, operator: Operator) -> None:
        code, output = operator.run("admin", "--email", "nobody@example.com")
        assert code == 2
        assert "Nobody has signed up with nobody@example.com" in output
        assert operator.run("admin", "--email", "nonsense")[0] == 2
