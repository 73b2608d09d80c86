"""Bodies, methods and content types that are no callable request: 400 with a reason, never 500."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.functions.app import CALLABLES, App
from tests.functions.bad_requests import RIGHT
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

MOST = 128 * 1024
DEEP = 100_000

BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "an open brace": b"{",
    "half a request": b'{"data": {"type": "ima',
    "two requests": b'{"data": {}}{"data": {}}',
    "single quotes": b"{'data': {}}",
    "a comment": b'{"data": {}} // please',
    "a form": b"data=%7B%7D",
    "invalid UTF-8": b'{"data": {"type": "\xff\xfe"}}',
    "UTF-16": '{"data": {}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"data": {}}',
    "a raw control character": b'{"data": {"type": "im\x00age"}}',
    "gzip": gzip.compress(b'{"data": {}}'),
    "null": b"null",
    "a number": b"5",
    "a string": b'"data"',
    "a list": b'[{"data": {}}]',
    "no data": b"{}",
    "an extra top-level field": b'{"data": {}, "apiKey": "secret"}',
    "data is a list": b'{"data": []}',
    "data is text": b'{"data": "image"}',
    "data is a number": b'{"data": 5}',
    "data is true": b'{"data": true}',
    "data is a lone surrogate": b'{"data": "\\ud800"}',
    "a field that is a lone surrogate": b'{"data": {"\\ud800": 1}}',
    "NaN": b'{"data": {"count": NaN}}',
    "Infinity": b'{"data": {"count": -Infinity}}',
    "a number too large for a float": b'{"data": {"count": 1e999}}',
    "a number of 5000 digits": b'{"data": {"count": ' + b"9" * 5000 + b"}}",
    "50 lists deep": b'{"data": ' + b"[" * 50 + b"]" * 50 + b"}",
    "50 maps deep": b'{"data": ' + b'{"in":' * 50 + b"1" + b"}" * 50 + b"}",
    "50 maps deep in a field": b'{"data": {"metadata": ' + b'{"in":' * 50 + b"1" + b"}" * 52,
    "100,000 lists deep": b"[" * DEEP,
    "100,000 lists deep, and closed": b'{"data": ' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "too large by one byte": b'{"data": {}}'.ljust(MOST + 1),
    "a prompt of 1 MB": json.dumps({"data": {"promptText": "x" * 2**20}}).encode(),
    "100,000 maps deep": b'{"in":' * DEEP + b"1" + b"}" * DEEP,
}


OTHER_TYPES = (
    None,
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "text/json",
    "application/json+x",
    "nonsense",
)


def _refused(app: App, db: Client, function: str, body: bytes, **how: object) -> None:
    answer = app.send(function, body, **how)  # type: ignore[arg-type]
    fields = details_of(answer, "invalid-argument")["fields"]
    assert fields
    assert all(each["message"] for each in fields)
    assert "secret" not in answer.text
    assert contents(db) == {}


@pytest.mark.parametrize("function", CALLABLES)
def test_a_body_that_is_no_request_is_refused(
    app: App, db: Client, function: str, subtests: pytest.Subtests
) -> None:
    for name, body in BODIES.items():
        with subtests.test(body=name):
            _refused(app, db, function, body)


def test_no_depth_lies_between_what_is_read_and_what_is_refused(
    app: App, db: Client, subtests: pytest.Subtests
) -> None:
    # The SDK parses the body again, from deeper on the stack.
    for depth in range(80, 1000, 40):
        for opened, closed in ((b"[", b"]"), (b'{"in":[', b"]}")):
            with subtests.test(depth=depth, opened=opened):
                body = b'{"data": {"metadata": ' + opened * depth + closed * depth + b"}}"
                _refused(app, db, "create_generation", body)


@pytest.mark.parametrize("function", CALLABLES)
def test_only_post_is_understood(
    app: App, db: Client, function: str, subtests: pytest.Subtests
) -> None:
    body = json.dumps({"data": RIGHT[function]}).encode()
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        with subtests.test(method=method):
            _refused(app, db, function, body, method=method)
            _refused(app, db, function, b"", method=method, headers={"Content-Type": None})


@pytest.mark.parametrize("function", CALLABLES)
def test_only_json_is_understood(
    app: App, db: Client, function: str, subtests: pytest.Subtests
) -> None:
    body = json.dumps({"data": RIGHT[function]}).encode()
    for content_type in OTHER_TYPES:
        with subtests.test(content_type=content_type):
            _refused(app, db, function, body, headers={"Content-Type": content_type})


def test_a_refused_body_needs_no_token_to_be_refused(app: App, db: Client) -> None:
    _refused(app, db, "check_limit", b"{", headers={"Authorization": None})


def test_a_large_body_of_another_kind_is_refused_too(app: App, db: Client) -> None:
    body = b"x" * (MOST + 1)
    _refused(app, db, "check_limit", body, headers={"Content-Type": "text/plain"})
    _refused(app, db, "check_limit", body, method="PUT")
