"""FREE_PLAN_FOR=verified, as tokens come over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import order

if TYPE_CHECKING:
    from tests.functions.app import Answer, App


@pytest.fixture(autouse=True)
def for_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREE_PLAN_FOR", "verified")


def showing(app: App, function: str = "check_limit", **claims: Any) -> Answer:  # noqa: ANN401
    data = order() if function == "create_generation" else {}
    headers = {"Authorization": f"Bearer {app.token(**claims)}"}
    return app.call(function, data, headers=headers)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email_verified": False},
        {"email": None, "email_verified": True},
        {"email": None, "firebase": {"sign_in_provider": "anonymous"}},
    ],
)
def test_who_shows_nothing_verified_has_no_plan_and_is_told_what_to_do(
    app: App, claims: dict[str, Any]
) -> None:
    quota = showing(app, **claims).result
    assert (quota["canGenerate"], quota["reason"]) == (False, "no-plan")
    assert (quota["planId"], quota["limit"], quota["windows"]) == (None, 0, [])
    assert quota["message"] == "Verify your email address or phone number first."
    refused = showing(app, "create_generation", **claims)
    assert (refused.http, refused.reason) == (400, "no-plan")
    assert refused.error["details"] == {"reason": "no-plan", "planId": None}


@pytest.mark.parametrize(
    "claims", [{"email_verified": True}, {"email": None, "phone_number": "+4930901820"}]
)
def test_a_verified_email_or_a_phone_number_brings_the_plan_for_good(
    app: App, claims: dict[str, Any]
) -> None:
    assert showing(app).result["planId"] is None
    assert showing(app, **claims).result["planId"] == "free"
    assert showing(app, "create_generation").result["quota"]["planId"] == "free"
