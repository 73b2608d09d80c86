"""The operators' desk of a world: who sits there, and all that they can do, in short."""

# ruff: noqa: ANN401 - terms and wishes are passed on as they are said
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genquota.domain.changes.manual_subscriptions import SubscriptionWish
from genquota.domain.changes.plan_change import PlanWish
from genquota.domain.words import Role, SubscriptionStatus, Window
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller
from genquota.use_cases.operators import (
    delete_subscription,
    give_grant,
    put_plan,
    put_subscription,
    refund_generation,
    reset_usage,
    revoke_grant,
    set_disabled,
    set_limits,
    set_plan,
    set_role,
    set_timezone,
)
from genquota.use_cases.operators.give_grant import Gift
from ops import override_user

if TYPE_CHECKING:
    from genquota.use_cases.generations.create_generation import Opened
    from genquota.use_cases.operators.change_user import Changed
    from tests.emulator.world import World

BOSS = "boss"
"""An admin, once `Desk.open` has made them one."""


@dataclass
class Desk:
    """Where operators work. `by` None is the command line."""

    world: World
    by: str | None = BOSS
    dry_run: bool = False

    def plan(self, plan_id: str | None, uid: str = "ada", **wish: Any) -> Changed:
        wished = PlanWish(plan_id, **wish)
        return set_plan.set_plan(*self._start(uid), wished, self._deed())

    def limits(self, uid: str = "ada", **terms: Any) -> Changed:
        return set_limits.set_limits(*self._start(uid), terms, self._deed())

    def role(self, role: str, uid: str = "ada") -> Changed:
        return set_role.set_role(*self._start(uid), Role(role), self._deed())

    def timezone(self, timezone: str | None, uid: str = "ada") -> Changed:
        return set_timezone.set_timezone(*self._start(uid), timezone, self._deed())

    def disabled(self, disabled: bool, uid: str = "ada") -> Changed:  # noqa: FBT001
        return set_disabled.set_disabled(*self._start(uid), disabled, self._deed())

    def give(self, credits: int, key: str = "k", uid: str = "ada", **terms: Any) -> Changed:
        gift = Gift(credits, key, **terms)
        return give_grant.give_grant(*self._start(uid), gift, self._deed())

    def revoke(self, grant_id: str, uid: str = "ada") -> Changed:
        return revoke_grant.revoke_grant(*self._start(uid), grant_id, self._deed())

    def reset(self, window: str = "period", uid: str = "ada") -> Changed:
        deed = self._deed()
        return reset_usage.reset_usage(*self._start(uid), Window(window), deed)

    def refund(self, generation: Opened | str, uid: str | None = None) -> Changed:
        id_ = generation if isinstance(generation, str) else generation.generation.id
        context, operator, _ = self._start("")
        return refund_generation.refund_generation(context, operator, uid, id_, self._deed())

    def subscribe(
        self,
        plan_id: str = "plus",
        uid: str = "ada",
        id_: str = "m1",
        status: str = "active",
        **wish: Any,
    ) -> Changed:
        wished = SubscriptionWish(plan_id, SubscriptionStatus(status), **wish)
        deed = self._deed()
        return put_subscription.put_subscription(*self._start(uid), id_, wished, deed)

    def unsubscribe(self, uid: str = "ada", id_: str = "m1") -> Changed:
        deed = self._deed()
        return delete_subscription.delete_subscription(*self._start(uid), id_, deed)

    def override(
        self, uid: str = "ada", key: str = "k", on: str | None = None, **terms: Any
    ) -> Changed:
        return override_user.override_user(
            *self._start(uid), terms, key, self._deed(), only_on_plan=on
        )

    def catalogue(self, plan_id: str, **said: Any) -> put_plan.PlanPut:
        context, operator, _ = self._start("")
        return put_plan.put_plan(context, operator, plan_id, said, self._deed())

    def audit_log(self) -> list[dict[str, Any]]:
        """Return the entries, oldest first."""
        found = [each.to_dict() or {} for each in self.world.db.collection("auditLog").stream()]
        return sorted(found, key=lambda entry: entry["at"])

    def _start(self, uid: str) -> tuple[Any, Caller | None, str]:
        return self.world.context, Caller(self.by) if self.by else None, uid

    def _deed(self) -> Deed:
        return Deed("it was our fault", self.dry_run)


def open_desk(world: World, **facts: Any) -> Desk:
    """Make the admin, and give their desk."""
    world.edit(BOSS, role="admin")
    return Desk(world, **facts)
