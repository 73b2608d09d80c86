"""Authorize a call that reads: one read of the caller's document, with the requested documents."""

from collections.abc import Iterable
from datetime import datetime

from genquota.domain.enums import Role
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.transaction import Transaction, run_transaction
from genquota.store.user.user_document import read_user, user_path
from genquota.use_cases.core.authorization import authorize, is_allowed, role_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.user_state import Snapshots


@dataclass(frozen=True, slots=True)
class AuthorizedRead:
    """The authorized caller, the time, and the documents that were read."""

    caller: Caller | None
    role: Role
    now: datetime
    found: Snapshots

    def is_allowed(self, permission: Permission, user_id: str | None = None) -> bool:
        """Return whether they may do something else, too."""
        return is_allowed(self.caller, self.role, permission, user_id)


def authorize_read(
    context: Context,
    caller: Caller | None,
    permission: Permission,
    user_id: str | None = None,
    paths: Iterable[str] = (),
) -> AuthorizedRead:
    """Authorize a call that only reads. See `authorize_read_in`."""

    def attempt(transaction: Transaction) -> AuthorizedRead:
        return authorize_read_in(transaction, context, caller, permission, user_id, paths)

    return run_transaction(context.db, attempt)


def authorize_read_in(
    transaction: Transaction,
    context: Context,
    caller: Caller | None,
    permission: Permission,
    user_id: str | None = None,
    paths: Iterable[str] = (),
) -> AuthorizedRead:
    """Return who acts in a transaction, if they have the permission.

    Args:
        transaction: Does the reading.
        context: The deployment.
        caller: None is the command line, which may see everything.
        permission: What they need.
        user_id: Whose matter it is, if it is one user's.
        paths: Documents to read in the same call.

    Raises:
        NotAllowed, AccountDisabled, AccountDeleted: They may not.
        Unavailable: The store did not answer.
    """
    own_path = user_path(caller.uid) if caller and not caller.is_server else None
    wanted = {*paths, *context.clock.paths(), *([own_path] if own_path else [])}
    found = transaction.read(wanted)
    if caller is None:
        return AuthorizedRead(None, Role.ADMIN, context.clock.at(found), found)
    role = role_of(read_user(found[own_path]) if own_path else None)
    authorize(caller, role, permission, user_id)
    return AuthorizedRead(caller, role, context.clock.at(found), found)
