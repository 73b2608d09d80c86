"""Services and admins name other users and credits; users name themselves, and pay the price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import CALLABLES, App, order
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

URL = "https://cdn.example.com/fox.png"


@pytest.fixture(params=["service", "admin"])
def robot(request: pytest.FixtureRequest, db: Client, deployment: App) -> App:
    """Give an app whose user may act for others."""
    uid = f"robot-{request.param}"
    db.document(f"users/{uid}").set({"role": request.param})
    return deployment.of(uid)


OWN = ("register_device", "export_my_data", "delete_my_data")
FOR_OTHERS = [function for function in CALLABLES if function not in OWN]
"""What is users' own is not for services either; operators have the HTTP API, which asks for a note."""


def _requests(generation_id: str) -> dict[str, dict[str, Any]]:
    return {
        "check_limit": {"type": "audio"},
        "create_generation": order("another"),
        "update_generation": {"generationId": generation_id, "generationStatus": "failed"},
        "get_usage": {},
        "delete_generation": {"generationId": generation_id},
        "update_profile": {"displayName": "Ann"},
        "register_device": {"token": "a-token", "platform": "web"},
        "export_my_data": {},
        "delete_my_data": {},
    }


@pytest.mark.parametrize("function", CALLABLES)
def test_a_user_may_name_themselves(app: App, function: str) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    app.ask(function, userId=app.uid, **_requests(generation_id)[function])


@pytest.mark.parametrize("function", CALLABLES)
def test_a_user_may_name_nobody_else(app: App, db: Client, function: str) -> None:
    ann = app.of(f"ann-{app.uid}")
    generation_id = ann.ask("create_generation", **order())["generationId"]
    before = contents(db)
    for other in (ann.uid, "who-never-called"):
        data = {"userId": other, **_requests(generation_id)[function]}
        details_of(app.call(function, data), "not-allowed")
    assert contents(db) == before


@pytest.mark.parametrize("function", FOR_OTHERS)
def test_a_service_may_name_any_user(app: App, robot: App, function: str) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    robot.ask(function, userId=app.uid, **_requests(generation_id)[function])


@pytest.mark.parametrize("function", FOR_OTHERS)
def test_a_service_may_not_name_a_user_who_does_not_exist(
    app: App, robot: App, db: Client, function: str
) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    before = contents(db)
    data = {"userId": "who-never-called", **_requests(generation_id)[function]}
    details_of(robot.call(function, data), "user-not-found")
    assert contents(db) == before


def test_what_a_service_opens_is_the_users_own(app: App, robot: App) -> None:
    app.ask("check_limit")
    opened = robot.ask("create_generation", userId=app.uid, **order())
    assert (opened["quota"]["userId"], opened["quota"]["reserved"]) == (app.uid, 1)
    assert app.ask("create_generation", **order()) == {**opened, "replayed": True}


def test_a_service_reports_without_naming_the_user(app: App, robot: App) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": URL}
    quota = robot.ask("update_generation", **report)["quota"]
    assert (quota["userId"], quota["used"]) == (app.uid, 1)


def test_a_service_names_the_credits(app: App, robot: App) -> None:
    app.ask("check_limit")
    assert robot.ask("check_limit", userId=app.uid, credits=7)["creditsNeeded"] == 7
    dear = robot.ask("create_generation", userId=app.uid, credits=7, **order("dear", count=2))
    assert (dear["credits"], dear["quota"]["reserved"]) == (7, 7)
    free = robot.ask("create_generation", userId=app.uid, credits=0, **order("free"))
    assert (free["credits"], free["quota"]["reserved"]) == (0, 7)


@pytest.mark.parametrize("credits", [0, 1, 7])
def test_a_user_may_not_name_credits(app: App, db: Client, credits: int) -> None:
    before = contents(db)
    details_of(app.call("check_limit", {"credits": credits}), "not-allowed")
    details_of(app.call("create_generation", order(credits=credits)), "not-allowed")
    assert contents(db) == before


@pytest.mark.parametrize("function", ["update_generation", "delete_generation"])
def test_another_users_generation_is_not_found(app: App, db: Client, function: str) -> None:
    generation_id = app.of(f"ann-{app.uid}").ask("create_generation", **order())["generationId"]
    app.ask("check_limit")
    before = contents(db)
    data = _requests(generation_id)[function]
    details_of(app.call(function, data), "generation-not-found")
    details_of(app.call(function, {**data, "userId": app.uid}), "generation-not-found")
    assert contents(db) == before


def test_a_role_in_the_token_is_none(app: App) -> None:
    headers = {"Authorization": f"Bearer {app.token(role='admin', admin=True)}"}
    answer = app.call("get_usage", {"userId": "somebody"}, headers=headers)
    details_of(answer, "not-allowed")


def test_a_demoted_admin_is_refused_on_the_next_call(app: App, db: Client) -> None:
    ann = f"ann-{app.uid}"
    db.document(f"users/{ann}").set({"role": "user"})
    db.document(f"users/{app.uid}").set({"role": "admin"})
    app.ask("get_usage", userId=ann)
    db.document(f"users/{app.uid}").update({"role": "user"})
    details_of(app.call("get_usage", {"userId": ann}), "not-allowed")
