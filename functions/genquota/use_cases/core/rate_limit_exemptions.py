"""Callers exempt from rate limits: services and admins, as last read. No permission follows from it."""

import threading
from collections import OrderedDict

from genquota.domain.enums import Role

_REMEMBERED = 10_000
_seen: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def remember_role(uid: str, role: Role) -> None:
    """Remember the role in a caller's document."""
    if role is Role.USER and uid not in _seen:
        return
    with _lock:
        _seen.pop(uid, None)
        if role is not Role.USER:
            _seen[uid] = None
        if len(_seen) > _REMEMBERED:
            _seen.popitem(last=False)


def is_exempt(uid: str) -> bool:
    """Return whether the caller was a service or an admin when last read."""
    return uid in _seen
