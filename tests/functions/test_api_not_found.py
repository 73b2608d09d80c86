"""What is not there, and what no route takes, is refused as the contract says, whatever its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from tests.functions.app import App

NO_ROUTE = [
    "/api",
    "/api/",
    "/api/nope",
    "/api/users/",
    "/api/users/a%2Fb",
    "/api/users//grants",
    "/api/plans/",
    "/api/generations/a/b/c",
    "/apix",
    "/robots.txt",
]
NO_ID = [
    "/api/users/a%0Ab",
    "/api/users/%0A",
    "/api/generations/a%0D%0Ab",
    "/api/users/" + "x" * 3000,
    "/api/generations/..",
    "/api/users/%00",
]


@pytest.mark.parametrize("path", NO_ROUTE)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_what_no_route_takes_is_not_found(app: App, path: str, method: str) -> None:
    assert details_of(app.api(method, path), "not-found") == {}


@pytest.mark.parametrize("path", NO_ID)
def test_an_id_that_can_be_none_is_refused_with_a_reason(app: App, path: str) -> None:
    (field,) = details_of(app.api("GET", path), "invalid-argument")["fields"]
    assert field["path"] in {"userId", "generationId"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/plans", "GET, HEAD"),
        ("/api/users/a%0Ab/role", "PUT"),
        ("/api/health", "GET, HEAD"),
    ],
)
def test_a_wrong_method_says_which_are_right(app: App, path: str, allowed: str) -> None:
    answer = app.api("POST", path)
    assert (answer.http, answer.headers["Allow"]) == (405, allowed)
    assert answer.error["details"]["reason"] == "invalid-argument"
