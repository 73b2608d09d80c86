"""What operators can do to the users of an environment, in short calls."""

# ruff: noqa: ANN401 - terms and wishes are passed on as they are said
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genquota.domain.changes.manual_subscriptions import PutSubscriptionCommand
from genquota.domain.changes.plan_change import SetPlanCommand
from genquota.domain.enums import Role, SubscriptionStatus, Window
from genquota.messages.operators.changes import ChangeAnswer, LimitTerms
from genquota.messages.operators.plans import PlanTerms
from genquota.messages.requests.queries import Nothing
from genquota.triggers.api.routes import ApiRequest
from genquota.triggers.runtime import parse_request
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
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
from genquota.use_cases.operators.give_grant import GrantCommand
from ops import override_user
from ops.override import OverrideTerms
from tests.functions.api_requests import BODIES, NOTE
from tests.unit.request_samples import json_of

if TYPE_CHECKING:
    from genquota.triggers.api.routes import Route
    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from genquota.use_cases.operators.change_user import ChangeResult
    from tests.emulator.environment import Environment

BOSS = "boss"
"""An admin, once the test has made them one."""


@dataclass
class OperatorActions:
    """Where operators work. `by` None is the command line."""

    env: Environment
    by: str | None = BOSS
    dry_run: bool = False

    def plan(self, plan_id: str | None, uid: str = "ada", **command: Any) -> ChangeResult:
        wished = SetPlanCommand(plan_id, **command)
        return set_plan.set_plan(*self._start(uid), wished, self._audit())

    def limits(self, uid: str = "ada", **terms: Any) -> ChangeResult:
        changes = parse_request(LimitTerms, json_of(terms)).changes()
        return set_limits.set_limits(*self._start(uid), changes, self._audit())

    def role(self, role: str, uid: str = "ada") -> ChangeResult:
        return set_role.set_role(*self._start(uid), Role(role), self._audit())

    def timezone(self, timezone: str | None, uid: str = "ada") -> ChangeResult:
        return set_timezone.set_timezone(*self._start(uid), timezone, self._audit())

    def disabled(self, disabled: bool, uid: str = "ada") -> ChangeResult:  # noqa: FBT001
        return set_disabled.set_disabled(*self._start(uid), disabled, self._audit())

    def give(self, credits: int, key: str = "k", uid: str = "ada", **terms: Any) -> ChangeResult:
        command = GrantCommand(credits, key, **terms)
        return give_grant.give_grant(*self._start(uid), command, self._audit())

    def revoke(self, grant_id: str, uid: str = "ada") -> ChangeResult:
        return revoke_grant.revoke_grant(*self._start(uid), grant_id, self._audit())

    def reset(self, window: str = "period", uid: str = "ada") -> ChangeResult:
        audit = self._audit()
        return reset_usage.reset_usage(*self._start(uid), Window(window), audit)

    def refund(self, generation: CreatedGeneration | str, uid: str | None = None) -> ChangeResult:
        id_ = generation if isinstance(generation, str) else generation.generation.id
        context, operator, _ = self._start("")
        return refund_generation.refund_generation(context, operator, uid, id_, self._audit())

    def subscribe(
        self,
        plan_id: str = "plus",
        uid: str = "ada",
        id_: str = "m1",
        status: str = "active",
        **command: Any,
    ) -> ChangeResult:
        wished = PutSubscriptionCommand(plan_id, SubscriptionStatus(status), **command)
        audit = self._audit()
        return put_subscription.put_subscription(*self._start(uid), id_, wished, audit)

    def unsubscribe(self, uid: str = "ada", id_: str = "m1") -> ChangeResult:
        audit = self._audit()
        return delete_subscription.delete_subscription(*self._start(uid), id_, audit)

    def override(
        self, uid: str = "ada", key: str = "k", on: str | None = None, **terms: Any
    ) -> ChangeResult:
        changes = parse_request(OverrideTerms, json_of(terms)).changes()
        return override_user.override_user(
            *self._start(uid), changes, key, self._audit(), only_on_plan=on
        )

    def catalogue(self, plan_id: str, **fields: Any) -> put_plan.PutPlanResult:
        context, operator, _ = self._start("")
        terms = parse_request(PlanTerms, fields).terms()
        return put_plan.put_plan(context, operator, plan_id, terms, self._audit())

    def call(self, route: Route, names: dict[str, str]) -> ChangeAnswer:
        """Change a user as a route of the API does, with its usual request.

        Args:
            route: Which.
            names: What stands for the braces of its pattern.
        """
        key = (route.method, route.pattern)
        context, operator, _ = self._start("")
        fields = {"dryRun": str(self.dry_run).lower()}
        if "note" in route.query.model_fields:
            fields["note"] = NOTE
        path = {name: text for name, text in names.items() if f"{{{name}}}" in route.pattern}
        request = ApiRequest(
            context,
            operator,
            parse_request(route.path, path),
            parse_request(route.query, fields),
            parse_request(route.body or Nothing, BODIES.get(key, {})),
            route.pattern,
        )
        answer = route.handle(request)
        assert isinstance(answer, ChangeAnswer)
        return answer

    def audit_log(self) -> list[dict[str, Any]]:
        """Return the entries, oldest first."""
        found = [each.to_dict() or {} for each in self.env.db.collection("auditLog").stream()]
        return sorted(found, key=lambda entry: entry["at"])

    def _start(self, uid: str) -> tuple[Any, Caller | None, str]:
        return self.env.context, Caller(self.by) if self.by else None, uid

    def _audit(self) -> AuditContext:
        return AuditContext(NOTE, self.dry_run)


def operator_actions(env: Environment, **facts: Any) -> OperatorActions:
    """Make the admin, and give their desk."""
    env.edit(BOSS, role="admin")
    return OperatorActions(env, **facts)
