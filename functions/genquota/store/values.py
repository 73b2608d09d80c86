"""Plain values to and from Firestore's messages, without the library's value wrappers.

The wrappers (proto-plus) take most of the library's time for a document: see
docs/decisions/0013-below-the-sdk.md.
The messages are the library's own, so both ways put the same bytes on the wire (tests/unit/test_values.py).
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from google.cloud.firestore import DELETE_FIELD, GeoPoint, Increment
from google.cloud.firestore_v1.field_path import FieldPath

Message = Any
"""One of the classes that protobuf makes at run time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIMPLE_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


def write_whole(write: Message, data: Mapping[str, Any]) -> None:
    """Let a write say all fields of a document; those at the top may be increments."""
    fields = write.update.fields
    for name, value in sorted(data.items()):
        if isinstance(value, Increment):
            _write_increment(write, FieldPath(name).to_api_repr(), value)
        else:
            write_value(fields[name], value)


def write_changes(write: Message, changes: Mapping[str, Any]) -> None:
    """Let a write change fields by path (dotted), and leave all others alone.

    A value may be an increment or `DELETE_FIELD`; a map replaces what is there.

    Raises:
        ValueError: One path is part of another.
    """
    write.update_mask.SetInParent()
    mask = write.update_mask.field_paths
    parsed = [(*_parsed(path), value) for path, value in changes.items()]
    parsed.sort(key=itemgetter(0))
    before: tuple[str, ...] = ("",)
    for parts, path, value in parsed:
        if parts[: len(before)] == before:
            raise ValueError(f"{path} is part of what is changed already")
        before = parts
        if isinstance(value, Increment):
            _write_increment(write, path, value)
            continue
        mask.append(path)
        if value is not DELETE_FIELD:
            fields = write.update.fields
            for name in parts[:-1]:
                fields = fields[name].map_value.fields
            write_value(fields[parts[-1]], value)


def write_merge(write: Message, data: Mapping[str, Any]) -> None:
    """Let a write merge maps into a document, which need not exist. Increments may stand anywhere."""
    leaves: dict[str, Any] = {}
    _flatten(data, (), leaves)
    write_changes(write, leaves)


def write_value(message: Message, value: Any) -> None:  # noqa: ANN401, C901, PLR0912 - one branch a type
    """Put a value into a message.

    Raises:
        TypeError: Nothing of the kind is ever stored by Genquota.
    """
    if isinstance(value, str):
        message.string_value = value
    elif value is None:
        message.null_value = 0
    elif isinstance(value, bool):
        message.boolean_value = value
    elif isinstance(value, int):
        message.integer_value = value
    elif isinstance(value, datetime):
        since = value - _EPOCH
        message.timestamp_value.seconds = since.days * 86_400 + since.seconds
        message.timestamp_value.nanos = getattr(value, "nanosecond", since.microseconds * 1000)
    elif isinstance(value, dict):
        message.map_value.SetInParent()
        fields = message.map_value.fields
        for name, each in value.items():
            write_value(fields[name], each)
    elif isinstance(value, (list, tuple)):
        message.array_value.SetInParent()
        for each in value:
            write_value(message.array_value.values.add(), each)
    elif isinstance(value, float):
        message.double_value = value
    elif isinstance(value, bytes):
        message.bytes_value = value
    elif isinstance(value, GeoPoint):
        message.geo_point_value.latitude = value.latitude
        message.geo_point_value.longitude = value.longitude
    else:
        raise TypeError(f"no value of Firestore: {type(value).__name__}")


def copy_field(target: Any, source: Any, path: str) -> None:  # noqa: ANN401 - maps of protobuf
    """Give fields the value that others have at a path, or none if those have none, as Firestore does."""
    *parents, last = _parsed(path)[0]
    for name in parents:
        is_there = name in source
        if not is_there and not (name in target and target[name].HasField("map_value")):
            return
        source = source[name].map_value.fields if is_there else {}
        target = target[name].map_value.fields
    if last in source:
        target[last].CopyFrom(source[last])
    else:
        target.pop(last, None)


def read_fields(fields: Mapping[str, Message]) -> dict[str, Any]:
    """Return the fields of a document or a map. Times are aware, UTC; references are names of documents."""
    return {name: _READERS[value.WhichOneof("value_type")](value) for name, value in fields.items()}


def read_instant(at: Message) -> datetime:
    """Return a time that Firestore gave: aware, UTC, to the microsecond."""
    return _EPOCH + timedelta(seconds=at.seconds, microseconds=at.nanos // 1000)


def _write_increment(write: Message, path: str, value: Increment) -> None:
    transform = write.update_transforms.add()
    transform.field_path = path
    write_value(transform.increment, value.value)


def _flatten(data: Mapping[str, Any], above: tuple[str, ...], leaves: dict[str, Any]) -> None:
    for name, value in data.items():
        path = (*above, name)
        if isinstance(value, dict) and value:
            _flatten(value, path, leaves)
        else:
            leaves[str(FieldPath(*path).to_api_repr())] = value


def _parsed(path: str) -> tuple[tuple[str, ...], str]:
    """Return the names of a path, and how Firestore writes it: names that are no words in back-ticks."""
    if _SIMPLE_PATH.fullmatch(path):
        return tuple(path.split(".")), path
    return _parsed_slowly(path)


@lru_cache(maxsize=4096)
def _parsed_slowly(path: str) -> tuple[tuple[str, ...], str]:
    found = FieldPath.from_string(path)
    return tuple(found.parts), str(found.to_api_repr())


_READERS: Mapping[str, Callable[[Message], Any]] = {
    "null_value": lambda _value: None,
    "boolean_value": lambda value: value.boolean_value,
    "integer_value": lambda value: value.integer_value,
    "double_value": lambda value: value.double_value,
    "string_value": lambda value: value.string_value,
    "bytes_value": lambda value: value.bytes_value,
    "timestamp_value": lambda value: read_instant(value.timestamp_value),
    "array_value": lambda value: [
        _READERS[each.WhichOneof("value_type")](each) for each in value.array_value.values
    ],
    "map_value": lambda value: read_fields(value.map_value.fields),
    "geo_point_value": lambda value: GeoPoint(
        value.geo_point_value.latitude, value.geo_point_value.longitude
    ),
    "reference_value": lambda value: value.reference_value,
}
