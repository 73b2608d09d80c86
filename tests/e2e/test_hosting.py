"""Hosting hands `/api/**` on to the function `api`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

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
