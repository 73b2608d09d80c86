"""Values and queries in the typed JSON of Firestore's REST surface."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Json = dict[str, Any]
Fields = dict[str, Any]


def encoded_fields(fields: Fields) -> Json:
    return {key: _encoded(value) for key, value in fields.items()}


def equals(path: str, value: object) -> Json:
    """Return the filter `path == value`."""
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": "EQUAL", "value": _encoded(value)}}


def query(collection: str, *filters: Json, newest_by: str = "", everywhere: bool = False) -> Json:
    """Return a structured query over a collection, or everywhere: over the collection group."""
    structured: Json = {"from": [{"collectionId": collection, "allDescendants": everywhere}]}
    if filters:
        structured["where"] = {"compositeFilter": {"op": "AND", "filters": list(filters)}}
    if newest_by:
        structured["orderBy"] = [{"field": {"fieldPath": newest_by}, "direction": "DESCENDING"}]
    return structured


def _encoded(value: object) -> Json:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_encoded(item) for item in value]}}
    if isinstance(value, dict):
        return {"mapValue": {"fields": encoded_fields(value)}}
    if isinstance(value, datetime):
        return {"timestampValue": value.isoformat()}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"integerValue": str(value)}
    if isinstance(value, str | bool):
        return {"stringValue" if isinstance(value, str) else "booleanValue": value}
    raise TypeError(value)
