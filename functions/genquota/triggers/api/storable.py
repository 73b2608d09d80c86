"""The OpenAPI schema of `metadata`: what Firestore can store."""

from genquota.messages.requests.values import MAX_KEY_CHARS, PLAIN

_MOST = 2**63 - 1
_SCALARS = [
    {"type": "string", "pattern": f"^{PLAIN}*$"},
    {"type": "number", "minimum": -_MOST, "maximum": _MOST},
    {"type": "boolean"},
    {"type": "null"},
    {"$ref": "#/components/schemas/StorableMap"},
]
_LIST = {"type": "array", "items": {"anyOf": _SCALARS}}

STORABLE = {
    "StorableMap": {
        "type": "object",
        "description": "At most 16 KB and 10 levels; no list in a list.",
        "propertyNames": {"pattern": f"^(?!__(.*__|_)?$){PLAIN}{{1,{MAX_KEY_CHARS}}}$"},
        "additionalProperties": {"anyOf": [*_SCALARS, _LIST]},
    }
}
