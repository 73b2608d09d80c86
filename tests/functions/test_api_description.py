"""The OpenAPI document says what is so: schemathesis tries each route by it, and by what it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from functions_framework import create_app
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from schemathesis import GenerationMode

from genquota.messages.requests.queries import Nothing
from tests.functions.api_requests import ROUTES, name_of
from tests.functions.app import MAIN

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from genquota.triggers.api.routes import Route
    from tests.functions.app import App

EXAMPLES = 12
"""Of each kind for each route: all in all about a minute."""
UNTOLD = {
    "/users/{userId}/export": {"cursor"},
    "/users/{userId}/timeline": {"cursor"},
    "/plans/{planId}": {"version"},
    "/usage-tracking/can-generate/{userId}": {"at"},
    "/usage-tracking/comprehensive/{userId}": {"at"},
    "/analytics": {"from", "to", "format"},
}
"""What no schema can tell: which cursors were given out, which version a plan has by now, what time it is,
and which names go together."""


@pytest.fixture(scope="module")
def admin(deployment: App, db: Client) -> App:
    db.document("users/root").set({"role": "admin"})
    return deployment.of("root")


@pytest.fixture(scope="module")
def described(admin: App) -> Any:  # noqa: ANN401 - JSON
    return admin.get("/api/openapi.json")


@pytest.fixture(scope="module")
def schema(admin: App) -> Any:  # noqa: ANN401 - the library's own
    client_of = create_app("api", str(MAIN))  # type: ignore[no-untyped-call]
    assert admin.uid == "root"
    return schemathesis.openapi.from_wsgi("/api/openapi.json", client_of)


def test_the_defaults_of_a_query_are_described(described: Any) -> None:  # noqa: ANN401 - JSON
    parameters = described["paths"]["/api/generations"]["get"]["parameters"]
    defaults = {each["name"]: each["schema"].get("default") for each in parameters}
    assert (defaults["pageSize"], defaults["cursor"]) == (20, None)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_each_route_is_what_the_document_says(
    schema: Any,  # noqa: ANN401
    admin: App,
    route: Route,
    mode: GenerationMode,
) -> None:
    if mode is GenerationMode.NEGATIVE and route.path is route.query is Nothing:
        return  # whatever is sent to it is right
    operation = schema[f"/api{route.pattern}"][route.method]

    @seed(4711)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def try_it(case: Any) -> None:  # noqa: ANN401
        # The framework itself answers these, before the function is asked.
        assume("%0A" not in "".join(map(str, case.path_parameters.values())))
        if mode is GenerationMode.POSITIVE:
            if isinstance(case.body, dict) and case.body.get("timezone"):
                case.body["timezone"] = "Asia/Tokyo"  # which names are zones, no schema can tell
            fields = {**(case.query or {}), **(case.body if isinstance(case.body, dict) else {})}
            assume(not UNTOLD.get(route.pattern, set()) & fields.keys())
        case.call_and_validate(headers={"Authorization": f"Bearer {admin.token()}"})

    try_it()
