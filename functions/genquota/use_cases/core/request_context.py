"""The request that a verb works on: caller, role, user and record, read at once; and why a change is made."""

from collections.abc import Iterable
from typing import Any

from genquota.domain.enums import Role
from genquota.domain.errors import (
    GenerationNotFound,
    InvalidArgument,
    UserNotFound,
)
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import Decision, QuotaRequest
from genquota.domain.quota.usage_counters import ClosedWindowIncrement
from genquota.domain.records import dataclass
from genquota.domain.texts import normalize_email
from genquota.store.generation_document import GenerationDocument, generation_path, read_generation
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.privacy.former_users import EmailClaim
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import read_user, user_path
from genquota.use_cases.core.authorization import authorize, is_allowed, require_active, role_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.returning_users import apply_carry_over, claim_email, must_be_saved
from genquota.use_cases.core.user_state import Snapshots, UserState, evaluate_user

MAX_NOTE = 1000
"""Characters."""
_COMMAND_LINE = "command-line"


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What one attempt of a verb has read, and the caller's role."""

    caller: Caller | None
    role: Role
    """The caller's; the app's own server code counts as a service."""
    user: UserState
    """The user whom it is about."""
    record: GenerationDocument | None
    email_claim: EmailClaim | None = None
    """What was read, and is counted already, under a verified email that the caller does not hold yet."""

    @property
    def own_record(self) -> GenerationDocument:
        """The requested record, if it belongs to the user.

        Raises:
            GenerationNotFound: There is none, or it is another user's.
        """
        if self.record is None or self.record.generation.uid != self.user.account.uid:
            raise GenerationNotFound
        return self.record

    def is_allowed(self, permission: Permission) -> bool:
        """Return whether the caller has the permission for this user."""
        return is_allowed(self.caller, self.role, permission, self.user.account.uid)

    def authorize(self, permission: Permission) -> None:
        """Refuse callers without the permission for this user.

        Raises:
            NotAllowed
        """
        authorize(self.caller, self.role, permission, self.user.account.uid)

    def require_may_request(self, quota_request: QuotaRequest) -> None:
        """Refuse what may not be asked: for a barred user, or at a price that the caller may not name.

        Raises:
            AccountDisabled, AccountDeleted, NotAllowed
        """
        require_active(self.user.account)
        if quota_request.credits is not None:
            self.authorize(Permission.NAME_CREDITS)

    def decide(self, transaction: Transaction, quota_request: QuotaRequest) -> Decision:
        """Decide on the user's present state. A first call creates the user document."""
        decision = self.user.decide(quota_request)
        if must_be_saved(self.caller, self.user):
            self.save(transaction, self.user.account, decision)
        return decision

    def save(
        self,
        transaction: Transaction,
        account: Account,
        decision: Decision,
        increments: tuple[ClosedWindowIncrement, ...] = (),
        profile: dict[str, Any] | None = None,
    ) -> None:
        """Write the user's account, and profile fields from their own token."""
        fields = self.token_profile()
        if self.caller and self.caller.email_hash:
            fields |= claim_email(transaction, self.caller, self.user, self.email_claim, account)
        fields |= profile or {}
        self.user.save(transaction, account, decision, increments, fields)

    def token_profile(self) -> dict[str, Any]:
        """Return what the user's own token changes in their document, whenever that is written.

        The email is kept current; name and picture are only where a new document starts, for users may
        change them.
        """
        caller, seen = self.caller, self.user.seen
        if caller is None or caller.is_server or caller.uid != seen.account.uid:
            return {}
        fields: dict[str, Any] = {}
        if not seen.is_complete:
            profile = {"email": None, "displayName": caller.name, "photoURL": caller.picture}
            fields = {key: value for key, value in profile.items() if key not in seen.data}
        email = caller.email and normalize_email(caller.email)
        if email and email != seen.data.get("email"):
            fields["email"] = email
        return fields


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The note for the audit log, and whether this is a dry run.

    Raises:
        InvalidArgument: The note says nothing, or too much.
    """

    note: str
    dry_run: bool = False

    def __post_init__(self) -> None:
        if not self.note.strip() or len(self.note) > MAX_NOTE:
            raise InvalidArgument((("note", f"say why, in 1 to {MAX_NOTE} characters"),))


def actor_of(operator: Caller | None) -> str:
    """Return who does it, as the audit log names them; without a signed-in admin it is the command line."""
    return operator.uid if operator else _COMMAND_LINE


def target_user_id(caller: Caller | None, user_id: str | None) -> str | None:
    """Return whom a call is about, as far as the call says."""
    return user_id or (caller.uid if caller and not caller.is_server else None)


def load_request(
    context: Context,
    transaction: Transaction,
    caller: Caller | None,
    user_id: str | None,
    generation_id: str | None = None,
) -> RequestContext:
    """Read all documents that a verb needs: in one call, unless the guess at the plan or the user was wrong.

    Args:
        context: The deployment.
        transaction: Does the reading.
        caller: None is the app's own server code, which may act for anybody.
        user_id: Whom the call is about. None: the caller; or, when a service reports on
            another user's generation, that user.
        generation_id: A record to read along.

    Raises:
        NotAllowed: The caller may not act for the user.
        AccountDisabled, AccountDeleted: The caller may not act at all.
        UserNotFound: The caller names a user who has no document.
        GenerationNotFound: Neither the call nor a record names a user.
    """
    uid = target_user_id(caller, user_id)
    record_path = generation_path(generation_id) if generation_id else None
    own_path = user_path(caller.uid) if caller and not caller.is_server else None
    found = _read(context, transaction, uid, [path for path in (own_path, record_path) if path])
    asker = read_user(found[own_path]) if own_path else None
    role = role_of(asker)
    authorize(caller, role, Permission.ACT_FOR_USER, uid)
    record = read_generation(found[record_path]) if record_path else None
    owner = record.generation.uid if record else uid
    if (
        user_id is None
        and owner != uid
        and is_allowed(caller, role, Permission.ACT_FOR_USER, owner)
    ):
        uid = owner
        found.update(_read(context, transaction, uid))
    if uid is None:
        raise GenerationNotFound
    transaction.lock_key = uid
    is_own = asker is not None and asker.account.uid == uid
    seen = asker if asker and is_own else read_user(found[user_path(uid)])
    if caller and not is_own and not seen.exists:
        raise UserNotFound
    now = context.clock.at(found)
    is_verified = is_own and caller is not None and caller.is_verified
    state = evaluate_user(context, transaction, seen, now, found, is_verified=is_verified)
    email_claim = None
    if caller and caller.email_hash:
        state, email_claim = apply_carry_over(transaction, caller, state)
    return RequestContext(caller, role, state, record, email_claim)


def _read(
    context: Context, transaction: Transaction, uid: str | None, extras: Iterable[str] = ()
) -> Snapshots:
    """Read the user, the plan that they probably have unless it is remembered, and the rest."""
    paths = {*extras, *context.clock.paths()}
    if uid:
        paths.add(user_path(uid))
        plans = plan_cache(context.db)
        guess = plans.guess(uid, context.policy.default_plan)
        if guess and not plans.is_known(guess, context.policy.plan_cache):
            paths.add(plan_path(guess))
    return transaction.read(paths)
