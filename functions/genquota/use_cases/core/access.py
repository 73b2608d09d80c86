"""The case that a verb works on: who asks, with which rights, about which user and record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from genquota.domain.errors import (
    GenerationNotFound,
    UserNotFound,
)
from genquota.domain.permissions import Permission
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import Ask, Decision
from genquota.domain.quota.usage_counters import Addition
from genquota.domain.words import Role
from genquota.store.generation_document import GenerationDocument, generation_path, read_generation
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.privacy.former_users import EmailClaim
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import read_user, user_path
from genquota.use_cases.core.authorization import authorize, is_allowed, require_active, role_of
from genquota.use_cases.core.context import Caller, Context, holder_named
from genquota.use_cases.core.returning_users import (
    carry_over,
    must_be_remembered,
    profile_of_token,
    remember_email,
)
from genquota.use_cases.core.user_state import Found, Present, bring_to_present


@dataclass(frozen=True, slots=True)
class Case:
    """What one attempt of a verb has read."""

    caller: Caller | None
    role: Role
    """The caller's; the app's own server code counts as a service."""
    holder: Present
    """The user whom it is about."""
    record: GenerationDocument | None
    email_claim: EmailClaim | None = None
    """What was read, and is counted already, under a verified email that the caller does not hold yet."""

    @property
    def own_record(self) -> GenerationDocument:
        """The record that was asked for, if it is the holder's.

        Raises:
            GenerationNotFound: There is none, or it is another user's.
        """
        if self.record is None or self.record.generation.uid != self.holder.account.uid:
            raise GenerationNotFound
        return self.record

    def is_allowed(self, permission: Permission) -> bool:
        """Tell whether the caller may do this to the holder."""
        return is_allowed(self.caller, self.role, permission, self.holder.account.uid)

    def authorize(self, permission: Permission) -> None:
        """Refuse callers who may not do this to the holder.

        Raises:
            NotAllowed
        """
        authorize(self.caller, self.role, permission, self.holder.account.uid)

    def require_right_to(self, ask: Ask) -> None:
        """Refuse what may not be asked: for a barred user, or at a price that the caller may not name.

        Raises:
            AccountDisabled, AccountDeleted, NotAllowed
        """
        require_active(self.holder.account)
        if ask.credits is not None:
            self.authorize(Permission.NAME_CREDITS)

    def decide(self, transaction: Transaction, ask: Ask) -> Decision:
        """Decide about the holder as they are. Their first call makes their document."""
        decision = self.holder.decide(ask)
        if must_be_remembered(self.caller, self.holder):
            self.save(transaction, self.holder.account, decision)
        return decision

    def save(
        self,
        transaction: Transaction,
        account: Account,
        decision: Decision,
        additions: tuple[Addition, ...] = (),
        profile: dict[str, Any] | None = None,
    ) -> None:
        """Write the holder's account, and what their own token says of them."""
        remembered = remember_email(
            transaction, self.caller, self.holder, self.email_claim, account
        )
        fields = {**self.profile_of_token(), **remembered, **(profile or {})}
        self.holder.save(transaction, account, decision, additions, fields)

    def profile_of_token(self) -> dict[str, Any]:
        """Return what their own token changes in the holder's document, whenever that is written."""
        return profile_of_token(self.caller, self.holder)


def open_case(
    context: Context,
    transaction: Transaction,
    caller: Caller | None,
    user_id: str | None,
    generation_id: str | None = None,
) -> Case:
    """Read all that a verb needs, in one call unless the guess at plan or holder was wrong.

    Args:
        context: The deployment.
        transaction: Does the reading.
        caller: None is the app's own server code, which may act for anybody.
        user_id: Whom the call is about. None: the caller; or, when a service reports on
            another user's generation, that user.
        generation_id: A record to read along.

    Raises:
        NotAllowed: The caller may not act for the holder.
        AccountDisabled, AccountDeleted: The caller may not act at all.
        UserNotFound: The caller names a user who has no document.
        GenerationNotFound: Nothing says who the holder is.
    """
    uid = holder_named(caller, user_id)
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
    transaction.lane = uid
    is_own = asker is not None and asker.account.uid == uid
    seen = asker if asker and is_own else read_user(found[user_path(uid)])
    if caller and not is_own and not seen.exists:
        raise UserNotFound
    now = context.clock.at(found)
    is_verified = is_own and caller is not None and caller.is_verified
    present = bring_to_present(context, transaction, seen, now, found, is_verified=is_verified)
    holder, email_claim = carry_over(transaction, caller, present)
    return Case(caller, role, holder, record, email_claim)


def _read(
    context: Context, transaction: Transaction, uid: str | None, extras: Iterable[str] = ()
) -> Found:
    """Read the user, the plan that they probably have unless it is remembered, and the rest."""
    paths = {*extras, *context.clock.paths()}
    if uid:
        paths.add(user_path(uid))
        plans = plan_cache(context.db)
        guess = plans.guess(uid, context.policy.default_plan)
        if guess and not plans.is_known(guess, context.policy.plan_cache):
            paths.add(plan_path(guess))
    return transaction.read(paths)
