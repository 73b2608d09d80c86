"""Null means that something is not given: as a whole, and in every field that may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from genquota.messages.requests import callable_requests as requests
from genquota.messages.requests import report_requests, user_requests
from genquota.messages.requests import self_service_requests as own_requests
from tests.functions.api_requests import BODIES, NOTE
from tests.functions.app import order
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from google.cloud.firestore import Client
    from pydantic import BaseModel

    from tests.functions.app import App

WITHOUT_ARGUMENT = (
    "check_limit",
    "get_usage",
    "update_profile",
    "export_my_data",
    "delete_my_data",
)
NEED_FIELDS = {
    "create_generation": ["idempotencyKey", "type", "promptId", "promptText"],
    "update_generation": ["generationId", "generationStatus"],
    "delete_generation": ["generationId"],
    "register_device": ["token", "platform"],
}


@pytest.fixture
def admin(deployment: App, db: Client) -> App:
    db.document("users/root").set({"role": "admin"})
    return deployment.of("root")


@pytest.mark.parametrize("function", WITHOUT_ARGUMENT)
def test_a_call_without_argument_is_a_call_with_no_fields(app: App, function: str) -> None:
    called = app.call(function, None).result
    other = app.of(f"{app.uid}-2").call(function, {}).result
    assert called.keys() == other.keys()
    assert called.get("userId", app.uid) == app.uid


@pytest.mark.parametrize(("function", "fields"), NEED_FIELDS.items())
def test_a_call_without_argument_is_told_what_it_lacks(
    app: App, function: str, fields: list[str]
) -> None:
    answers = details_of(app.call(function, None), "invalid-argument")["fields"]
    assert [each["path"] for each in answers] == fields


def _optional(model: type[BaseModel]) -> dict[str, None]:
    fields = model.model_fields
    return {each.alias or name: None for name, each in fields.items() if not each.is_required()}


@pytest.mark.parametrize(
    ("function", "model", "needed"),
    [
        ("check_limit", user_requests.CheckLimit, {}),
        ("create_generation", requests.CreateGeneration, order()),
        ("get_usage", user_requests.GetUsage, {}),
        ("export_my_data", own_requests.ExportMyData, {}),
        ("register_device", own_requests.RegisterDevice, {"token": "t", "platform": "ios"}),
        ("delete_my_data", own_requests.DeleteMyData, {}),
    ],
)
def test_null_in_each_optional_field_of_a_callable_is_as_good_as_none(
    app: App, function: str, model: type[BaseModel], needed: dict[str, Any]
) -> None:
    asked = {**_optional(model), **needed}
    assert asked.keys() > needed.keys()
    values = app.call(function, asked).result
    other = app.of(f"{app.uid}-2").call(function, needed).result
    assert values.keys() == other.keys()


def test_null_in_each_optional_field_of_a_report_is_as_good_as_none(app: App, db: Client) -> None:
    opened = app.ask("create_generation", **order(count=2))["generationId"]
    output = {**_optional(report_requests.Output), "url": "https://cdn.example.com/1.png"}
    report = {"generationId": opened, "generationStatus": "success", "outputs": [output]}
    done = app.ask("update_generation", **{**_optional(report_requests.UpdateGeneration), **report})
    assert (done["generationStatus"], done["charged"]) == ("success", 2)
    stored = db.document(f"userGenerations/{opened}").get().to_dict() or {}
    assert stored["outputs"] == [{"url": "https://cdn.example.com/1.png"}]
    assert not {"errorMessage", "outputCount"} & stored.keys()


def test_null_clears_a_profile_as_it_always_did(app: App) -> None:
    app.ask("update_profile", displayName="Ann", preferences={"locale": "de", "theme": "dark"})
    assert app.ask("update_profile", preferences={"theme": None})["preferences"] == {
        "locale": "de",
        "theme": None,
    }
    cleared = app.ask("update_profile", displayName=None, preferences=None)
    assert (cleared["displayName"], cleared["preferences"]) == (None, {})


def test_null_is_not_given_in_bodies_of_the_api_either(app: App, admin: App, db: Client) -> None:
    app.ask("check_limit")
    tracked = ("idempotencyKey", "type", "credits", "promptId", "promptText", "engine", "quality",
               "count", "outputs", "metadata")  # fmt: skip
    path = f"/api/usage-tracking/track-generation/{app.uid}"
    assert admin.api("POST", path, dict.fromkeys(tracked)).json["charged"] == 1
    user = f"/api/users/{app.uid}"
    gift = {"credits": 5, "purchased": None, "expiresAt": None, "idempotencyKey": None}
    given = admin.api("POST", f"{user}/grants", {**gift, "note": NOTE}).json["id"]
    assert db.document(f"{user[5:]}/grants/{given}").get().get("purchased") is False
    plan = {"planId": "plus", "now": None, "expiresAt": None, "note": NOTE}
    assert admin.api("PUT", f"{user}/plan", plan).json["after"]["planId"] == "plus"
    sold = dict.fromkeys(
        ("status", "currentPeriodStart", "currentPeriodEnd", "anchor", "cancelAtPeriodEnd")
    )
    sold_path = f"{user}/subscriptions/s-{app.uid}"
    answer = admin.api("PUT", sold_path, {**sold, "planId": "pro", "note": NOTE}).json
    assert answer["after"]["status"] == "active"
    ended = admin.api("DELETE", sold_path, {"note": NOTE, "dryRun": None}).json
    assert (ended["dryRun"], ended["changed"]) == (False, True)


def test_null_is_not_given_in_a_plan(admin: App, db: Client) -> None:
    values = {
        "limits": {"day": 3, "week": None, "month": None, "period": None},
        "limitsByType": {"video": None, "image": {"day": 2, "week": None}},
        "rates": {"minute": None, "hour": 5, "maxOpen": None},
        "prices": [
            {"credits": 2, "type": None, "engine": None, "quality": None, "holdSeconds": None}
        ],
        "period": {"unit": None, "count": None, "anchor": None},
        "products": {"stripe": None, "revenuecat": ["a"]},
        **dict.fromkeys(("name", "tier", "rank", "active", "overage", "trialDays", "version")),
    }
    admin.api("PUT", "/api/plans/nulls", {**values, "note": NOTE}).json  # noqa: B018 - it must not refuse
    stored = db.document("plans/nulls").get().to_dict() or {}
    assert (stored["limits"], stored["limitsByType"]) == ({"day": 3}, {"image": {"day": 2}})
    assert (stored["rates"], stored["products"]) == ({"hour": 5}, {"revenuecat": ["a"]})
    assert stored["active"] is True


def test_null_in_limits_of_a_user_still_removes(app: App, admin: App) -> None:
    app.ask("check_limit")
    path = f"/api/users/{app.uid}/limits"
    admin.api("PUT", path, {"limits": {"day": 5}, "overage": 2, "note": NOTE})
    removed = admin.api("PUT", path, {"limits": {"day": None}, "note": NOTE}).json
    days = [row for row in removed["quota"]["windows"] if row["window"] == "day"]
    assert [row["limit"] for row in days] == [-1]


def test_every_body_may_say_null_for_all_that_it_may_leave_out(app: App, admin: App) -> None:
    """The OpenAPI document says so, field by field."""
    described = admin.get("/api/openapi.json")
    for method, pattern in BODIES:
        content = described["paths"][f"/api{pattern}"][method.lower()]["requestBody"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = described["components"]["schemas"][name]
        for field, values in schema["properties"].items():
            if field not in schema.get("required", []):
                assert {"type": "null"} in values["anyOf"], (name, field)
    assert app.uid
