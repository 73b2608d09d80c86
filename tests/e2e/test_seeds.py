"""`python -m ops seed`: made-up users whose months add up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from firebase_admin import auth
from google.cloud.firestore import FieldFilter

from tests.emulator.counter_checks import assert_counters_match_records
from tests.store_contents import contents

if TYPE_CHECKING:
    from tests.e2e.terminal import Operator

UIDS = {
    "free": "user_test_free_1",
    "plus": "user_test_plus_1",
    "pro": "user_test_pro_1",
    "trial": "user_test_trial_1",
}


@pytest.fixture(scope="module")
def before(operator: Operator) -> dict[str, Any]:
    """Give what stands in the database before anybody is made up."""
    operator.db.document("users/bystander").set({"role": "user"})
    operator.db.document("userGenerations/of-bystander").set({"userId": "bystander"})
    return contents(operator.db)


@pytest.fixture(scope="module")
def seeded(operator: Operator, before: dict[str, Any]) -> str:
    assert before
    return operator.ok("seed", "--months", "2")


class TestMadeUpUsers:
    def test_there_is_one_for_each_plan_who_can_sign_in(
        self, operator: Operator, seeded: str
    ) -> None:
        assert "genquota-demo" in seeded
        url = f"http://{operator.suite.host('auth')}/identitytoolkit.googleapis.com/v1"
        for plan, uid in UIDS.items():
            login = {"email": f"{plan}.user@example.com", "password": "genquota-demo"}
            answer = httpx.post(f"{url}/accounts:signInWithPassword?key=any", json=login)
            assert answer.json()["localId"] == uid
        plans = {
            plan: operator.read(f"users/{uid}")["usage"]["planId"] for plan, uid in UIDS.items()
        }
        assert plans == {"free": "free", "plus": "plus", "pro": "pro", "trial": "pro"}

    @pytest.mark.usefixtures("seeded")
    def test_their_subscriptions_run_and_have_been_renewed(self, operator: Operator) -> None:
        found = {
            plan: operator.read(f"subscriptions/sub_seed_{UIDS[plan]}")
            for plan in ("plus", "pro", "trial")
        }
        assert {plan: each["status"] for plan, each in found.items()} == {
            "plus": "active",
            "pro": "active",
            "trial": "trialing",
        }
        assert found["plus"]["currentPeriodStart"] == datetime(2027, 3, 13, 7, tzinfo=UTC)
        assert found["plus"]["anchor"] == datetime(2027, 1, 13, 7, tzinfo=UTC)
        assert found["trial"]["trialEnd"] == datetime(2027, 3, 24, 7, tzinfo=UTC)
        assert operator.read(f"users/{UIDS['free']}")["subscription"] is None
        closed = operator.db.collection(f"users/{UIDS['pro']}/windows").stream()
        assert sum(each.id.startswith("period_") for each in closed) == 2

    @pytest.mark.usefixtures("seeded")
    @pytest.mark.parametrize("plan", UIDS)
    def test_all_counters_add_up(self, operator: Operator, plan: str) -> None:
        assert_counters_match_records(operator.db, UIDS[plan])

    @pytest.mark.usefixtures("seeded")
    def test_reconcile_finds_nothing_wrong(self, operator: Operator) -> None:
        memory = operator.db.document("jobs/reconcile")  # how far it has come
        remembered = memory.get().to_dict()
        assert "drifted 0, failed 0" in operator.ok("reconcile")
        if remembered is None:
            memory.delete()
        else:
            memory.set(remembered)

    @pytest.mark.usefixtures("seeded")
    def test_their_months_are_believable(self, operator: Operator) -> None:
        owned = operator.db.collection("userGenerations").where(
            filter=FieldFilter("userId", "==", UIDS["pro"])
        )
        records = [each.to_dict() or {} for each in owned.stream()]
        assert 220 < len(records) < 380
        statuses = {record["generationStatus"] for record in records}
        assert statuses >= {"success", "failed", "cancelled"}
        assert {record["type"] for record in records} == {"image", "video", "audio"}
        days = {record["createdAt"].date() for record in records}
        assert len(days) > 45
        assert max(days) <= datetime(2027, 3, 15, tzinfo=UTC).date()
        user = operator.read(f"users/{UIDS['pro']}")
        assert user["lastResetDate"] <= datetime(2027, 3, 15, 9, tzinfo=UTC) < user["nextResetDate"]

    @pytest.mark.usefixtures("seeded")
    def test_the_statistics_are_those_of_their_records(self, operator: Operator) -> None:
        counted = dict.fromkeys(("total", "success", "charged"), 0)
        for day in operator.db.collection("analyticsDaily").stream():
            found = day.to_dict() or {}
            counted["total"] += found["total"]
            counted["charged"] += found["charged"]
            counted["success"] += sum(each.get("success", 0) for each in found["byType"].values())
        records = [each.to_dict() or {} for each in _records(operator)]
        # What a sweep has closed just now is counted by the next run of the job.
        made = [each for each in records if each["generationStatus"] != "expired"]
        assert len(made) > 300
        assert counted == {
            "total": len(made),
            "success": sum(each["generationStatus"] == "success" for each in made),
            "charged": sum(each["charged"] for each in made),
        }

    @pytest.mark.usefixtures("seeded")
    def test_seeding_again_changes_nothing(self, operator: Operator) -> None:
        before = contents(operator.db)
        operator.ok("seed", "--months", "2")
        assert contents(operator.db) == before

    @pytest.mark.usefixtures("seeded")
    def test_another_history_is_not_mixed_in(self, operator: Operator) -> None:
        code, output = operator.run("seed", "--seed", "2")
        assert code == 2
        assert "seed-reset" in output

    @pytest.mark.usefixtures("seeded")
    def test_cleaning_removes_what_seed_made_and_nothing_else(
        self, operator: Operator, before: dict[str, Any]
    ) -> None:
        there = contents(operator.db)
        assert "documents" in operator.ok("seed-clean", "--dry-run")
        assert contents(operator.db) == there
        operator.ok("seed-clean")
        assert _without_statistics(contents(operator.db)) == _without_statistics(before)
        totals = [each.get("total") for each in operator.db.collection("analyticsDaily").stream()]
        assert len(totals) > 45
        assert not any(totals)
        for uid in UIDS.values():
            with pytest.raises(auth.UserNotFoundError):
                auth.get_user(uid)
        assert "not there" in operator.ok("seed-clean")


def _records(operator: Operator) -> list[Any]:
    return [
        snapshot
        for uid in UIDS.values()
        for snapshot in operator.db.collection("userGenerations")
        .where(filter=FieldFilter("userId", "==", uid))
        .stream()
    ]


def _without_statistics(found: dict[str, Any]) -> dict[str, Any]:
    """Return the documents except those that say that nothing is left, and how jobs went."""
    jobs = ("jobs/daily_statistics", "jobs/rebuild_statistics", "jobs/runs")
    return {
        path: data
        for path, data in found.items()
        if path not in jobs and not path.startswith("analyticsDaily/")
    }
