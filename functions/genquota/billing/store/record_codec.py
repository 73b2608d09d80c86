"""Codec of frozen dataclasses: to JSON texts, and back by their types.

For what only Genquota reads and no query looks into. Instants are ISO texts with their fractions, for
providers order their events by them.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

R = TypeVar("R")


def record_to_text(record: object, form: int | None = None) -> str:
    """Write a record, and which form of its kind it is."""
    plain = _shallow(record)
    return _encode(plain if form is None else {"form": form, **plain})


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
    made: R = _typed(kind, data)
    return made


def field_names(record: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return the names of the fields of a dataclass's instance."""
    kind: Any = type(record)
    return _field_names(kind)


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _shallow(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
    """Return one level of what JSON does not know by itself."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return {name: getattr(value, name) for name in field_names(value)}


_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=_shallow).encode


def _typed(kind: Any, value: Any) -> Any:  # noqa: ANN401
    if value is None:
        return None
    kind = _without_none(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (tuple, frozenset):
        return origin(_typed(arguments[0], item) for item in value)
    if origin is Mapping:
        return {key: _typed(arguments[1], item) for key, item in value.items()}
    if is_dataclass(origin or kind):
        # The only generic record is a register, whose one argument is the type of its value.
        hints = {**_hints(origin or kind), **({"value": arguments[0]} if arguments else {})}
        known = {name: _typed(hints[name], value[name]) for name in value if name in hints}
        return (origin or kind)(**known)
    if isinstance(value, list):  # a named tuple
        return kind(*map(_typed, _hints(kind).values(), value))
    return datetime.fromisoformat(value) if kind is datetime else kind(value)


def _without_none(kind: Any) -> Any:  # noqa: ANN401
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    return next(each for each in get_args(kind) if each is not type(None))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
