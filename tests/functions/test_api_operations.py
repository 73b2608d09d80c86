"""What operators look at: who pays for a generation, who is on a plan, how the jobs went."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.api_requests import NOTE
from tests.functions.app import order
from tests.functions.error_table import details_of
from tests.limit_windows import NAMES
from tests.rpc_counter import Calls, counting
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from tests.functions.app import App

MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)
URL = "https://cdn.example.com/fox.png"


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


def _client(app: App) -> Client:

    from genquota.store import rpc  # noqa: PLC0415 - the client of the functions

    return rpc._client(app.project)


def _begin(app: App, key: str = "key-1", **more: object) -> str:
    return str(app.ask("create_generation", **order(key, **more))["generationId"])


def _succeed(app: App, generation_id: str, **more: object) -> None:
    done = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL, **more}
    app.ask("update_generation", **done)


def _hold(admin: App, generation_id: str) -> Any:  # noqa: ANN401 - JSON
    return admin.get(f"/api/generations/{generation_id}/hold")


def test_a_hold_says_who_pays_and_what_came_back(
    app: App, admin: App, travel: Callable[[datetime], None]
) -> None:
    travel(MONDAY)
    app.ask("check_limit")
    gift = {"credits": 5, "idempotencyKey": "gift", "note": NOTE}
    grant = admin.api("POST", f"/api/users/{app.uid}/grants", gift).json["id"]
    limits = {"limits": {"day": 3}, "note": NOTE}
    assert admin.api("PUT", f"/api/users/{app.uid}/limits", limits).http == 200
    made = _begin(app, count=4)
    hold = _hold(admin, made)
    assert (hold["generationStatus"], hold["requested"]) == ("pending", 4)
    assert (hold["plan"], hold["overage"], hold["charged"], hold["returned"]) == (3, 0, 0, 0)
    assert hold["grants"] == [{"id": grant, "credits": 1, "expiresAt": None}]
    assert {each["window"] for each in hold["windows"]} == set(NAMES)
    assert (hold["userId"], hold["date"], hold["closedAt"]) == (app.uid, "2027-03-15", None)
    assert hold["endsAt"] == "2027-03-15T09:15:00Z"
    travel(MONDAY + timedelta(minutes=1))
    _succeed(app, made)
    hold = _hold(admin, made)
    assert (hold["charged"], hold["returned"], hold["refunded"]) == (4, 0, False)
    assert hold["closedAt"] == "2027-03-15T09:01:00Z"
    assert admin.api("POST", f"/api/generations/{made}/refund", {"note": NOTE}).http == 200
    hold = _hold(admin, made)
    assert (hold["charged"], hold["returned"], hold["refunded"]) == (0, 4, True)


def test_a_record_without_a_hold_has_none(admin: App, db: Client) -> None:
    db.document("userGenerations/of-the-app").set({"userId": "ada"})
    for missing in ("of-the-app", "nowhere"):
        answer = admin.api("GET", f"/api/generations/{missing}/hold")
        details_of(answer, "generation-not-found")


def test_who_hides_their_own_says_nothing_and_who_hides_anothers_says_why(
    app: App, admin: App, db: Client
) -> None:
    own, other = _begin(app, "one"), _begin(app, "two")
    before = contents(db)
    assert app.api("DELETE", f"/api/generations/{own}?dryRun=true").json["changed"] is True
    assert contents(db) == before
    done = app.api("DELETE", f"/api/generations/{own}").json
    assert (done["changed"], done["auditId"]) == (True, None)
    path = f"/api/generations/{other}"
    assert details_of(admin.api("DELETE", path), "invalid-argument")["fields"]
    done = admin.api("DELETE", f"{path}?note=rude").json
    entry = db.document(f"auditLog/{done['auditId']}").get().to_dict() or {}
    assert (entry["action"], entry["userId"], entry["note"]) == ("hide-generation", app.uid, "rude")
    assert entry["after"] == {"generationId": other, "isDeleted": True}
    again = admin.api("DELETE", f"{path}?note=rude").json
    assert (again["changed"], again["auditId"]) == (False, None)


def test_plans_say_how_many_users_are_on_them_to_admins_who_ask(
    app: App, admin: App, db: Client
) -> None:
    plan = f"plan-{app.uid}"
    db.document(f"plans/{plan}").set({"limits": {"period": 5}})
    for number in range(3):
        db.document(f"users/u{number}-{app.uid}").set({"usage": {"planId": plan}})

    def users(caller: App, query: str) -> Any:  # noqa: ANN401 - JSON
        found = caller.get(f"/api/plans?pageSize=100{query}")["items"]
        return next(each["users"] for each in found if each["id"] == plan)

    assert users(admin, "&users=true") == 3
    assert users(admin, "") is None
    assert users(app, "&users=true") is None
    with counting(_client(app)) as calls:
        shown = len(admin.get("/api/plans?pageSize=100&users=true")["items"])
    assert calls.others == {"RunAggregationQuery": shown}


def test_what_if_finds_who_would_be_over_and_writes_nothing(
    app: App, admin: App, db: Client
) -> None:
    plan = f"plan-{app.uid}"
    db.document(f"plans/{plan}").set({"limits": {"period": 5}, "name": "Try"})
    people = [app.of(f"w{number}-{app.uid}") for number in range(3)]
    for used, person in enumerate(people):
        person.ask("check_limit")
        body = {"planId": plan, "note": NOTE}
        assert admin.api("PUT", f"/api/users/{person.uid}/plan", body).http == 200
        for number in range(used + 1):
            _succeed(person, _begin(person, f"key-{number}"))
    eased = {"limits": {"period": 1}, "note": NOTE}
    assert admin.api("PUT", f"/api/users/{people[0].uid}/limits", eased).http == 200
    before = contents(db)
    with counting(_client(app)) as calls:
        answer = admin.api("POST", f"/api/plans/{plan}/what-if", {"limits": {"period": 2}}).json
    assert contents(db) == before
    assert (answer["checked"], answer["cursor"]) == (3, None)
    # The first has a limit of their own, and is refused already; the last is over.
    refused, over = answer["items"]
    assert (refused["userId"], refused["over"]) == (people[1].uid, [])
    assert (refused["reasonBefore"], refused["reason"]) == (None, "quota-exceeded")
    assert over["userId"] == people[2].uid
    assert over["over"] == [
        {"window": "period", "type": None, "taken": 3, "limit": 2, "limitBefore": 5}
    ]
    assert (calls.queries, calls.query_results) == (1, 3)
    first = admin.api("POST", f"/api/plans/{plan}/what-if?pageSize=2", {"limits": {"period": 2}})
    assert (first.json["checked"], len(first.json["items"])) == (2, 1)
    rest = f"/api/plans/{plan}/what-if?pageSize=2&cursor={first.json['cursor']}"
    rest_of = admin.api("POST", rest, {"limits": {"period": 2}}).json
    assert [each["userId"] for each in rest_of["items"]] == [people[2].uid]
    wrong = admin.api("POST", f"/api/plans/{plan}/what-if", {"limits": {"fortnight": 2}})
    details_of(wrong, "invalid-argument")


def test_maintenance_tells_of_the_last_run_and_of_what_waits(
    app: App, admin: App, db: Client, travel: Callable[[datetime], None]
) -> None:
    travel(MONDAY)
    before = admin.get("/api/maintenance")
    _begin(app)
    travel(MONDAY + timedelta(minutes=16))
    event = {"status": "unmatched", "receivedAt": MONDAY}
    db.document(f"webhookEvents/stripe_evt_{app.uid}").set(event)
    fields = admin.get("/api/maintenance")
    assert (fields["stalled"] - before["stalled"]) == 1
    assert (fields["unmatchedEvents"] - before["unmatchedEvents"]) == 1
    assert fields["settings"]["liveFeed"] == "off"
    assert (
        admin.api("POST", "/api/maintenance/reset_periods?dryRun=true", {"note": NOTE}).http == 200
    )
    assert admin.api("POST", "/api/maintenance/expire_generations", {"note": NOTE}).http == 200
    with counting(_client(app)) as calls:
        fields = admin.get("/api/maintenance")
    jobs = {each["job"]: each["lastRun"] for each in fields["jobs"]}
    run = jobs["expire_generations"]
    assert (run["at"], run["ok"], run["byHand"]) == ("2027-03-15T09:16:00Z", True, True)
    assert run["finished"] is run["report"]["finished"] is True
    assert run["report"]["users"] >= 1
    assert (calls.read_rpcs, calls.others) == (1, {"RunAggregationQuery": 2})
    assert calls.documents_read == 3 + len(jobs)  # the caller, the clock, the runs, and each job


def test_a_scheduled_run_is_noted_also_if_it_breaks_off(
    app: App, admin: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genquota.use_cases.jobs import job_table as table  # noqa: PLC0415

    def run() -> Any:  # noqa: ANN401 - JSON
        app.send("daily_statistics", headers={"Content-Type": None, "Authorization": None})
        jobs = {each["job"]: each for each in admin.get("/api/maintenance")["jobs"]}
        return jobs["daily_statistics"]["lastRun"]

    done = run()
    assert (done["ok"], done["byHand"]) == (True, False)

    def break_off(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    jobs: dict[str, object] = {**table.SCHEDULED, "daily_statistics": break_off}
    monkeypatch.setattr(table, "SCHEDULED", jobs)
    assert run()["ok"] is False


def test_a_run_that_finds_drift_is_remembered_when_the_next_finds_none(
    app: App, db: Client, admin: App
) -> None:
    from genquota.domain.policy import Policy  # noqa: PLC0415
    from genquota.store.documents import Clock  # noqa: PLC0415
    from genquota.use_cases.core.context import Context  # noqa: PLC0415
    from genquota.use_cases.jobs.last_runs import JobRun, record_run  # noqa: PLC0415

    context = Context(db, Clock(lambda: MONDAY), Policy())
    record_run(context, JobRun("reconcile", 1.0, {"drifted": 2, "finished": True}))
    later = Context(db, Clock(lambda: MONDAY + timedelta(days=7)), Policy())
    record_run(later, JobRun("reconcile", 1.0, {"drifted": 0, "finished": True}))
    jobs = {each["job"]: each["lastRun"] for each in admin.get("/api/maintenance")["jobs"]}
    run = jobs["reconcile"]
    assert (run["at"], run["driftedAt"], run["drifted"]) == (
        *("2027-03-22T09:00:00Z", "2027-03-15T09:00:00Z"),
        2,
    )
    assert app.uid != admin.uid


def test_the_calls_that_are_counted_are_few(app: App, admin: App) -> None:
    made = _begin(app)
    with counting(_client(app)) as calls:
        _hold(admin, made)
    assert calls == Calls(read_rpcs=1, documents_read=2)
