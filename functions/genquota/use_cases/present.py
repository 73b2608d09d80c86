"""A user at one instant: the account rolled to it, under the plan in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from genquota.domain.account import Account
from genquota.domain.charging import Addition
from genquota.domain.decision import Ask, Decision, decide
from genquota.domain.plans import Plan, apply_overrides
from genquota.domain.policy import Policy
from genquota.domain.rolling import Closed, roll
from genquota.domain.words import is_document_name
from genquota.store.closed_windows import add_to_closed, keep_closed
from genquota.store.plan_cache import plan_cache, plan_path
from genquota.store.transaction import Snapshot, Transaction
from genquota.store.user_document import UserDocument, save_user
from genquota.use_cases.context import Context

_NO_TERMS = Plan(id="", limits={})
Found = dict[str, Snapshot]
"""What was read so far, by path."""


@dataclass(frozen=True, slots=True)
class Present:
    """What decisions about a user stand on, and the way to write what they lead to."""

    now: datetime
    policy: Policy
    seen: UserDocument
    account: Account
    closed: tuple[Closed, ...]
    plan_id: str | None
    plan: Plan | None

    def decide(self, ask: Ask, account: Account | None = None) -> Decision:
        """Decide on the account as it is, or as it would be."""
        return decide(account or self.account, self.plan, self.plan_id, ask, self.now, self.policy)

    def save(
        self,
        transaction: Transaction,
        account: Account,
        decision: Decision,
        additions: tuple[Addition, ...] = (),
        profile: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the account as it would be, and what belongs to windows that have closed."""
        save_user(transaction, self.seen, account, decision, self.now, profile)
        keep_closed(transaction, account.uid, self.closed)
        add_to_closed(transaction, account.uid, additions)


def bring_to_present(
    context: Context, transaction: Transaction, seen: UserDocument, now: datetime, found: Found
) -> Present:
    """Find the plan in force for a user who was read, and roll the account to ``now``.

    A plan that is neither remembered nor among ``found`` is read, and put there.
    """
    policy = context.policy
    plan_id = seen.account.plan_in_force(now, policy)
    plan = _plan_in_force(context, transaction, plan_id, found)
    if plan:
        plan = apply_overrides(plan, seen.account.overrides, now)
        plan_cache(context.db).saw(seen.account.uid, plan.id)
    account = seen.account
    if not seen.is_complete and account.created_at is None:
        account = replace(account, created_at=now)  # the first call is the sign-up
    rolled = roll(account, plan or _NO_TERMS, now, policy)
    return Present(now, policy, seen, rolled.account, rolled.closed, plan_id, plan)


def _plan_in_force(
    context: Context, transaction: Transaction, plan_id: str | None, found: Found
) -> Plan | None:
    if plan_id is None or not is_document_name(plan_id):
        return None
    plans = plan_cache(context.db)
    path = plan_path(plan_id)
    if path not in found:
        if plans.is_known(plan_id, context.policy.plan_cache):
            return plans.get(plan_id)
        found.update(transaction.read([path]))
    return plans.remember(found[path])
