"""JSON as clients really send it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.errors import InvalidArgument
from genquota.messages.requests.values import check_map, check_text, parse_body

INT64 = "type.googleapis.com/google.protobuf.Int64Value"
UINT64 = "type.googleapis.com/google.protobuf.UInt64Value"
ALLOWED_CONTROLS = "\t\n\r"


def nested(depth: int) -> dict[str, Any]:
    """Return maps in maps, so many of them."""
    made: dict[str, Any] = {}
    for _ in range(depth - 1):
        made = {"a": made}
    return made


def sized(size: int) -> dict[str, Any]:
    """Return a map that takes so many bytes as compact JSON."""
    return {"a": "x" * (size - len('{"a":""}'))}


class TestABody:
    def test_is_json_in_utf8(self) -> None:
        assert parse_body('{"data":{"a":[1,2.5,true,null,"ö"]}}'.encode()) == {
            "data": {"a": [1, 2.5, True, None, "ö"]}
        }

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b'{"data": }',
            b'{"data": 1} trailing',
            b"{'data': 1}",
            b'"\xff\xfe"',
            '{"data": 1}'.encode("utf-16"),
            b'{"data": NaN}',
            b'{"data": Infinity}',
            b'{"data": -Infinity}',
            b'{"data": ' + b"9" * 5000 + b"}",
            b"[" * 50_000 + b"]" * 50_000,
            b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
            b"[" * 100_000,
        ],
        ids=lambda body: repr(body[:24]),
    )
    def test_that_is_no_json_is_refused(self, body: bytes) -> None:
        with pytest.raises(InvalidArgument) as refused:
            parse_body(body)
        assert refused.value.fields == (("", "the body is not JSON"),)

    def test_of_128_kb_is_read_and_a_larger_one_is_refused(self) -> None:
        largest = b'"' + b"x" * (128 * 1024 - 2) + b'"'
        assert parse_body(largest) == "x" * (128 * 1024 - 2)
        with pytest.raises(InvalidArgument) as refused:
            parse_body(largest + b" ")
        assert refused.value.fields == (("", "the body is larger than 131072 bytes"),)

    @given(st.binary(max_size=200))
    def test_of_any_bytes_is_read_or_refused(self, body: bytes) -> None:
        try:
            parse_body(body)
        except InvalidArgument as refused:
            assert refused.fields  # noqa: PT017 - either way will do


class TestAWrappedInteger:
    @pytest.mark.parametrize(
        ("kind", "value", "number"),
        [
            (INT64, "5", 5),
            (INT64, "-9223372036854775808", -(2**63)),
            (INT64, "9223372036854775807", 2**63 - 1),
            (UINT64, "18446744073709551615", 2**64 - 1),
            (INT64, 5, 5),
        ],
    )
    def test_is_unwrapped_wherever_it_stands(self, kind: str, value: object, number: int) -> None:
        wrapped = {"@type": kind, "value": value}
        body = json.dumps({"data": {"count": wrapped, "metadata": {"list": [wrapped]}}})
        assert parse_body(body.encode()) == {
            "data": {"count": number, "metadata": {"list": [number]}}
        }

    @pytest.mark.parametrize(
        "other",
        [
            {"@type": INT64, "value": "five"},
            {"@type": INT64, "value": "5.0"},
            {"@type": INT64, "value": ""},
            {"@type": INT64, "value": " 5"},
            {"@type": INT64, "value": "5\n"},
            {"@type": INT64, "value": "\u0665"},
            {"@type": INT64, "value": "1" * 21},
            {"@type": INT64, "value": True},
            {"@type": INT64, "value": 5.5},
            {"@type": INT64, "value": None},
            {"@type": INT64, "value": "5", "more": 1},
            {"@type": INT64},
            {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": "5"},
            {"@type": 5, "value": "5"},
        ],
    )
    def test_that_is_none_stays_what_it_is(self, other: dict[str, Any]) -> None:
        assert parse_body(json.dumps(other).encode()) == other


class TestText:
    @pytest.mark.parametrize("text", ["", "a fox", "tab\tnew\nline\r", "日本 🦊", "\u200d\ufeff"])
    def test_may_be_anything_that_people_write(self, text: str) -> None:
        assert check_text(text) == text

    @pytest.mark.parametrize(
        "code", [*range(0x20), 0x7F, 0x80, 0x85, 0x9F], ids=lambda code: f"{code:#04x}"
    )
    def test_may_hold_no_control_characters_but_tab_and_line_breaks(self, code: int) -> None:
        if chr(code) in ALLOWED_CONTROLS:
            assert check_text(f"a{chr(code)}b") == f"a{chr(code)}b"
        else:
            with pytest.raises(ValueError, match="control characters"):
                check_text(f"a{chr(code)}b")

    @pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
    def test_may_hold_no_lone_surrogates(self, text: str) -> None:
        with pytest.raises(ValueError, match="surrogates"):
            check_text(text)

    @given(st.text(st.characters()))
    def test_that_is_allowed_is_utf8(self, text: str) -> None:
        try:
            check_text(text).encode()
        except UnicodeEncodeError:
            pytest.fail("a text was allowed that cannot be written")
        except ValueError:
            pass


class TestAMap:
    @pytest.mark.parametrize(
        "value",
        [
            {},
            {"a": [{"b": [1]}], "c": None, "d": True, "e": 1.5, "f": "x"},
            {"least": -(2**63), "most": 2**63 - 1},
            {"_a_": 1, "__a": 1, "a__": 1, "dots.and spaces": 1, "@type": "x"},
            {"k" * 300: 1},
            nested(10),
            sized(16_384),
        ],
        ids=lambda value: repr(value)[:30],
    )
    def test_that_firestore_can_store_is_returned_as_it_is(self, value: dict[str, Any]) -> None:
        assert check_map(value) is value

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            ({"a": [[1]]}, "a list in a list"),
            ({"a": [{"b": [[]]}]}, "a list in a list"),
            ({"": 1}, "map keys"),
            ({"a": {"": 1}}, "map keys"),
            ({"__a__": 1}, "map keys"),
            ({"____": 1}, "map keys"),
            ({"__a\n__": 1}, "map keys"),
            ({"k" * 301: 1}, "map keys"),
            ({"a\x00": 1}, "control characters"),
            ({"a": "\x1b"}, "control characters"),
            ({"a": ["\ud800"]}, "surrogates"),
            ({"\ud800": 1}, "surrogates"),
            ({"a": 2**63}, "64 bits"),
            ({"a": -(2**63) - 1}, "64 bits"),
            ({"a": float("nan")}, "finite"),
            ({"a": float("inf")}, "finite"),
            ({"a": b"bytes"}, "not a JSON value"),
            (nested(11), "nested deeper than 10"),
            ({"a": [nested(9)]}, "nested deeper than 10"),
            (sized(16_385), "larger than 16384 bytes"),
            ({"a": "ö" * 8190}, "larger than 16384 bytes"),
        ],
        ids=lambda value: repr(value)[:30],
    )
    def test_that_firestore_cannot_store_is_refused(self, value: dict[str, Any], why: str) -> None:
        with pytest.raises(ValueError, match=why):
            check_map(value)

    def test_number_beyond_floating_point_is_no_number(self) -> None:
        body = parse_body(b'{"a": 1e999}')
        assert isinstance(body, dict)
        with pytest.raises(ValueError, match="finite"):
            check_map(body)
