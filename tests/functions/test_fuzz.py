"""Whatever JSON, or no JSON, comes in: never a 500, and no refusal without its reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.app import CALLABLES, Answer
from tests.functions.bad_requests import FIELDS, REQUIRED, RIGHT
from tests.functions.bad_values import INT64, UINT64
from tests.functions.error_table import ERRORS

if TYPE_CHECKING:
    from tests.functions.app import App

FIELD_NAMES = sorted({name for fields in (*FIELDS.values(), *RIGHT.values()) for name in fields})

texts = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\ud800", "\0", "__x__", "..", "a/b", "https://a", "image", "success", INT64, UINT64]
)
numbers = (
    st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from([2**63, -(2**63) - 1, 0, -1, 1e400])
)
names = st.sampled_from([*FIELD_NAMES, "@type", "value", "url", "", "__x__"]) | texts
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(names, below, max_size=4),
    max_leaves=12,
)
fuzz = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _is_in_the_contract(answer: Answer) -> None:
    if answer.http == 200:
        assert answer.result
        return
    status, http, details = ERRORS[answer.reason]
    assert (answer.error["status"], answer.http) == (status, http)
    assert answer.error["details"].keys() == {"reason", *details}
    assert answer.http < 500, answer.text


@pytest.mark.parametrize("function", CALLABLES)
@fuzz
@given(data=values)
def test_any_data_is_answered(app: App, function: str, data: object) -> None:
    _is_in_the_contract(app.call(function, data))


@pytest.mark.parametrize("function", CALLABLES)
@fuzz
@given(st.data())
def test_any_value_in_any_field_is_answered(app: App, function: str, data: st.DataObject) -> None:
    fields = sorted({"userId", *FIELDS[function], *REQUIRED.get(function, ())})
    changed: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from(fields), values, min_size=1, max_size=3)
    )
    _is_in_the_contract(app.call(function, {**RIGHT[function], **changed}))


@fuzz
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_body_is_answered(app: App, body: bytes) -> None:
    _is_in_the_contract(app.send("check_limit", body))


@fuzz
@given(body=values)
def test_any_json_is_answered(app: App, body: object) -> None:
    _is_in_the_contract(app.send("check_limit", json.dumps(body)))


@fuzz
@given(
    token=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
    content_type=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
def test_any_headers_are_answered(app: App, token: str, content_type: str) -> None:
    stated = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
    _is_in_the_contract(app.call("check_limit", {}, headers=stated))
    stated["Content-Type"] = "application/json"
    _is_in_the_contract(app.call("check_limit", {}, headers=stated))
