"""Lists of the API: filters, pages, and cursors that survive what is added and deleted meanwhile."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import order
from tests.functions.error_table import details_of
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App

START = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


def _record(db: Client, uid: str, number: int, **fields: Any) -> str:  # noqa: ANN401 - JSON
    """Write a record as apps had them before Genquota; return its id."""
    record_id = f"r{number:04}-{uid}"
    usual = {
        "userId": uid,
        "type": "image",
        "generationStatus": "success",
        "charged": 1,
        "isDeleted": False,
        "createdAt": START + timedelta(minutes=number),
    }
    db.document(f"userGenerations/{record_id}").set(usual | fields)
    return record_id


def _walk(app: App, path: str, cursor: str | None = "") -> list[str]:
    found = []
    while cursor is not None:
        page = app.get(f"{path}&cursor={cursor}" if cursor else path)
        found += [each["id"] for each in page["items"]]
        cursor = page["cursor"]
    return found


def test_pages_join_to_the_whole_list_newest_first(app: App, db: Client) -> None:
    ids = [_record(db, app.uid, number) for number in range(7)]
    for size in (1, 2, 3, 7, 100):
        assert _walk(app, f"/api/generations?pageSize={size}") == ids[::-1], size


def test_a_cursor_survives_what_is_added_and_deleted(app: App, db: Client) -> None:
    ids = [_record(db, app.uid, number) for number in range(0, 12, 2)]
    first = app.get("/api/generations?pageSize=2")
    assert [each["id"] for each in first["items"]] == [ids[5], ids[4]]
    _record(db, app.uid, 99)
    late = _record(db, app.uid, 5)
    db.document(f"userGenerations/{ids[4]}").delete()
    db.document(f"userGenerations/{ids[1]}").delete()
    rest = _walk(app, "/api/generations?pageSize=2", first["cursor"])
    assert rest == [ids[3], late, ids[2], ids[0]]


def test_equal_times_are_told_apart_by_id(app: App, db: Client) -> None:
    ids = {_record(db, app.uid, number, createdAt=START) for number in range(5)}
    assert _walk(app, "/api/generations?pageSize=2") == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=failed", [3, 1]),
        ("type=video", [2, 1]),
        ("status=failed&type=video", [1]),
        ("since=2027-03-01T00:02:00Z", [3, 2]),
        ("until=2027-03-01T00:02:00Z", [1, 0]),
        ("since=2027-03-01T01:01:00%2B01:00&until=2027-03-01T00:02:00Z", [1]),
        ("status=failed&type=video&since=2027-03-01T00:02:00Z", []),
    ],
)
def test_filters_narrow_the_list(app: App, db: Client, query: str, expected: list[int]) -> None:
    kinds = [("success", "image"), ("failed", "video"), ("success", "video"), ("failed", "image")]
    ids = [
        _record(db, app.uid, number, generationStatus=status, type=type_)
        for number, (status, type_) in enumerate(kinds)
    ]
    assert _walk(app, f"/api/generations?{query}") == [ids[number] for number in expected]


def test_what_is_past_its_hold_is_expired_in_lists_too(app: App, db: Client, travel: Any) -> None:  # noqa: ANN401
    gone = app.ask("create_generation", **order("gone"))["generationId"]
    travel(datetime(2027, 3, 15, 9, 10, tzinfo=UTC))
    open_ = app.ask("create_generation", **order("open"))["generationId"]
    travel(datetime(2027, 3, 15, 9, 20, tzinfo=UTC))
    assert _walk(app, "/api/generations?status=pending") == [open_]
    assert _walk(app, "/api/generations?status=expired") == [gone]
    assert app.get(f"/api/generations/{gone}")["generationStatus"] == "expired"
    assert app.get(f"/api/generations/stats/{app.uid}?since=2027-03-15T00:00:00Z") == {
        "userId": app.uid,
        "since": "2027-03-15T00:00:00Z",
        "total": 2,
        "success": 0,
        "failed": 1,
        "pending": 1,
    }
    assert app.get(f"/api/generations/stats/{app.uid}")["failed"] == 1
    db.document(f"users/{app.uid}").update({"role": "admin"})
    assert gone in _walk(app, "/api/generations/stalled?pageSize=100")
    assert open_ in _walk(app, "/api/generations/stalled?pageSize=100&minutes=5")


def test_nobody_sees_how_a_generation_is_accounted(app: App) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    (listed,) = app.get("/api/generations")["items"]
    assert listed == app.get(f"/api/generations/{generation_id}")
    assert not {"hold", "holdSeconds", "fingerprint"} & listed.keys()


def test_what_is_hidden_is_seen_by_admins_only(app: App, admin: App) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    path = f"/api/generations/{generation_id}"
    first, again = app.api("DELETE", path).json, app.api("DELETE", path).json
    assert first["generationId"] == again["generationId"] == generation_id
    assert (first["before"], again["before"]) == ({"isDeleted": False}, {"isDeleted": True})
    assert first["after"] == again["after"] == {"isDeleted": True}
    details_of(app.api("GET", path), "generation-not-found")
    assert app.get("/api/generations")["items"] == []
    assert admin.get(path)["isDeleted"] is True


def test_an_admin_lists_everybody_or_one(app: App, admin: App, db: Client) -> None:
    own, another = _record(db, app.uid, 1), _record(db, f"x{app.uid}", 2)
    both = _walk(admin, "/api/generations?pageSize=100")
    assert both.index(another) < both.index(own)
    assert _walk(admin, f"/api/generations?userId={app.uid}") == [own]


def test_an_admin_filters_everybodys_by_status_and_type(app: App, admin: App, db: Client) -> None:
    wanted = _record(db, app.uid, 1, generationStatus="failed", type="audio")
    _record(db, app.uid, 2, generationStatus="failed")
    assert wanted in _walk(admin, "/api/generations?status=failed&type=audio&pageSize=100")


def test_users_are_found_by_email_role_and_plan(app: App, admin: App, db: Client) -> None:
    app.ask("check_limit")
    db.document(f"users/{app.uid}").update({"planId": f"plan-{app.uid}"})

    def found(query: str) -> list[str]:
        return [each["userId"] for each in admin.get(f"/api/users?{query}")["items"]]

    assert found(f"email={app.uid}@example.com") == [app.uid]
    assert found(f"planId=plan-{app.uid}&role=user") == [app.uid]
    assert found(f"planId=plan-{app.uid}&role=admin") == []
    assert admin.uid in found("role=admin&pageSize=100")


@pytest.mark.parametrize(
    "stored",
    [
        "ada.lovelace@{}.example",
        "Ada.lovelace@{}.example",
        "Ada.Lovelace@{}.example",
        "ADA.LOVELACE@{}.EXAMPLE",
        "ada.lovelace@Mail.{}.example",
        "Ada.Lovelace@Mail.{}.example",
    ],
)
@pytest.mark.parametrize(
    "typed",
    [
        "ada.lovelace@{}.example",
        "Ada.Lovelace@{}.Example",
        "ADA.LOVELACE@{}.EXAMPLE",
        "%20Ada.lovelace@{}.example%20",
    ],
)
def test_an_email_is_found_without_regard_to_case(
    app: App, admin: App, db: Client, stored: str, typed: str
) -> None:
    mark = secrets.token_hex(6)
    email = stored.format(mark.upper() if "EXAMPLE" in stored else mark)
    if "Mail." in stored:
        typed = typed.replace("@", "@mail.")
    db.document(f"users/{app.uid}").set({"email": email, "planId": "plus"})
    for more in ("", "&planId=plus", "&role=user&planId=plus"):
        expected = [] if "role" in more else [app.uid]
        items = admin.get(f"/api/users?email={typed.format(mark)}{more}")["items"]
        assert [each["userId"] for each in items] == expected


def test_an_email_that_an_app_wrote_in_any_case_is_found_as_typed_and_after_the_next_write(
    app: App, admin: App, db: Client
) -> None:
    mark = secrets.token_hex(6)
    odd, plain = f"aDa@{mark}.Example", f"ada@{mark}.example"
    db.document(f"users/{app.uid}").set({"email": odd})

    def found(email: str) -> list[str]:
        return [each["userId"] for each in admin.get(f"/api/users?email={email}")["items"]]

    assert (found(odd), found(plain)) == ([app.uid], [])
    headers = {"Authorization": f"Bearer {app.token(email=None)}"}
    app.call("create_generation", order(), headers=headers)
    assert (found(odd), found(plain)) == ([app.uid], [app.uid])


def test_users_of_one_email_in_several_spellings_come_page_by_page(
    app: App, admin: App, db: Client
) -> None:
    mark = secrets.token_hex(6)
    for n, local in enumerate(["ada", "Ada", "ADA", "ada"]):
        domain = f"{mark}.example" if local != "ADA" else f"{mark}.example".upper()
        db.document(f"users/{app.uid}-{n}").set({"email": f"{local}@{domain}"})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = admin.get(f"/api/users?email=ADA@{mark}.example&pageSize=1{more}")
        seen += [each["userId"] for each in page["items"]]
        cursor = page["cursor"]
    assert seen == [f"{app.uid}-{n}" for n in range(4)]


def test_subscriptions_are_found_by_status_plan_and_end(app: App, admin: App, db: Client) -> None:
    plan = f"plan-{app.uid}"
    for number, status in enumerate(["active", "canceled", "active"]):
        end = None if number == 2 else START + timedelta(days=number)
        fields = {"userId": app.uid, "planId": plan, "status": status, "currentPeriodEnd": end}
        db.document(f"subscriptions/s{number}-{app.uid}").set(fields)
    ids = [f"s{number}-{app.uid}" for number in range(3)]
    assert _walk(admin, f"/api/subscriptions?planId={plan}&pageSize=1") == [ids[2], ids[0], ids[1]]
    assert _walk(admin, f"/api/subscriptions?planId={plan}&status=active") == [ids[2], ids[0]]
    before = "endsBefore=2027-03-02T00:00:00Z"
    assert _walk(admin, f"/api/subscriptions?planId={plan}&{before}") == [ids[0]]
    assert ids[0] in _walk(admin, f"/api/subscriptions?status=active&{before}&pageSize=100")
    assert ids[1] in _walk(admin, "/api/subscriptions?pageSize=100")
    assert _walk(app, f"/api/users/{app.uid}/subscriptions?pageSize=2") == ids


def test_the_audit_log_is_newest_first_and_found_by_user(app: App, admin: App) -> None:
    app.ask("check_limit")
    for zone in ("Asia/Tokyo", "Europe/Rome"):
        body = {"timezone": zone, "note": "moved"}
        admin.api("PUT", f"/api/users/{app.uid}/timezone", body)
    newest, oldest = admin.get(f"/api/audit-log?userId={app.uid}")["items"]
    assert newest["after"] == {"timezone": "Europe/Rome"}
    assert oldest["after"] == {"timezone": "Asia/Tokyo"}
    assert len(_walk(admin, f"/api/audit-log?userId={app.uid}&pageSize=1")) == 2
    assert (
        _walk(admin, "/api/audit-log?since=2000-01-01T00:00:00Z&until=2001-01-01T00:00:00Z") == []
    )


def test_plans_are_those_in_store_and_those_shipped(app: App, admin: App, db: Client) -> None:
    db.document("plans/a-first").set({"limits": {"day": 3}})
    db.document("plans/b-retired").set({"limits": {"day": 3}, "active": False})
    plans = {each["id"]: each for each in app.get("/api/plans?pageSize=100")["items"]}
    assert plans.keys() >= {"a-first", "free", "plus", "pro"}
    assert "b-retired" not in plans
    assert plans["a-first"]["period"] == {"unit": "month", "count": 1, "anchor": "subscription"}
    assert {"a-first", "b-retired", "free"} <= set(_walk(admin, "/api/plans?pageSize=1"))


@pytest.mark.parametrize(
    "query",
    [
        "pageSize=0",
        "pageSize=101",
        "pageSize=1.5",
        "pageSize=1_0",
        "pageSize=",
        "pageSize=1&pageSize=2",
        "cursor=nonsense",
        "cursor=",
        "status=done",
        "type=poem",
        "since=yesterday",
        "since=2027-03-01",
        "since=2027-03-01T00:00:00",
        "since=2027-02-30T00:00:00Z",
        "until=2027-03-01T00:00:00+01:00",
        "userId=a/b",
        "colour=red",
    ],
)
def test_a_query_that_means_nothing_is_refused(app: App, query: str) -> None:
    assert details_of(app.api("GET", f"/api/generations?{query}"), "invalid-argument")["fields"]


def test_a_list_costs_one_read_of_the_caller_and_one_query(app: App, db: Client) -> None:

    app.ask("check_limit")
    for number in range(5):
        _record(db, app.uid, number)
    from genquota.store import rpc  # noqa: PLC0415 - the client of the functions

    client = rpc._client(app.project)
    with counting(client) as calls:
        app.get("/api/generations?pageSize=3")
    assert calls == Calls(read_rpcs=1, documents_read=1, queries=1, query_results=4)
    with counting(client) as calls:
        app.get(f"/api/generations/r0001-{app.uid}")
    assert calls == Calls(read_rpcs=1, documents_read=2)
    with counting(client) as calls:
        app.get(f"/api/usage-tracking/comprehensive/{app.uid}")
        app.get(f"/api/generations/stats/{app.uid}")
    assert (calls.read_rpcs, calls.rpcs) == (2, 2)
    with counting(client) as calls:
        app.get(f"/api/generations/stats/{app.uid}?since=2027-01-01T00:00:00Z")
    assert (calls.read_rpcs, calls.others) == (1, {"RunAggregationQuery": 3})
