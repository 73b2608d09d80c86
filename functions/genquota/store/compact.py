"""Windows and holds as short JSON texts.

They stand in `users/{uid}.quota`, which only Genquota reads: a text costs the SDK a fraction of what
a map of the same content does, and the user document is read and written by every call. Instants are
whole seconds since 1970.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from genquota.domain.account import Counter, GrantPart, Hold, Split
from genquota.domain.windows import Span
from genquota.domain.words import LIMIT_WINDOWS, Window

_encode = json.JSONEncoder(separators=(",", ":")).encode
_WINDOWS = {window.value: window for window in Window}


def windows_to_text(windows: Mapping[Window, Counter]) -> str:
    """Write the running windows."""
    return _encode(
        {
            window.value: {
                "start": _seconds(counter.span.start),
                "end": _seconds(counter.span.end),
                "used": dict(counter.used),
                "success": counter.success,
                "failed": counter.failed,
                "date": counter.date,
                "zone": counter.zone,
                **({"adjusted": dict(counter.adjusted)} if counter.adjusted else {}),
            }
            for window, counter in windows.items()
        }
    )


@lru_cache(maxsize=2048)
def windows_from_text(text: str) -> Mapping[Window, Counter]:
    """Read what `windows_to_text` wrote. Remembered, for most calls meet a text that was met before."""
    return {
        _WINDOWS[name]: Counter(
            Span(_instant(entry["start"]), _instant(entry["end"])),
            entry["used"],
            entry["success"],
            entry["failed"],
            entry["date"],
            entry["zone"],
            entry.get("adjusted", {}),
        )
        for name, entry in json.loads(text).items()
    }


def hold_to_text(hold: Hold) -> str:
    """Write a hold. The starts of its windows stand in the order of `LIMIT_WINDOWS`."""
    return _encode(
        {
            "end": _seconds(hold.end),
            "type": hold.type,
            "date": hold.date,
            "windows": hold.split.windows,
            "starts": [_seconds(hold.starts[window]) for window in LIMIT_WINDOWS],
            "grants": [
                [part.grant_id, part.credits, part.expires_at and _seconds(part.expires_at)]
                for part in hold.split.grants
            ],
            **({"overage": hold.split.overage} if hold.split.overage else {}),
        }
    )


@lru_cache(maxsize=4096)
def hold_from_text(text: str) -> Hold:
    """Read what `hold_to_text` wrote. Remembered: a hold is met by each call until it ends."""
    entry = json.loads(text)
    parts = tuple(
        GrantPart(grant_id, credits, None if expires is None else _instant(expires))
        for grant_id, credits, expires in entry["grants"]
    )
    starts = {
        window: _instant(start)
        for window, start in zip(LIMIT_WINDOWS, entry["starts"], strict=True)
    }
    return Hold(
        _instant(entry["end"]),
        entry["type"],
        Split(entry["windows"], parts, entry.get("overage", 0)),
        starts,
        entry["date"],
    )


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
