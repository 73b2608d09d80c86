"""The answer of `update_profile`."""

from collections.abc import Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from genquota.messages.requests.user_requests import Preferences

_PREFERENCES = {to_camel(name) for name in Preferences.model_fields}


def profile_to_json(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile as clients know it, whatever else an app or an operator has stored in its place."""
    preferences = profile["preferences"].items()
    texts = {name: value for name, value in profile.items() if isinstance(value, str)}
    return {
        **dict.fromkeys(profile),
        **texts,
        "preferences": {
            name: value
            for name, value in preferences
            if name in _PREFERENCES and isinstance(value, str | bool | None)
        },
    }
