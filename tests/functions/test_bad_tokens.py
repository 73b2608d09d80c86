"""Who is not signed in, or not as they should be, is told so and nothing else, and leaves no trace."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import CALLABLES, App
from tests.functions.bad_requests import RIGHT
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.captured_logs import CapturedLogs

GARBAGE = {
    "nothing": None,
    "an empty bearer": "Bearer ",
    "a word": "Bearer fox",
    "a word without bearer": "fox",
    "another scheme": "Basic YW5uOmZveA==",
    "three words": "Bearer a.b.c",
    "binary in base64": f"Bearer {base64.urlsafe_b64encode(bytes(range(256))).decode()}",
    "a token whose claims are a list": "Bearer eyJhbGciOiJub25lIn0.W10.",
    "10,000 characters": "Bearer " + "x" * 10_000,
}
CLAIMS: dict[str, dict[str, Any]] = {
    "expired a second ago": {"exp": int(time.time()) - 1},
    "expired long ago": {"exp": 1_600_000_000},
    "never expires": {"exp": None},
    "expires at a text": {"exp": "9999999999"},
    "expires at a fraction": {"exp": time.time() + 3600.5},
    "expires at true": {"exp": True},
    "another project's": {
        "aud": "demo-another",
        "iss": "https://securetoken.google.com/demo-another",
    },
    "for another audience": {"aud": "demo-another"},
    "of another issuer": {"iss": "https://securetoken.google.com/demo-another"},
    "of a foreign issuer": {"iss": "https://accounts.example.com"},
    "of nobody": {"sub": None},
    "of an empty uid": {"sub": ""},
    "of a number": {"sub": 5},
    "of a uid of 129 characters": {"sub": "x" * 129},
    "of a path": {"sub": "users/somebody"},
    "of two dots": {"sub": ".."},
    "of a reserved name": {"sub": "__somebody__"},
}


def _refused(app: App, db: Client, function: str, authorization: str | None) -> None:
    answer = app.call(function, RIGHT[function], headers={"Authorization": authorization})
    assert details_of(answer, "not-signed-in") == {}
    assert answer.error["message"] == "Sign in first, or refresh the ID token."
    assert contents(db) == {}


@pytest.mark.parametrize("function", CALLABLES)
def test_what_is_no_token_signs_nobody_in(
    app: App, db: Client, function: str, subtests: pytest.Subtests
) -> None:
    for name, authorization in GARBAGE.items():
        with subtests.test(authorization=name):
            _refused(app, db, function, authorization)


@pytest.mark.parametrize("function", CALLABLES)
def test_a_token_that_is_not_for_here_and_now_signs_nobody_in(
    app: App, db: Client, function: str, subtests: pytest.Subtests
) -> None:
    for name, claims in CLAIMS.items():
        with subtests.test(token=name):
            _refused(app, db, function, f"Bearer {app.token(**claims)}")


def test_nothing_of_a_refused_token_is_logged(
    app: App, db: Client, captured_logs: CapturedLogs
) -> None:
    token = app.token(exp=1, email="ann@example.com")
    for text in (f"Bearer {token}", f"Bearer x{token}", "Bearer fox-in-the-snow"):
        _refused(app, db, "check_limit", text)
    assert [line["reason"] for line in captured_logs.lines] == ["not-signed-in"] * 3
    for secret in (token[:20], token[40:60], "ann@example.com", app.uid, "fox"):
        assert secret not in captured_logs.text
