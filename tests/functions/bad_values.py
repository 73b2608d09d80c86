"""What a field may not be, by the kind of field. Built from the contract's limits on input."""

from __future__ import annotations

from typing import Any

INT64 = "type.googleapis.com/google.protobuf.Int64Value"
UINT64 = "type.googleapis.com/google.protobuf.UInt64Value"

Values = dict[str, Any]


def wrapped(value: object, kind: str = INT64) -> dict[str, object]:
    """Return an integer as the Android and iOS libraries send it."""
    return {"@type": kind, "value": value}


def nested(depth: int) -> dict[str, Any]:
    """Return a map that is `depth` maps deep."""
    deep: dict[str, Any] = {}
    for _ in range(depth - 1):
        deep = {"in": deep}
    return deep


NO_TEXT: Values = {
    "a number": 5,
    "true": True,
    "a list": ["text"],
    "a map": {"text": "text"},
    "a lone surrogate": "fox \ud800 fox",
}
NO_PLAIN_TEXT: Values = NO_TEXT | {
    "a null character": "fox\0fox",
    "an escape": "fox\x1b[31mfox",
    "a delete": "fox\x7ffox",
    "a C1 control": "fox\x85fox",
}
NO_ID: Values = NO_TEXT | {
    "empty": "",
    "a slash": "users/somebody",
    "two dots": "..",
    "one dot": ".",
    "two dots in a path": "../somebody",
    "reserved": "__reserved__",
    "129 characters": "x" * 129,
    "a space": "some body",
    "a letter beyond ASCII": "größe-des-fuchses",
    "a line break at the end": "somebody\n",
}
NO_USER_ID: Values = NO_TEXT | {
    name: NO_ID[name]
    for name in ("empty", "a slash", "two dots", "one dot", "reserved", "129 characters")
}
NO_URL: Values = NO_PLAIN_TEXT | {
    "empty": "",
    "plain http": "http://example.com/fox.png",
    "a look-alike of localhost": "http://localhost.example.com/fox.png",
    "a user called localhost": "http://localhost@example.com/fox.png",
    "javascript": "javascript:alert(document.cookie)",
    "data": "data:image/png;base64,iVBORw0KGgo=",
    "file": "file:///etc/passwd",
    "no scheme": "//cdn.example.com/fox.png",
    "a space first": " https://cdn.example.com/fox.png",
    "no host": "https://",
    "a path for a host": "https:///fox.png",
    "no bucket": "gs://",
    "a blank in the host": "https://exa mple.com/",
    "a blank in the path": "https://example.com/a fox.png",
    "a tab": "https://example.com/a\tfox.png",
    "a backslash": "https://example.com\\@fox.example/",
    "a user": "https://cdn.example.com@fox.example/",
    "a port beyond all": "https://example.com:65536/",
    "a look-alike of an address": "http://10.0.2.2.fox.example/",
    "an address of the web": "http://8.8.8.8/fox.png",
    "2049 characters": "https://example.com/".ljust(2049, "x"),
}
NO_NUMBER: Values = {
    "text": "1",
    "true": True,
    "half": 1.5,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "2^63": 2**63,
    "below 64 bits": -(2**63) - 1,
    "4000 digits": int("9" * 4000),
    "a list": [1],
    "a map": {"value": 1},
    "wrapped text": wrapped("five"),
    "wrapped nothing": wrapped(""),
    "wrapped half": wrapped("1.5"),
    "wrapped with a space": wrapped(" 1"),
    "wrapped foreign digits": wrapped("\u0661"),
    "wrapped 2^63": wrapped("9223372036854775808", UINT64),
    "wrapped 25 digits": wrapped("1" * 25),
    "wrapped true": wrapped(True),  # noqa: FBT003 - a value on the wire
    "wrapped null": wrapped(None),
    "another wrapper": wrapped("1", "type.googleapis.com/google.protobuf.Int32Value"),
    "a wrapper with more in it": {**wrapped("1"), "more": 1},
    "a wrapper without a value": {"@type": INT64},
}
NO_COUNT: Values = NO_NUMBER | {"0": 0, "11": 11, "-1": -1, "wrapped 11": wrapped("11")}
NO_CREDITS: Values = NO_NUMBER | {"-1": -1, "wrapped -1": wrapped("-1")}
NO_SIZE: Values = NO_NUMBER | {"-1": -1}
NO_MAP: Values = {
    "a number": 5,
    "true": True,
    "text": "text",
    "a list": [{}],
    "a list in a list": {"rows": [[1]]},
    "a list in a list, deeper": {"rows": [{"row": [1, [2]]}]},
    "an empty key": {"": 1},
    "a reserved key": {"__reserved__": 1},
    "a reserved key, deeper": {"rows": [{"__reserved__": 1}]},
    "a key of 301 characters": {"k" * 301: 1},
    "a key with a control character": {"fox\0fox": 1},
    "a key that is a lone surrogate": {"\ud800": 1},
    "a control character": {"text": "fox\x07fox"},
    "a lone surrogate": {"text": ["fox \udfff"]},
    "2^63": {"n": 2**63},
    "below 64 bits": {"n": [-(2**63) - 1]},
    "wrapped 2^63": {"n": wrapped("9223372036854775808", UINT64)},
    "NaN": {"n": float("nan")},
    "Infinity": {"n": [float("inf")]},
    "11 deep": nested(11),
    "50 deep": nested(50),
    "more than 16 KB": {"text": "x" * 16_384},
    "more than 16 KB in bytes": {"text": "€" * 5_500},
}


def text(longest: int, *, may_be_empty: bool = False) -> Values:
    """Return what a text of up to so many characters may not be."""
    too_long = {f"{longest + 1} characters": "x" * (longest + 1)}
    return NO_PLAIN_TEXT | too_long | ({} if may_be_empty else {"empty": ""})


def one_of(*near: str) -> Values:
    """Return what a word of a list may not be: other words, and what is no word."""
    return NO_TEXT | {"empty": ""} | {word: word for word in near}
