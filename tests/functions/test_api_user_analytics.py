"""`GET /api/analytics/users/{userId}`. It is always Monday, March 15th 2027, 09:00 UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functions.app import order
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from tests.functions.app import App

pytestmark = pytest.mark.usefixtures("travel")


def test_a_user_sees_what_they_did(app: App) -> None:
    opened = app.ask("create_generation", **order("done", engine="sd", count=2))["generationId"]
    url = "https://cdn.example.com/fox.png"
    done = {"generationId": opened, "generationStatus": "success", "imageUrl": url}
    app.ask("update_generation", **done, metadata={"processingTime": 3000})
    failed = app.ask("create_generation", **order("failed", engine="sd"))["generationId"]
    app.ask("update_generation", generationId=failed, generationStatus="failed")
    app.ask("create_generation", **order("open"))
    nothing = {"isPartial": False, "used": 0, "success": 0, "failed": 0, "byType": {}}
    today = {"isPartial": True, "used": 2, "success": 1, "failed": 1, "byType": {"image": 2}}
    engine = {"total": 2, "success": 1, "failed": 1, "cancelled": 0, "expired": 0}
    durations = app.get(f"/api/analytics/users/{app.uid}?days=2")["records"]["durations"]
    assert abs(durations["image"]["p50"] / 3000 - 1) < 0.045
    assert app.get(f"/api/analytics/users/{app.uid}?days=2") == {
        "userId": app.uid,
        "from": "2027-03-14",
        "to": "2027-03-15",
        "timezone": "UTC",
        "days": [{"date": "2027-03-14", **nothing}, {"date": "2027-03-15", **today}],
        "totals": {"used": 2, "success": 1, "failed": 1, "successRate": 0.5},
        "records": {
            "read": 3,
            "isAll": True,
            "byEngine": [{"name": "sd", "successRate": 0.5, "charged": 2, **engine}],
            "popularPrompts": {
                "items": [{"promptId": "prompt-1", "count": 2, "charged": 2, "over": 0}],
                "rest": 0,
                "isExact": True,
            },
            "durations": durations,
        },
    }


def test_seven_days_are_told_unless_others_are_asked_for(app: App) -> None:
    app.ask("check_limit")
    path = f"/api/analytics/users/{app.uid}"
    assert len(app.get(path)["days"]) == 7
    assert app.get(path)["totals"]["successRate"] is None
    assert len(app.get(f"{path}?days=90")["days"]) == 90


@pytest.mark.parametrize("query", ["days=0", "days=91", "days=1.5", "days=", "from=2027-03-01"])
def test_what_is_no_number_of_days_is_refused(app: App, query: str) -> None:
    answer = app.api("GET", f"/api/analytics/users/{app.uid}?{query}")
    details_of(answer, "invalid-argument")
