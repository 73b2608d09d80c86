"""`GET /api/analytics`, to the letter of who sees what. It is Monday, March 15th 2027."""

from __future__ import annotations

import csv
import io
import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest

from genquota.messages.analytics.tables import TableName
from tests.functions.app import order
from tests.functions.conftest import MONDAY
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App
    from tests.functions.conftest import Travel

TABLES = get_args(TableName)
FOR_ALL = {"days", "types", "engines", "hours"}
MODEL, ENGINE, FAILURE = "a-model", "an-engine", "the engine had no answer"
PEOPLE = [f"person-{secrets.token_hex(6)}" for _ in range(6)]


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


@pytest.fixture
def busy(deployment: App, db: Client, travel: Travel) -> None:
    """Let six users generate, of whom the first has a failure, too, and two minutes pass.

    What is there from the test before is the same, so it is asked for by the same keys.
    """
    for number, uid in enumerate(PEOPLE):
        app = deployment.of(uid)
        asked = order("done", engine=ENGINE, promptId="a-prompt", metadata={"model": MODEL})
        made = app.ask("create_generation", **asked)["generationId"]
        url = "https://cdn.example.com/fox.png"
        done = {"generationId": made, "generationStatus": "success", "imageUrl": url}
        app.ask("update_generation", **done)
        db.document(f"users/{uid}").update({"displayName": f"Person {'ABCDEF'[number]}"})
    app = deployment.of(PEOPLE[0])
    failed = app.ask("create_generation", **order("failed", engine=ENGINE))["generationId"]
    report = {"generationId": failed, "generationStatus": "failed", "errorMessage": FAILURE}
    app.ask("update_generation", **report)
    travel(MONDAY + timedelta(minutes=2))


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS", "public")


def _day(app: App) -> Any:  # noqa: ANN401 - JSON
    return app.get("/api/analytics?days=1")


def _told_of_somebody(answer: object) -> list[str]:
    """Return what a text has of that tells of a user, or is the operator's business."""
    text = json.dumps(answer)
    private = [*PEOPLE, "@example.com", MODEL, "a-prompt", FAILURE, '"free"']
    return [each for each in private if each in text]


@pytest.mark.usefixtures("busy")
def test_an_admin_sees_all_of_it(admin: App) -> None:
    shown = _day(admin)
    assert (shown["from"], shown["to"], shown["timezone"]) == (
        "2027-03-15",
        "2027-03-15",
        "UTC",
    )
    assert shown["updatedAt"] == "2027-03-15T09:01:30Z"
    assert (shown["totals"]["total"], shown["totals"]["success"]) == (7, 6)
    assert shown["activeUsers"] == {"total": 6, "new": 6, "returning": 0}
    assert [each["name"] for each in shown["byModel"]] == [MODEL]
    assert [each["name"] for each in shown["byPlan"]] == ["free"]
    assert shown["topUsers"]["items"][0]["userId"] == PEOPLE[0]
    assert {each["promptId"] for each in shown["popularPrompts"]["items"]} == {
        "a-prompt",
        "prompt-1",
    }
    assert [each["error"] for each in shown["errors"]["items"]] == [FAILURE]
    assert shown["hours"][0][9] == 7
    assert shown["durations"]["image"]["count"] == 6
    assert shown["days"][0]["isPartial"] is shown["isPartial"] is True


@pytest.mark.usefixtures("busy")
def test_without_lists_it_is_the_same_but_for_them(admin: App) -> None:
    whole, shown = _day(admin), admin.get("/api/analytics?days=1&lists=false")
    lists = {"topUsers": None, "popularPrompts": None, "errors": None}
    assert shown == {**whole, **lists}


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("role", ["user", "service"])
def test_nobody_else_sees_any_of_it(app: App, db: Client, role: str) -> None:
    db.document(f"users/{app.uid}").set({"role": role})
    for query in ("", "?days=1", *(f"?table={table}" for table in TABLES)):
        details_of(app.api("GET", f"/api/analytics{query}"), "not-allowed")


@pytest.mark.usefixtures("busy", "public")
@pytest.mark.parametrize("role", ["user", "service"])
def test_if_they_are_public_everybody_sees_what_tells_of_nobody(
    admin: App, app: App, db: Client, role: str
) -> None:
    db.document(f"users/{app.uid}").set({"role": role})
    shown, whole = _day(app), _day(admin)
    for name in ("activeUsers", "successRate", "hours", "processing", "updatedAt"):
        assert shown[name] == whole[name]
    assert shown["totals"]["total"] == 7
    assert shown["byEngine"][0]["name"] == ENGINE
    assert _told_of_somebody(shown) == []
    assert "@example.com" not in json.dumps(whole)
    assert (
        shown["totals"]["charged"]
        is shown["topUsers"]
        is shown["errors"]
        is shown["byPlan"]
        is None
    )
    for table in TABLES:
        answer = app.api("GET", f"/api/analytics?days=1&table={table}")
        if table in FOR_ALL:
            assert _told_of_somebody(answer.text) == []
        else:
            details_of(answer, "not-allowed")


@pytest.mark.usefixtures("busy", "public")
def test_users_are_named_to_everybody_where_the_feed_names_them(
    app: App, db: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.document(f"users/{PEOPLE[1]}").update({"preferences": {"hideFromFeed": True}})
    monkeypatch.setenv("LIVE_FEED", "anonymous")
    assert _day(app)["topUsers"] is None
    monkeypatch.setenv("LIVE_FEED", "named")
    shown = _day(app)
    first, *others = shown["topUsers"]["items"]
    assert first == {"count": 2, "over": 0, "userId": None, "name": "Person A", "charged": None}
    assert {each["name"] for each in others} == {f"Person {each}" for each in "CDEF"}
    assert _told_of_somebody(shown) == []
    rows = app.get("/api/analytics?days=1&table=users&format=json")["items"]
    assert [row["name"] for row in rows] == [each["name"] for each in shown["topUsers"]["items"]]


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_csv_or_json_with_the_same_rows(admin: App, table: str) -> None:
    path = f"/api/analytics?from=2027-03-15&to=2027-03-15&table={table}"
    sheet = admin.api("GET", path)
    assert sheet.headers["Content-Type"].startswith("text/csv")
    name = f"{table}_2027-03-15_2027-03-15.csv"
    assert sheet.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert admin.api("GET", f"{path}&format=csv").text == sheet.text
    lines = list(csv.DictReader(io.StringIO(sheet.text, newline="")))
    rows = admin.get(f"{path}&format=json")["items"]
    assert rows
    assert [set(line) for line in lines] == [set(row) for row in rows]
    key = {"days": "date", "hours": "hour", "durations": "type", "users": "userId",
           "prompts": "promptId", "errors": "error"}.get(table, "name")  # fmt: skip
    assert [line[key] for line in lines] == [str(row[key]) for row in rows]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("days=0", "days"),
        ("days=91", "days"),
        ("days=week", "days"),
        ("days=7&from=2027-03-01&to=2027-03-07", "days"),
        ("from=2027-03-01", "to"),
        ("to=2027-03-01", "from"),
        ("from=2027-03-02&to=2027-03-01", "to"),
        ("from=2027-01-01&to=2027-04-01", "to"),
        ("from=2027-02-29&to=2027-03-01", "from"),
        ("from=1999-12-31&to=2000-01-01", "from"),
        ("from=2027-03-01T00:00:00Z&to=2027-03-01", "from"),
        ("from=20270301&to=2027-03-02", "from"),
        ("format=csv", "table"),
        ("format=xml&table=days", "format"),
        ("table=emails", "table"),
        ("colour=red", "colour"),
    ],
)
def test_a_query_that_means_nothing_is_refused(admin: App, query: str, field: str) -> None:
    refused = details_of(admin.api("GET", f"/api/analytics?{query}"), "invalid-argument")
    assert [each["path"] for each in refused["fields"]] == [field]


def test_the_longest_range_and_the_last_days_of_time_are_answered(admin: App) -> None:
    assert len(admin.get("/api/analytics")["days"]) == 7
    assert len(admin.get("/api/analytics?days=90")["days"]) == 90
    assert len(admin.get("/api/analytics?from=2027-01-01&to=2027-03-31")["days"]) == 90
    assert len(admin.get("/api/analytics?from=2000-01-01&to=2000-01-01")["days"]) == 1
    assert len(admin.get("/api/analytics?from=9999-12-31&to=9999-12-31")["days"]) == 1
