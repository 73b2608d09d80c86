"""The answer of `GET /api/analytics`, for admins and for others; and its tables."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, get_args

import pytest

from genquota.domain.statistics.analytics import FEWEST_USERS, Visibility, visibility_of
from genquota.messages.analytics.platform import AnalyticsAnswer
from genquota.messages.analytics.tables import TableName, csv_of, table_of
from tests.unit.analytics_samples import analytics_sample, history

ADMINS_ONLY = {"byModel", "byPlan", "durations", "popularPrompts", "errors"}
BREAKDOWN = {"byEngine", "hours"}
PERSONAL = ("u0", "u1", "timeout", "m1", '"free"', '"p1"')
TABLES = get_args(TableName)


def _answer(users: int = 6, **who: bool) -> AnalyticsAnswer:
    return AnalyticsAnswer.about(analytics_sample(history(users), **{"is_admin": False, **who}))


def _json(users: int = 6, **who: bool) -> dict[str, Any]:
    return _answer(users, **who).to_json()


def test_an_admin_sees_all_of_it() -> None:
    answered = _json(is_admin=True)
    assert {name for name, value in answered.items() if value is None} == set()
    assert (answered["from"], answered["to"]) == ("2027-03-20", "2027-03-21")
    assert answered["timezone"] == "Europe/Berlin"
    assert answered["updatedAt"] == "2027-03-21T12:00:00Z"
    assert (answered["isPartial"], answered["processing"]) == (True, 3)
    assert answered["totals"] == {
        "total": 7,
        "success": 6,
        "failed": 1,
        "cancelled": 0,
        "expired": 0,
        "successRate": 0.8571,
        "charged": 6,
        "late": 0,
        "outputs": 6,
        "refunded": 0,
    }
    assert answered["successRate"] == 0.8571
    assert answered["activeUsers"] == {"total": 6, "new": 6, "returning": 0}
    assert answered["previous"]["totals"]["total"] == 1
    assert (answered["previous"]["from"], answered["previous"]["to"]) == (
        "2027-03-18",
        "2027-03-19",
    )
    assert answered["byModel"][0]["name"] == "m1"
    assert answered["durations"]["image"]["count"] == 6
    first, last = answered["days"]
    assert (first["date"], first["isFinal"], first["isPartial"]) == ("2027-03-20", True, False)
    assert (last["date"], last["isFinal"], last["isPartial"]) == ("2027-03-21", False, True)
    assert (first["activeUsers"], last["activeUsers"], last["newUsers"]) == (6, 1, 0)
    assert [each["total"] for each in first["byType"]] == [6]
    assert answered["topUsers"]["items"][0] == {
        "count": 2,
        "over": 0,
        "userId": "u0",
        "name": None,
        "charged": 1,
    }
    assert answered["errors"]["items"] == [{"count": 1, "over": 0, "error": "=timeout after # s"}]


def test_generations_are_counted_by_weekday_and_hour() -> None:
    hours = _json(is_admin=True)["hours"]
    saturday, sunday, nine_utc_in_berlin = 5, 6, 10
    assert [len(row) for row in hours] == [24] * 7
    assert hours[saturday][nine_utc_in_berlin] == 6
    assert hours[sunday][nine_utc_in_berlin] == 1
    assert sum(map(sum, hours)) == 7


def test_others_see_counts_rates_engines_and_hours() -> None:
    whole, answered = _json(is_admin=True), _json()
    assert answered.keys() == whole.keys()
    missing = {name for name, value in answered.items() if value is None}
    assert missing == ADMINS_ONLY | {"topUsers"}
    for name in ("activeUsers", "successRate", "hours", "processing", "updatedAt"):
        assert answered[name] == whole[name]
    rows = [
        answered["totals"],
        answered["previous"]["totals"],
        *answered["byType"],
        *answered["byEngine"],
    ]
    assert [row["charged"] for row in [*rows, *answered["days"], answered["change"]]] == [None] * 7
    assert [row["refunded"] for row in [answered["totals"], *answered["days"]]] == [None] * 3
    assert [text for text in PERSONAL if text in json.dumps(answered)] == []
    assert all(text in json.dumps(whole) for text in PERSONAL)


def test_names_are_shown_where_the_feed_shows_them_and_only_of_those_who_let_it() -> None:
    top = _json(names_are_public=True)["topUsers"]
    nobody = {"count": 1, "over": 0, "userId": None, "charged": None}
    assert top["items"] == [{**nobody, "name": "Ann"}, {**nobody, "name": "=Bob"}]
    assert top["rest"] is None


@pytest.mark.parametrize("names_are_public", [True, False])
def test_of_few_users_no_list_is_shown_to_others(names_are_public: bool) -> None:  # noqa: FBT001
    answered = _json(FEWEST_USERS - 1, names_are_public=names_are_public)
    missing = {name for name, value in answered.items() if value is None}
    assert missing == ADMINS_ONLY | BREAKDOWN | {"topUsers"}
    assert answered["totals"]["total"] == FEWEST_USERS
    assert _json(FEWEST_USERS)["byEngine"]


@pytest.mark.parametrize(
    ("active", "is_admin", "named", "expected"),
    [
        (0, True, False, Visibility(is_whole=True, has_breakdown=True, has_names=False)),
        (9, True, True, Visibility(is_whole=True, has_breakdown=True, has_names=False)),
        (4, False, True, Visibility(is_whole=False, has_breakdown=False, has_names=False)),
        (5, False, True, Visibility(is_whole=False, has_breakdown=True, has_names=True)),
        (5, False, False, Visibility(is_whole=False, has_breakdown=True, has_names=False)),
    ],
)
def test_a_view_follows_from_who_asks_and_how_many_were_active(
    active: int,
    is_admin: bool,  # noqa: FBT001
    named: bool,  # noqa: FBT001
    expected: Visibility,
) -> None:
    assert visibility_of(active, is_admin=is_admin, names_are_public=named) == expected


@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_as_many_lines_as_the_answer_has_rows(table: TableName) -> None:
    rows = table_of(_answer(is_admin=True), table)
    assert rows
    lines = list(csv.DictReader(io.StringIO(csv_of(table, rows), newline="")))
    assert [line.keys() for line in lines] == [row.keys() for row in rows]
    numbers = {"days": 2, "hours": 168, "users": 6}
    assert len(lines) == numbers.get(table, 1)


def test_a_table_is_a_spreadsheets_and_has_no_formulas() -> None:
    answer = _answer(is_admin=True)
    days = csv_of("days", table_of(answer, "days") or [])
    assert days == (
        "date,total,success,failed,cancelled,expired,successRate,charged,late,outputs,refunded,"
        "activeUsers,newUsers,isPartial,isFinal\r\n"
        "2027-03-20,6,6,0,0,0,1.0,6,0,6,0,6,6,false,true\r\n"
        "2027-03-21,1,0,1,0,0,0.0,0,0,0,0,1,0,true,false\r\n"
    )
    errors = csv_of("errors", table_of(answer, "errors") or [])
    assert errors == "error,count,over\r\n'=timeout after # s,1,0\r\n"
    users = csv_of("users", table_of(_answer(names_are_public=True), "users") or [])
    assert users == "userId,name,count,charged,over\r\n,Ann,1,,0\r\n,'=Bob,1,,0\r\n"


def test_others_get_the_tables_of_what_they_see() -> None:
    withheld = {table for table in TABLES if table_of(_answer(), table) is None}
    assert withheld == {"models", "plans", "durations", "users", "prompts", "errors"}
    assert table_of(_answer(1), "hours") is None
