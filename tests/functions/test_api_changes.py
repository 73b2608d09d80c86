"""What operators change through the API: each change noted, tried first, and made once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.api_requests import BODIES, NOTE, QUERIES, ROUTES, name_of, path_values, send
from tests.functions.app import order
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

    from genquota.triggers.api.routes import Route
    from tests.functions.app import App

pytestmark = pytest.mark.usefixtures("travel")

CHANGES = [route for route in ROUTES if "dryRun" in str(route.query.model_json_schema())]


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    uid = f"admin-{secrets.token_hex(6)}"
    db.document(f"users/{uid}").set({"role": "admin"})
    return deployment.of(uid)


@pytest.fixture
def names(app: App, admin: App, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give a user with a generation, which is in the live feed, and a grant."""
    monkeypatch.setenv("LIVE_FEED", "anonymous")
    return path_values(app, admin)


@pytest.mark.parametrize("route", CHANGES, ids=name_of)
def test_a_dry_run_answers_and_writes_nothing(
    admin: App, db: Client, names: dict[str, str], route: Route
) -> None:
    before = contents(db)
    answer = send(admin, route, names, query="dryRun=true").json
    assert (answer["dryRun"], answer["auditId"]) == (True, None)
    assert contents(db) == before


@pytest.mark.parametrize("route", CHANGES, ids=name_of)
def test_a_change_leaves_one_audit_entry_with_its_note(
    admin: App, db: Client, names: dict[str, str], route: Route
) -> None:
    if route.pattern.endswith("/restore"):  # only who was deleted can be
        assert admin.api("DELETE", f"/api/users/{names['userId']}?note=asked").json["finished"]
    before = contents(db)
    answer = send(admin, route, names).json
    added = contents(db).keys() - before.keys()
    (entry,) = (path for path in added if path.startswith("auditLog/"))
    assert entry == f"auditLog/{answer['auditId']}"
    (values,) = (each for each in _audit_log(admin) if each["id"] == answer["auditId"])
    assert (values["actorId"], values["note"]) == (admin.uid, NOTE)
    is_of_all = "{job}" in route.pattern or "{planId}" in route.pattern
    assert values["userId"] == (None if is_of_all else names["userId"])


@pytest.mark.parametrize("route", CHANGES, ids=name_of)
@pytest.mark.parametrize("note", [None, "  "])
def test_a_change_without_a_sensible_note_is_refused(
    admin: App, names: dict[str, str], route: Route, note: str | None
) -> None:
    key = (route.method, route.pattern)
    if route.body:
        answer = send(admin, route, names, body={**BODIES[key], "note": note})
    else:
        assert QUERIES[key].startswith("?note=")
        answer = send(admin, route, names, query=None if note is None else f"note={note}")
    fields = details_of(answer, "invalid-argument")["fields"]
    assert "note" in {each["path"] for each in fields}


@pytest.mark.parametrize("dry_run", ["True", "1", "yes", ""])
def test_a_dry_run_that_is_misspelt_changes_nothing(
    admin: App, app: App, db: Client, dry_run: str
) -> None:
    app.ask("check_limit")
    before = contents(db)
    body = {"planId": "plus", "note": NOTE}
    answer = admin.api("PUT", f"/api/users/{app.uid}/plan?dryRun={dry_run}", body)
    details_of(answer, "invalid-argument")
    assert contents(db) == before


def test_a_plan_is_tried_and_then_set(admin: App, app: App) -> None:
    app.ask("check_limit")
    body = {"planId": "plus", "note": NOTE}
    tried = admin.api("PUT", f"/api/users/{app.uid}/plan?dryRun=true", body).json
    assert (tried["quotaBefore"]["limit"], tried["quota"]["limit"]) == (10, 100)
    assert app.ask("check_limit")["limit"] == 10
    done = admin.api("PUT", f"/api/users/{app.uid}/plan", body).json
    assert (done["action"], done["changed"]) == ("set-plan", True)
    assert (done["before"]["planId"], done["after"]["planId"]) == (None, "plus")
    assert app.ask("check_limit")["limit"] == 100
    again = admin.api("PUT", f"/api/users/{app.uid}/plan", body).json
    assert (again["changed"], again["auditId"]) == (False, None)


def test_plan_not_found(admin: App, app: App) -> None:
    app.ask("check_limit")
    body = {"planId": "no-such-plan", "note": NOTE}
    details_of(admin.api("PUT", f"/api/users/{app.uid}/plan", body), "plan-not-found")


def test_limits_go_up_and_down_and_null_gives_the_plans_word_back(admin: App, app: App) -> None:
    def set_limits(**terms: Any) -> Any:  # noqa: ANN401 - JSON
        return admin.api("PUT", f"/api/users/{app.uid}/limits", {**terms, "note": NOTE}).json

    app.ask("check_limit")
    set_limits(limits={"period": 3, "day": 2}, rates={"maxOpen": 1})
    seen = admin.get(f"/api/users/{app.uid}")
    assert seen["overrides"][0]["limits"] == {"period": 3, "day": 2}
    assert (seen["usage"]["limit"], seen["overrides"][0]["rates"]) == (2, {"maxOpen": 1})
    set_limits(limits={"period": None, "day": None}, expiresAt="2027-03-16T00:00:00Z")
    assert app.ask("check_limit")["limit"] == 10


def test_grants_are_given_listed_and_taken_back(admin: App, app: App) -> None:
    app.ask("check_limit")
    gifts = f"/api/users/{app.uid}/grants"
    first = {"credits": 7, "idempotencyKey": "first", "note": NOTE}
    given = admin.api("POST", gifts, first).json
    assert admin.api("POST", gifts, first).json["id"] == given["id"]
    assert given["quota"]["grants"] == {"remaining": 7}
    second = {"credits": 2, "note": NOTE, "expiresAt": "2027-04-01T00:00:00Z", "purchased": True}
    admin.api("POST", gifts, second)
    listed = {each["credits"]: each for each in admin.get(gifts)["items"]}
    assert listed.keys() == {2, 7}
    assert (listed[2]["purchased"], listed[2]["expiresAt"]) == (True, "2027-04-01T00:00:00Z")
    assert (listed[7]["id"], listed[7]["used"], listed[7]["remaining"]) == (given["id"], 0, 7)
    assert listed[7]["givenBy"] == admin.uid
    another = admin.api("POST", gifts, {**first, "credits": 8})
    assert another.error["details"] == {"reason": "idempotency-mismatch", "grantId": given["id"]}
    taken = admin.api("DELETE", f"{gifts}/{given['id']}", {"note": NOTE}).json
    assert (taken["action"], taken["before"]["unspent"]) == ("revoke-grant", 7)
    listed = {each["credits"]: each for each in admin.get(gifts)["items"]}
    assert (listed[2]["remaining"], listed[7]["remaining"]) == (2, 0)
    details_of(admin.api("DELETE", f"{gifts}/nothing?note=x"), "not-found")


def test_a_job_runs_by_hand_and_tells_what_it_did(admin: App) -> None:
    ran = admin.api("POST", "/api/maintenance/expire_generations", {"note": NOTE}).json
    assert (ran["job"], ran["report"]["finished"], ran["report"]["failed"]) == (
        "expire_generations",
        True,
        0,
    )
    details_of(admin.api("POST", "/api/maintenance/no_such_job", {"note": NOTE}), "not-found")


def test_a_deleted_user_is_restored_and_signs_up_again_with_what_was_left(
    admin: App, app: App, db: Client
) -> None:
    app.ask("create_generation", **order())
    assert app.ask("delete_my_data")["finished"]
    path, body = f"/api/users/{app.uid}/restore", {"note": NOTE}
    db.document(f"deletions/{app.uid}").set({"userId": app.uid})
    refused = admin.api("POST", path, body)
    assert (refused.http, refused.reason) == (403, "not-allowed")
    assert "not finished" in refused.error["message"]
    assert admin.api("DELETE", f"/api/users/{app.uid}?note=on").json["finished"]
    assert app.call("check_limit", {}).reason == "account-deleted"
    tried = admin.api("POST", f"{path}?dryRun=true", body).json
    assert (tried["changed"], tried["auditId"]) == (True, None)
    assert app.call("check_limit", {}).reason == "account-deleted"
    done = admin.api("POST", path, body).json
    assert (done["action"], done["userId"], done["changed"]) == ("restore-user", app.uid, True)
    assert (done["before"], done["after"]) == ({"isDeleted": True}, {"isDeleted": False})
    assert (done["quota"]["used"], done["quota"]["canGenerate"]) == (1, True)
    assert app.ask("check_limit")["used"] == 1
    again = admin.api("POST", path, body).json
    assert (again["changed"], again["auditId"]) == (False, None)


def test_a_change_of_nobody_is_not_found(admin: App, db: Client) -> None:
    before = contents(db)
    answer = admin.api("PUT", "/api/users/no-such-user/role", {"role": "admin", "note": NOTE})
    details_of(answer, "user-not-found")
    assert contents(db) == before


def _audit_log(admin: App) -> Iterator[dict[str, Any]]:
    """Give all entries: the module's are more than a page, and all of one instant."""
    cursor: str | None = ""
    while cursor is not None:
        page = admin.get(f"/api/audit-log?pageSize=100{cursor and f'&cursor={cursor}'}")
        yield from page["items"]
        cursor = page["cursor"]
