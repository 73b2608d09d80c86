"""The only authorization function: decides by the table of permissions.

Besides, roles as last read exempt callers from rate limits; no permission follows from that.
"""

import threading
from collections import OrderedDict

from genquota.domain.enums import Role
from genquota.domain.errors import AccountDeleted, AccountDisabled, NotAllowed
from genquota.domain.permissions import PERMISSIONS, Permission, Who
from genquota.domain.quota.account import Account
from genquota.store.user.user_document import UserDocument
from genquota.use_cases.core.context import Caller

_REMEMBERED = 10_000
_exempt: OrderedDict[str, None] = OrderedDict()
"""Services and admins, as last read."""
_lock = threading.Lock()


def is_allowed(
    caller: Caller | None, role: Role, permission: Permission, user_id: str | None = None
) -> bool:
    """Return whether a caller may do something.

    Args:
        caller: None is the app's own server code or the command line, which may do everything.
        role: The caller's, from their document as it is now.
        permission: What they want to do.
        user_id: Whose data it is about, if it is one user's.
    """
    if caller is None:
        return True
    is_own = not caller.is_server and caller.uid == user_id
    return includes(PERMISSIONS[permission], role, is_own=is_own)


def includes(who: Who, role: Role, *, is_own: bool) -> bool:
    """Return whether a signed-in caller of that role is one of ``who``.

    Args:
        who: Who may do something.
        role: The caller's.
        is_own: Whether the call is about the caller's own data.
    """
    match who:
        case Who.ANYBODY | Who.SIGNED_IN:
            return True
        case Who.SELF:
            return is_own
        case Who.SELF_SERVICE_ADMIN:
            return is_own or role is not Role.USER
        case Who.SELF_ADMIN:
            return is_own or role is Role.ADMIN
        case Who.SERVICE_ADMIN:
            return role is not Role.USER
        case Who.ADMIN:
            return role is Role.ADMIN


def authorize(
    caller: Caller | None, role: Role, permission: Permission, user_id: str | None = None
) -> None:
    """Refuse what `is_allowed` says no to.

    Raises:
        NotAllowed
    """
    if not is_allowed(caller, role, permission, user_id):
        raise NotAllowed


def role_of(asker: UserDocument | None) -> Role:
    """Return the caller's role, from their document as it is now; who has none is a server.

    Raises:
        AccountDisabled, AccountDeleted
    """
    if asker is None:
        return Role.SERVICE
    require_active(asker.account)
    _remember_role(asker.account.uid, asker.account.role)
    return asker.account.role


def require_active(account: Account) -> None:
    """Refuse those who are barred.

    Raises:
        AccountDisabled, AccountDeleted
    """
    if account.is_deleted:
        raise AccountDeleted
    if account.is_disabled:
        raise AccountDisabled


def is_exempt_from_rate_limits(uid: str) -> bool:
    """Return whether the caller was a service or an admin when last read."""
    return uid in _exempt


def _remember_role(uid: str, role: Role) -> None:
    """Remember the role in a caller's document."""
    if role is Role.USER and uid not in _exempt:
        return
    with _lock:
        _exempt.pop(uid, None)
        if role is not Role.USER:
            _exempt[uid] = None
        if len(_exempt) > _REMEMBERED:
            _exempt.popitem(last=False)
