"""Windows and holds as short JSON texts.

They stand in `users/{uid}.quota`, which only Genquota reads: a text costs the SDK a fraction of what
a map of the same content does, and the user document is read and written by every call. Instants are
whole seconds since 1970.

Texts live as long as records do, so releases read what others wrote: an older form of a hold, and windows
that they do not know, which are left out. See docs/upgrading.md, "Stored formats".
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.quota.account import Allocation, Counter, GrantAllocation, Hold
from genquota.domain.windows import Span

_encode = json.JSONEncoder(separators=(",", ":")).encode
_WINDOWS = {window.value: window for window in Window}
_HOLD_FORM = 2
_SHORT_CODES = {
    Window.DAY: "d",
    Window.WEEK: "w",
    Window.MONTH: "m",
    Window.QUARTER: "q",
    Window.PERIOD: "p",
}
_CODES = {window: _SHORT_CODES.get(window, window.value) for window in LIMIT_WINDOWS}
"""What windows are called in holds, of which there may be two hundred; the rest go by their name."""
_BY_CODE = {code: window for window, code in _CODES.items()}
_STARTS_OF_FORM_1 = (Window.DAY, Window.WEEK, Window.MONTH, Window.PERIOD)
"""Holds without a form list the starts of these, in this order."""


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
        if name in _WINDOWS
    }


def hold_to_text(hold: Hold) -> str:
    """Write a hold."""
    return _encode(
        {
            "v": _HOLD_FORM,
            "end": _seconds(hold.end),
            "type": hold.type,
            "date": hold.date,
            "plan": hold.allocation.windows,
            "in": {_CODES[window]: _seconds(start) for window, start in hold.starts.items()},
            "grants": [
                [
                    part.grant_id,
                    part.credits,
                    *([_seconds(part.expires_at)] if part.expires_at else []),
                ]
                for part in hold.allocation.grants
            ],
            **({"overage": hold.allocation.overage} if hold.allocation.overage else {}),
        }
    )


@lru_cache(maxsize=4096)
def hold_from_text(text: str) -> Hold:
    """Read what `hold_to_text` wrote, now or before. Remembered: a hold is met by each call until it ends."""
    entry = json.loads(text)
    is_form_1 = "v" not in entry
    starts = _starts_of_form_1(entry["starts"]) if is_form_1 else _starts(entry["in"])
    credits = entry["windows"] if is_form_1 else entry["plan"]
    parts = tuple(_part(*stored) for stored in entry["grants"])
    return Hold(
        _instant(entry["end"]),
        entry["type"],
        Allocation(credits, parts, entry.get("overage", 0)),
        starts,
        entry["date"],
    )


def _starts(stored: dict[str, int]) -> dict[Window, datetime]:
    return {_BY_CODE[code]: _instant(start) for code, start in stored.items() if code in _BY_CODE}


def _starts_of_form_1(stored: list[int]) -> dict[Window, datetime]:
    return dict(zip(_STARTS_OF_FORM_1, map(_instant, stored), strict=False))


def _part(grant_id: str, credits: int, expires: int | None = None) -> GrantAllocation:
    return GrantAllocation(grant_id, credits, None if expires is None else _instant(expires))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
