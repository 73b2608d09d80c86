"""The fields of `create_generation`, for tests: of each what may be said, and what may not.

A field that is added to the request is added here once: then it is tried in requests, fingerprints, records
and answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.functions import bad_values as bad

URL = "https://cdn.example.com/in.png"


@dataclass(frozen=True)
class FieldSample:
    """One field."""

    fields: Any
    """A value that a request may give it, as the record has it then."""
    other: Any
    """Another one. For the idempotency key, the metadata and the user it is the same request all the same."""
    bad: bad.Values
    """Values that are refused, by what is wrong with them."""
    is_required: bool = False


FIELDS: dict[str, FieldSample] = {
    "idempotencyKey": FieldSample("0b1d-full_order", "k2", bad.NO_ID, is_required=True),
    "type": FieldSample(
        "video", "image", bad.one_of("painting", "Image", "image "), is_required=True
    ),
    "promptId": FieldSample("prompt-1", "p2", bad.NO_ID, is_required=True),
    "promptText": FieldSample(
        "a fox in the snow\n\tat dawn 🦊", "a dog", bad.text(8000), is_required=True
    ),
    "mode": FieldSample("image-to-video", "edit", bad.text(128)),
    "inputs": FieldSample(
        [URL, "gs://bucket/in.png"],
        [],
        {
            "11 urls": [URL] * 11,
            "text": URL,
            "a map": {"url": URL},
            "a list in it": [[URL]],
            **{f"with {name}": [URL, value] for name, value in bad.NO_URL.items()},
        },
    ),
    "engine": FieldSample("engine/v2.1", "other", bad.text(200)),
    "quality": FieldSample("hd", "standard", bad.one_of("ultra", "HD")),
    "count": FieldSample(2, 1, bad.NO_COUNT),
    "style": FieldSample("watercolour", "oil", bad.text(128)),
    "aspectRatio": FieldSample("16:9", "4:3", bad.text(128)),
    "negativePrompt": FieldSample("people", "blur", bad.text(2000, may_be_empty=True)),
    "parameters": FieldSample(
        {"seed": 7, "cfg.scale": 7.5, "steps": {"first": [1, 2]}, "tiled": None}, {}, bad.NO_MAP
    ),
    "metadata": FieldSample({"model": "m-1", "screen": "home"}, {"x": 1}, bad.NO_MAP),
}
"""All but `userId` and `credits`, which are for services and admins only."""

FULL_ORDER = {name: field.fields for name, field in FIELDS.items()}
"""A request that says everything."""

OPTIONAL = tuple(name for name, field in FIELDS.items() if not field.is_required)
