"""Hosting hands `/api/**` on to the function `api`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from dev.site import DIST

if TYPE_CHECKING:
    from dev.suite import Suite


def _get(suite: Suite, path: str) -> Any:  # noqa: ANN401 - JSON
    url = f"http://{suite.host('hosting')}{path}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def test_the_api_answers_through_hosting(suite: Suite) -> None:
    assert _get(suite, "/api/health")["status"] == "ok"
    assert "/api/plans" in _get(suite, "/api/openapi.json")["paths"]


def test_what_the_api_refuses_comes_through_as_it_is(suite: Suite) -> None:
    for path, reason in (("/api/nothing", "not-found"), ("/api/plans", "not-signed-in")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            _get(suite, path)
        assert json.load(refused.value)["error"]["details"]["reason"] == reason
        refused.value.close()


def _headers(suite: Suite, path: str) -> Any:  # noqa: ANN401 - a message of the standard library
    url = f"http://{suite.host('hosting')}{path}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.headers


def test_pages_are_asked_for_anew_and_their_parts_are_kept(suite: Suite) -> None:
    page = _headers(suite, "/usage")
    assert page["Cache-Control"] == "no-cache"
    assert page["Content-Security-Policy"].startswith("default-src 'self'; ")
    part = next((DIST / "assets").glob("index-*.js")).name
    assert "immutable" in _headers(suite, f"/assets/{part}")["Cache-Control"]
    assert _headers(suite, "/api/health")["Cache-Control"] == "no-store"
    with pytest.raises(urllib.error.HTTPError, match="404") as missing:
        _headers(suite, "/assets/index-of-an-older-version.js")
    missing.value.close()
