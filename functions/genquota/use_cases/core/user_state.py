"""The state of a user at one instant: the account, rolled to it, and the plan in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from genquota.domain.enums import UNLIMITED
from genquota.domain.plans.plans import Plan, apply_overrides
from genquota.domain.plans.subscriptions import best_of
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account
from genquota.domain.quota.decision import Decision, QuotaRequest, decide
from genquota.domain.quota.notices import Notice, plan_notifications
from genquota.domain.quota.rolling import ClosedWindow, roll_windows
from genquota.domain.quota.usage_counters import ClosedWindowIncrement
from genquota.domain.records import dataclass
from genquota.domain.texts import is_document_name
from genquota.domain.users.former_users import restore_counters
from genquota.store.closed_windows import increment_closed_windows, write_closed_windows
from genquota.store.documents import Snapshot
from genquota.store.notices.device_documents import devices_of
from genquota.store.notices.notice_documents import (
    read_sent_thresholds,
    sent_thresholds_to_fields,
    write_notices,
)
from genquota.store.plans.plan_cache import plan_cache, plan_path
from genquota.store.privacy.former_users import carried_counters
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import UserDocument, save_user
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.push_notices import UserNotices

_NO_TERMS = Plan(id="", limits={})
Snapshots = dict[str, Snapshot]
"""What was read so far, by path."""


@dataclass(frozen=True, slots=True)
class UserState:
    """A user's account, plan and closed windows at one instant, with the way to write changes."""

    now: datetime
    policy: Policy
    seen: UserDocument
    account: Account
    closed: tuple[ClosedWindow, ...]
    plan_id: str | None
    plan: Plan | None
    push: Callable[[Sequence[UserNotices]], None] | None = None

    def decide(self, quota_request: QuotaRequest, account: Account | None = None) -> Decision:
        """Decide on the account as it is, or as it would be."""
        return decide(
            account or self.account, self.plan, self.plan_id, quota_request, self.now, self.policy
        )

    def save(
        self,
        transaction: Transaction,
        account: Account,
        decision: Decision,
        increments: tuple[ClosedWindowIncrement, ...] = (),
        profile: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the account as it would be, what belongs to windows that have closed, and notices."""
        fields = dict(profile or {})
        notices: tuple[Notice, ...] = ()
        if self.policy.notices_are_kept and account.windows != self.seen.account.windows:
            sent = read_sent_thresholds(self.seen.data)
            planned = plan_notifications(self.account, account, decision.usages, self.closed, sent)
            fields |= sent_thresholds_to_fields(sent, planned.sent)
            notices = planned.notices
        save_user(transaction, self.seen, account, decision, self.now, fields)
        if self.closed:
            write_closed_windows(transaction, account.uid, self.closed)
        if increments:
            increment_closed_windows(transaction, account.uid, increments)
        if notices:
            self._notify(transaction, notices)

    def _notify(self, transaction: Transaction, notices: tuple[Notice, ...]) -> None:
        uid = self.account.uid
        write_notices(transaction, uid, notices, self.now)
        devices = tuple(devices_of(self.seen.data)) if self.push else ()
        if devices and self.push:
            transaction.after_commit(self.push, UserNotices(uid, devices, notices))


def evaluate_user(
    context: Context,
    transaction: Transaction,
    seen: UserDocument,
    now: datetime,
    found: Snapshots,
    *,
    is_verified: bool = False,
) -> UserState:
    """Evaluate a user who was read: find the plan in force and roll the account to ``now``.

    A plan that is neither remembered nor among ``found`` is read, and put there. ``is_verified`` is
    what the user's own token shows now; what it showed before is remembered. Who was deleted and signs up
    again starts with what they had used.
    """
    account = seen.account
    if is_verified and not account.is_verified:
        account = replace(account, is_verified=True)
    if not seen.is_complete and account.created_at is None:
        account = replace(account, created_at=now)  # the first call is the sign-up
    state = _evaluate(context, transaction, seen, account, now, found)
    if seen.is_complete or not (carried := carried_counters(seen)):
        return state
    return replace(state, account=restore_counters(state.account, carried, now))


def reevaluate(
    context: Context, transaction: Transaction, state: UserState, account: Account
) -> UserState:
    """Return the same instant for an account whose terms were changed."""
    again = _evaluate(context, transaction, state.seen, account, state.now, {})
    return replace(again, closed=(*state.closed, *again.closed))


def with_plan(state: UserState, plan: Plan) -> UserState:
    """Return the same user at the same instant as if the plan in force said something else."""
    plan = apply_overrides(plan, state.account.overrides, state.now)
    rolled = roll_windows(state.account, plan, state.now, state.policy)
    return replace(state, account=rolled.account, plan=plan)


def find_plan(
    context: Context, transaction: Transaction, plan_id: str | None, found: Snapshots
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


def _evaluate(
    context: Context,
    transaction: Transaction,
    seen: UserDocument,
    account: Account,
    now: datetime,
    found: Snapshots,
) -> UserState:
    policy = context.policy
    account = _with_best_subscription(context, transaction, account, now, found)
    plan_id = account.plan_in_force(now, policy)
    plan = find_plan(context, transaction, plan_id, found)
    if plan:
        if account.overrides:
            plan = apply_overrides(plan, account.overrides, now)
        plan_cache(context.db).remember_plan_of(account.uid, plan.id)
    rolled = roll_windows(account, plan or _NO_TERMS, now, policy)
    return UserState(now, policy, seen, rolled.account, rolled.closed, plan_id, plan, context.push)


def _with_best_subscription(
    context: Context, transaction: Transaction, account: Account, now: datetime, found: Snapshots
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
