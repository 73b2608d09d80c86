"""Which callers were services or admins when they were last read; no rights follow from it."""

import threading
from collections import OrderedDict

from genquota.domain.words import Role

_REMEMBERED = 10_000
_seen: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def saw_role(uid: str, role: Role) -> None:
    """Note the role that a caller's document says."""
    if role is Role.USER and uid not in _seen:
        return
    with _lock:
        _seen.pop(uid, None)
        if role is not Role.USER:
            _seen[uid] = None
        if len(_seen) > _REMEMBERED:
            _seen.popitem(last=False)


def may_call_at_will(uid: str) -> bool:
    """Tell whether the caller was a service or an admin when last seen."""
    return uid in _seen
