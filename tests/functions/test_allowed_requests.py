"""Requests that look odd and are right."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functions.app import App

MOST = 128 * 1024


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;"]
)
def test_json_by_other_names_is_understood(app: App, content_type: str) -> None:
    answer = app.call("check_limit", {}, headers={"Content-Type": content_type})
    assert answer.result["canGenerate"] is True


@pytest.mark.parametrize("path", ["/", "/check_limit", "/a/b?c=d"])
def test_any_path_leads_to_the_function(app: App, path: str) -> None:
    assert app.call("check_limit", {}, path=path).result["canGenerate"] is True


def test_a_body_of_128_kb_is_understood(app: App) -> None:
    body = b'{"data": {}}'.ljust(MOST)
    assert app.send("check_limit", body).result["canGenerate"] is True


def test_a_token_says_who_calls_whatever_the_body_says(app: App) -> None:
    assert app.ask("check_limit")["userId"] == app.uid
    answer = app.send("check_limit", json.dumps({"data": {"uid": "somebody"}}))
    assert answer.reason == "invalid-argument"


def test_a_token_is_good_until_the_second_it_expires(app: App) -> None:
    headers = {"Authorization": f"Bearer {app.token(exp=int(time.time()) + 60)}"}
    assert app.call("check_limit", {}, headers=headers).result["userId"] == app.uid
