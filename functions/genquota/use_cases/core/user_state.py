"""A user at one instant: the account rolled to it, under the plan in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from genquota.domain.plans.plans import Plan, apply_overrides
from genquota.domain.plans.subscriptions import best_of
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import Ask, Decision, decide
from genquota.domain.quota.notices import News, news_of
from genquota.domain.quota.rolling import Closed, roll
from genquota.domain.quota.usage_counters import Addition
from genquota.domain.users.former_users import take_over
from genquota.domain.words import UNLIMITED, is_document_name
from genquota.store.closed_windows import add_to_closed, keep_closed
from genquota.store.documents import Snapshot
from genquota.store.notices.device_documents import devices_of
from genquota.store.notices.notice_documents import keep_notices, read_told, told_to_fields
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.privacy.former_users import carried_counters
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument, save_user
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.push_notices import Outgoing

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
    push: Callable[[Sequence[Outgoing]], None] | None = None

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
        """Write the account as it would be, what belongs to windows that have closed, and notices."""
        told = read_told(self.seen.data)
        news = News(told=told)
        if self.policy.notices_are_kept:
            news = news_of(self.account, account, decision.rows, self.closed, told)
        fields = {**(profile or {}), **told_to_fields(told, news.told)}
        save_user(transaction, self.seen, account, decision, self.now, fields)
        keep_closed(transaction, account.uid, self.closed)
        add_to_closed(transaction, account.uid, additions)
        keep_notices(transaction, account.uid, news.notices, self.now)
        devices = tuple(devices_of(self.seen.data)) if news.notices and self.push else ()
        if devices and self.push:
            going_out = Outgoing(account.uid, devices, news.notices)
            transaction.afterwards(self.push, going_out)


def bring_to_present(
    context: Context,
    transaction: Transaction,
    seen: UserDocument,
    now: datetime,
    found: Found,
    *,
    is_verified: bool = False,
) -> Present:
    """Find the plan in force for a user who was read, and roll the account to ``now``.

    A plan that is neither remembered nor among ``found`` is read, and put there. ``is_verified`` is
    what the user's own token shows now; what it showed before is remembered. Who was deleted and signs up
    again starts with what they had used.
    """
    account = seen.account
    if is_verified and not account.is_verified:
        account = replace(account, is_verified=True)
    if not seen.is_complete and account.created_at is None:
        account = replace(account, created_at=now)  # the first call is the sign-up
    present = _present(context, transaction, seen, account, now, found)
    if seen.is_complete or not (carried := carried_counters(seen)):
        return present
    return replace(present, account=take_over(present.account, carried, now))


def reconsider(
    context: Context, transaction: Transaction, present: Present, account: Account
) -> Present:
    """Return the same instant for an account whose terms were changed."""
    again = _present(context, transaction, present.seen, account, present.now, {})
    return replace(again, closed=(*present.closed, *again.closed))


def under_plan(present: Present, plan: Plan) -> Present:
    """Return the same user at the same instant as if the plan in force said something else."""
    plan = apply_overrides(plan, present.account.overrides, present.now)
    rolled = roll(present.account, plan, present.now, present.policy)
    return replace(present, account=rolled.account, plan=plan)


def find_plan(
    context: Context, transaction: Transaction, plan_id: str | None, found: Found
) -> Plan | None:
    """Return a plan by its id, read if it is neither remembered nor among ``found``; None: no such plan."""
    if plan_id is None or not is_document_name(plan_id):
        return None
    plans = plan_cache(context.db)
    path = plan_path(plan_id)
    if path not in found:
        if plans.is_known(plan_id, context.policy.plan_cache):
            return plans.get(plan_id)
        found.update(transaction.read([path]))
    return plans.remember(found[path])


def _present(
    context: Context,
    transaction: Transaction,
    seen: UserDocument,
    account: Account,
    now: datetime,
    found: Found,
) -> Present:
    policy = context.policy
    account = _with_best_subscription(context, transaction, account, now, found)
    plan_id = account.plan_in_force(now, policy)
    plan = find_plan(context, transaction, plan_id, found)
    if plan:
        plan = apply_overrides(plan, account.overrides, now)
        plan_cache(context.db).saw(account.uid, plan.id)
    rolled = roll(account, plan or _NO_TERMS, now, policy)
    return Present(now, policy, seen, rolled.account, rolled.closed, plan_id, plan, context.push)


def _with_best_subscription(
    context: Context, transaction: Transaction, account: Account, now: datetime, found: Found
) -> Account:
    if not (account.subscription or account.subscriptions):
        return account
    known = account.subscriptions.values() or [account.subscription]
    in_force = [each for each in known if each and each.is_in_force(now, context.policy)]
    if len(in_force) < 2:  # noqa: PLR2004 - one needs no comparison, and so no plan
        return replace(account, subscription=in_force[0] if in_force else None)

    def rank_of(plan_id: str) -> int:
        plan = find_plan(context, transaction, plan_id, found)
        return plan.rank if plan else UNLIMITED

    return replace(account, subscription=best_of(in_force, rank_of, now))
