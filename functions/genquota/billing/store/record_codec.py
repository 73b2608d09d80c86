"""Codec of frozen dataclasses: to JSON texts, and back by their types.

For what only Genquota reads and no query looks into. Instants are ISO texts with their fractions, because
providers order their events by them.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

R = TypeVar("R")

_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def record_to_text(record: Any, form: int | None = None) -> str:  # noqa: ANN401
    """Write a record, and which form of its kind it is."""
    data = _adapter(type(record)).dump_python(record, warnings="error")
    return _encode(data if form is None else {"form": form, **data})


def record_from_text(
    kind: type[R], text: str, older: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> R:
    """Read what `record_to_text` wrote of a record of that kind.

    Args:
        kind: Its type. What a newer release has added to it is left out.
        text: As stored.
        older: Turns a record that was written without a form into the present one.
    """
    data = json.loads(text)
    if older and "form" not in data:
        data = older(data)
    record: R = _adapter(kind).validate_python(data)
    return record


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Return what reads and writes records of a kind. It is made when it is first needed."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _to_json(value: Any) -> object:  # noqa: ANN401 - whatever a record holds that JSON does not know
    return value.isoformat() if isinstance(value, datetime) else sorted(value)


_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=_to_json).encode
