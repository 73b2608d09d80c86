"""The only authorization function: decides by the table of permissions."""

from genquota.domain.enums import Role
from genquota.domain.errors import AccountDeleted, AccountDisabled, NotAllowed
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Account
from genquota.store.user.user_document import UserDocument
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.rate_limit_exemptions import remember_role


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
    return permission.who.includes(role, is_own=is_own)


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
    remember_role(asker.account.uid, asker.account.role)
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
