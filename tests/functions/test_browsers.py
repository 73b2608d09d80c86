"""CORS: a page of any origin may call the functions, and may read why it was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functions.app import CALLABLES, App
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.captured_logs import CapturedLogs

PAGE = "https://app.example.com"
NO_TOKEN = {"Authorization": None, "Origin": PAGE}


@pytest.mark.parametrize("function", CALLABLES)
def test_a_preflight_is_allowed_and_runs_nothing(
    app: App, db: Client, captured_logs: CapturedLogs, function: str
) -> None:
    headers = {
        **NO_TOKEN,
        "Content-Type": None,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-firebase-appcheck",
    }
    answer = app.send(function, method="OPTIONS", headers=headers)
    assert (answer.http, answer.text) == (200, "")
    allowed = {
        name: answer.headers[f"Access-Control-Allow-{name}"]
        for name in ("Origin", "Methods", "Headers")
    }
    assert allowed["Origin"] in ("*", PAGE)
    assert allowed["Methods"] == "POST"
    assert set(allowed["Headers"].lower().split(", ")) == {
        "authorization",
        "content-type",
        "x-firebase-appcheck",
    }
    assert captured_logs.lines == []
    assert contents(db) == {}


@pytest.mark.parametrize("function", CALLABLES)
def test_refusals_are_readable_in_a_browser_however_early(app: App, function: str) -> None:
    early = {
        "not JSON": app.send(function, b"{", headers={"Origin": PAGE}),
        "too large": app.send(function, b" " * 200_000, headers={"Origin": PAGE}),
        "GET": app.send(function, method="GET", headers={"Origin": PAGE}),
        "extra fields": app.send(function, b'{"data": {}, "a": 1}', headers={"Origin": PAGE}),
        "signed out": app.call(function, {}, headers=NO_TOKEN),
        "no token": app.call(function, {}, headers={"Authorization": "Bearer x", "Origin": PAGE}),
        "bad field": app.call(function, {"colour": "red"}, headers={"Origin": PAGE}),
    }
    for name, answer in early.items():
        assert answer.reason in ("invalid-argument", "not-signed-in"), name
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", PAGE), name
        assert "Access-Control-Allow-Credentials" not in answer.headers, name


def test_answers_are_readable_in_a_browser(app: App) -> None:
    answer = app.call("check_limit", {}, headers={"Origin": PAGE})
    assert answer.result["canGenerate"] is True
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", PAGE)
    assert answer.headers["Content-Type"] == "application/json"


def test_a_preflight_that_asks_for_another_method_is_not_told_yes(app: App) -> None:
    headers = {**NO_TOKEN, "Access-Control-Request-Method": "DELETE"}
    answer = app.send("delete_generation", method="OPTIONS", headers=headers)
    assert "DELETE" not in answer.headers.get("Access-Control-Allow-Methods", "")
    details_of(app.send("delete_generation", method="DELETE"), "invalid-argument")
