"""A request with a field that is not as it should be is refused by name, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import CALLABLES, App, order
from tests.functions.bad_requests import bad_requests
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.captured_logs import CapturedLogs


def of_function(function: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every bad request of one function: field, what is wrong with it, data."""
    found = [(field, name, data) for verb, field, name, data in bad_requests() if verb == function]
    assert len(found) > 5
    return found


def _path_of(field: str, data: dict[str, Any]) -> str:
    """Return how a refusal names the field."""
    try:
        json.dumps(data, allow_nan=False)
    except ValueError:
        return ""  # NaN and Infinity are no JSON, so there is no field yet
    if field in data and not field.isidentifier():
        return "?"
    return field


def _texts(value: object) -> list[str]:
    """Return every text in a value that is long enough to be told from others."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    is_telling = isinstance(value, str) and len(value) > 8 and not value.isdigit()
    return [str(value)[:40]] if is_telling else []


@pytest.mark.parametrize("function", CALLABLES)
def test_a_new_user_is_told_which_field_is_wrong_and_leaves_no_trace(
    app: App, db: Client, captured_logs: CapturedLogs, function: str, subtests: pytest.Subtests
) -> None:
    for field, name, data in of_function(function):
        with subtests.test(field=field, value=name):
            answer = app.call(function, data)
            fields = details_of(answer, "invalid-argument")["fields"]
            assert {each["path"].partition(".")[0] for each in fields} == {_path_of(field, data)}
            assert all(each.keys() == {"path", "message"} and each["message"] for each in fields)
            assert contents(db) == {}
            given = _texts(data)
            assert not [text for text in given if text in answer.text or text in captured_logs.text]


@pytest.mark.parametrize("function", CALLABLES)
def test_an_old_user_keeps_everything_as_it_was(app: App, db: Client, function: str) -> None:
    generation_id = app.ask("create_generation", **order("another"))["generationId"]
    before = contents(db)
    for field, name, data in of_function(function):
        own = {"generationId": generation_id} if data.get("generationId") and field else {}
        right = {key: value for key, value in own.items() if key != field}
        assert app.call(function, {**data, **right}).reason == "invalid-argument", (field, name)
    assert contents(db) == before
    for path in before:
        db.document(path).delete()
