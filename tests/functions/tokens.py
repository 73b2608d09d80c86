"""ID tokens as the Auth emulator makes them: unsigned."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

HOUR = 3600


def id_token(project: str, uid: str, **claims: Any) -> str:  # noqa: ANN401 - claims are JSON
    """Return a token of the user; a claim given as None is left out."""
    now = int(time.time())
    usual = {
        "iss": f"https://securetoken.google.com/{project}",
        "aud": project,
        "sub": uid,
        "iat": now,
        "exp": now + HOUR,
        "email": f"{uid}@example.com",
    }
    fields = {name: value for name, value in (usual | claims).items() if value is not None}
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(fields)}."


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
