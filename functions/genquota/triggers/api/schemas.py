"""Schemas of the OpenAPI document, in a form that client generators support."""

import json
import re
from collections.abc import Iterable
from typing import Any

from genquota.messages.requests.values import STORABLE_FORMAT

Json = dict[str, Any]

COMPONENTS = "#/components/schemas/"


def in_full(schema: Json, types: Iterable[str]) -> Json:
    """Add what the models check beyond their patterns: types, names of map keys, and optional nulls."""
    fields = schema.get("properties", {})
    _narrow(fields.get("type", {}), "pattern", sorted(types))
    for name in fields:
        field = _or_null(fields[name]) if fields[name].get("default") is not None else fields[name]
        fields[name] = field
        for each in (field, *field.get("anyOf", [])):
            if "patternProperties" in each:  # openapi-python-client ignores it
                ((pattern, value),) = each.pop("patternProperties").items()
                each |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
            if each.get("format") == STORABLE_FORMAT:
                each.clear()
                each["$ref"] = f"{COMPONENTS}StorableMap"
    return schema


def schemas_referred_to(paths: Json, schemas: Json) -> Json:
    """Return the referenced schemas, without keywords that client generators mishandle.

    openapi-typescript makes fields with a default mandatory, so an optional field would be sent as null,
    which removes limits in `SetLimits`. openapi-python-client names classes after pydantic's titles.
    """
    found: dict[str, None] = {}
    new = _referred_to(paths)
    while new:
        found |= dict.fromkeys(new)
        new = [name for each in new for name in _referred_to(schemas[each]) if name not in found]
    return {name: _without_defaults(schemas[name]) for name in sorted(found)}


def without_null(schema: Json) -> Json:
    """Return the schema of a field of a path or query, where null cannot be written."""
    kinds = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default", "title")}
    if schema.get("default") is not None:
        rest["default"] = schema["default"]
    return {**rest, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})}


def _referred_to(schema: object) -> list[str]:
    return re.findall(f'"{COMPONENTS}(\\w+)"', json.dumps(schema))


def _without_defaults(schema: Json) -> Json:
    fields = {}
    for name, field in schema.get("properties", {}).items():
        described = {key: value for key, value in field.items() if key not in ("default", "title")}
        if field.get("default") is not None:
            described["description"] = f"Default: {json.dumps(field['default'])}"
        fields[name] = described
    return {**schema, "properties": fields} if fields else schema


def _or_null(schema: Json) -> Json:
    """Return the schema of an optional field: null means that it is not given."""
    names = ("default", "title", "description")
    notes: Json = {key: schema.pop(key) for key in names if key in schema}
    return {"anyOf": [schema, {"type": "null"}], **notes}


def _narrow(field: Json, mark: str, values: list[str]) -> None:
    for each in (field, *field.get("anyOf", [])):
        if mark in each:
            each["enum"] = values
