"""Requests that are understood, to be changed one field at a time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import InvalidArgument
from genquota.messages.requests.callable_requests import CreateGeneration, M, parse
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.messages.requests.user_requests import (
    CheckLimit,
    DeleteGeneration,
    GetUsage,
    UpdateProfile,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genquota.messages.requests.callable_requests import Message, Request

TYPES = frozenset({"image", "video", "audio", "api-request"})
GOOD: dict[type[Message], dict[str, Any]] = {
    CheckLimit: {},
    CreateGeneration: {
        "idempotencyKey": "k1",
        "type": "image",
        "promptId": "p1",
        "promptText": "a fox",
    },
    UpdateGeneration: {"generationId": "g1", "generationStatus": "processing"},
    GetUsage: {},
    DeleteGeneration: {"generationId": "g1"},
    UpdateProfile: {},
}


def parse_sample(
    model: type[M], fields: Mapping[str, object] | None = None, *, is_demo: bool = False
) -> M:
    """Understand a good request with some fields changed."""
    return parse(model, {**GOOD[model], **(fields or {})}, types=TYPES, is_demo=is_demo)


def request_sample(
    model: type[Request], fields: Mapping[str, object], *, is_demo: bool = False
) -> dict[str, Any]:
    """Return what is understood of a changed request, as JSON."""
    asked = parse_sample(model, fields, is_demo=is_demo)
    return asked.model_dump(by_alias=True, exclude_unset=True)


def refused_fields(
    model: type[Request], fields: Mapping[str, object], *, is_demo: bool = False
) -> list[str]:
    """Return the paths that a changed request is refused for."""
    with pytest.raises(InvalidArgument) as refusal:
        parse_sample(model, fields, is_demo=is_demo)
    return [path for path, _ in refusal.value.fields]


def json_of(values: dict[str, Any]) -> dict[str, Any]:
    """Return what a request would say: instants are texts."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }
