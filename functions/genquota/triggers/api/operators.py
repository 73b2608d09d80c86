"""Operators' changes of users: each with a note, an audit entry and a dry run."""

import uuid
from typing import Any, TypeVar

from genquota.domain.audit_actions import RESETS
from genquota.domain.changes.manual_subscriptions import PutSubscriptionCommand
from genquota.domain.changes.plan_change import SetPlanCommand
from genquota.domain.enums import LIMIT_WINDOWS, Role, SubscriptionStatus, Window
from genquota.domain.permissions import Permission
from genquota.messages.answers.pages import Page
from genquota.messages.operators.changes import (
    ChangeAnswer,
    GiveGrant,
    GrantPath,
    GrantRecord,
    Noted,
    PutSubscription,
    SetDisabled,
    SetLimits,
    SetPlan,
    SetRole,
    SetTimezone,
    SubscriptionPath,
)
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import (
    DryRun,
    DryRunNoted,
    GenerationPath,
    Nothing,
    Paged,
    UserPath,
)
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.operators.change_user import ChangeResult
from genquota.use_cases.operators.delete_subscription import delete_subscription
from genquota.use_cases.operators.give_grant import GrantCommand, give_grant
from genquota.use_cases.operators.put_subscription import put_subscription
from genquota.use_cases.operators.refund_generation import refund_generation
from genquota.use_cases.operators.reset_usage import reset_usage
from genquota.use_cases.operators.revoke_grant import revoke_grant
from genquota.use_cases.operators.set_disabled import set_disabled
from genquota.use_cases.operators.set_limits import set_limits
from genquota.use_cases.operators.set_plan import set_plan
from genquota.use_cases.operators.set_role import set_role
from genquota.use_cases.operators.set_timezone import set_timezone
from genquota.use_cases.reading.grants import list_grants
from genquota.use_cases.reading.lists import PageRequest

D = TypeVar("D", bound=DryRun)


def audit_of(request: ApiRequest[Any, D, Any]) -> AuditContext:
    """Return the note, which stands in the query where there is no body, and whether it is a dry run."""
    query = request.query
    noted = query if isinstance(query, DryRunNoted) else request.body
    return AuditContext(noted.note, query.dry_run)


def answer_of(changed: ChangeResult) -> ChangeAnswer:
    audit, edit = changed.audit, changed.edit
    return ChangeAnswer.of(
        changed.user.account.uid,
        action=edit.action.value,
        dry_run=audit.dry_run,
        changed=not edit.is_noop,
        about=edit.about,
        audit_id=changed.audit_id,
        facts=(edit.before, edit.after),
        quotas=(changed.quota_before, changed.quota),
    )


def _plan(request: ApiRequest[UserPath, DryRun, SetPlan]) -> ChangeAnswer:
    body = request.body
    command = SetPlanCommand(body.plan_id, body.now, body.expires_at)
    audit = audit_of(request)
    return answer_of(
        set_plan(request.context, request.caller, request.path.user_id, command, audit)
    )


def _limits(request: ApiRequest[UserPath, DryRun, SetLimits]) -> ChangeAnswer:
    audit = audit_of(request)
    changes = request.body.changes()
    return answer_of(
        set_limits(request.context, request.caller, request.path.user_id, changes, audit)
    )


def _role(request: ApiRequest[UserPath, DryRun, SetRole]) -> ChangeAnswer:
    audit = audit_of(request)
    role = Role(request.body.role)
    return answer_of(set_role(request.context, request.caller, request.path.user_id, role, audit))


def _timezone(request: ApiRequest[UserPath, DryRun, SetTimezone]) -> ChangeAnswer:
    audit = audit_of(request)
    zone = request.body.timezone
    return answer_of(
        set_timezone(request.context, request.caller, request.path.user_id, zone, audit)
    )


def _disabled(request: ApiRequest[UserPath, DryRun, SetDisabled]) -> ChangeAnswer:
    audit = audit_of(request)
    disabled = request.body.disabled
    return answer_of(
        set_disabled(request.context, request.caller, request.path.user_id, disabled, audit)
    )


def _grants(request: ApiRequest[UserPath, Paged, Nothing]) -> Page[GrantRecord]:
    query = request.query
    part = PageRequest(query.page_size, position_of(query.cursor))
    grants, after = list_grants(request.context, request.caller, request.path.user_id, part)
    items = [
        GrantRecord.from_document(each.data, id=each.id, used=each.used, remaining=each.remaining)
        for each in grants
    ]
    return Page[GrantRecord](items=items, cursor=cursor_of(after))


def _give(request: ApiRequest[UserPath, DryRun, GiveGrant]) -> ChangeAnswer:
    body = request.body
    key = body.idempotency_key or uuid.uuid4().hex
    command = GrantCommand(body.credits, key, body.expires_at, body.purchased)
    audit = audit_of(request)
    return answer_of(
        give_grant(request.context, request.caller, request.path.user_id, command, audit)
    )


def _revoke(request: ApiRequest[GrantPath, DryRunNoted, Nothing]) -> ChangeAnswer:
    path = request.path
    audit = audit_of(request)
    return answer_of(
        revoke_grant(request.context, request.caller, path.user_id, path.grant_id, audit)
    )


Reset = ApiRequest[UserPath, DryRun, Noted]


def _reset_route(window: Window) -> Route:
    def reset(request: Reset) -> ChangeAnswer:
        audit = audit_of(request)
        changed = reset_usage(request.context, request.caller, request.path.user_id, window, audit)
        return answer_of(changed)

    pattern = f"/usage-tracking/{RESETS[window].value}/{{userId}}"
    # Users of a plan without a limit of the month mean the period.
    other = "; the period's if the plan limits no month" if window is Window.MONTH else ""
    summary = f"Set the {window.value}'s used credits to zero{other}."
    return Route("POST", pattern, _CHANGE, summary,
                 reset, ChangeAnswer, path=UserPath, query=DryRun, body=Noted)  # fmt: skip


def _refund(request: ApiRequest[GenerationPath, DryRun, Noted]) -> ChangeAnswer:
    audit = audit_of(request)
    generation_id = request.path.generation_id
    return answer_of(refund_generation(request.context, request.caller, None, generation_id, audit))


def _put_subscription(
    request: ApiRequest[SubscriptionPath, DryRun, PutSubscription],
) -> ChangeAnswer:
    body, path = request.body, request.path
    command = PutSubscriptionCommand(
        plan_id=body.plan_id,
        status=SubscriptionStatus(body.status),
        current_period_start=body.current_period_start,
        current_period_end=body.current_period_end,
        anchor=body.anchor,
        cancel_at_period_end=body.cancel_at_period_end,
    )
    audit = audit_of(request)
    return answer_of(
        put_subscription(
            request.context, request.caller, path.user_id, path.subscription_id, command, audit
        )
    )


def _delete_subscription(
    request: ApiRequest[SubscriptionPath, DryRunNoted, Nothing],
) -> ChangeAnswer:
    path = request.path
    audit = audit_of(request)
    return answer_of(
        delete_subscription(
            request.context, request.caller, path.user_id, path.subscription_id, audit
        )
    )


_CHANGE = Permission.CHANGE_USER

ROUTES = (
    Route("PUT", "/users/{userId}/plan", _CHANGE,
          "Put a user on a plan; a lower one waits until what is paid for has ended, unless `now`.",
          _plan, ChangeAnswer, path=UserPath, query=DryRun, body=SetPlan),
    Route("PUT", "/users/{userId}/limits", _CHANGE,
          "Change a user's limits, rates or overage; null restores the plan's value.",
          _limits, ChangeAnswer, path=UserPath, query=DryRun, body=SetLimits),
    Route("PUT", "/users/{userId}/role", _CHANGE, "Make a user an `admin`, a `service` or a plain `user`.",
          _role, ChangeAnswer, path=UserPath, query=DryRun, body=SetRole),
    Route("PUT", "/users/{userId}/timezone", _CHANGE, "Set the time zone of windows that begin from now on.",
          _timezone, ChangeAnswer, path=UserPath, query=DryRun, body=SetTimezone),
    Route("PUT", "/users/{userId}/disabled", _CHANGE, "Block a user from all functions, or unblock them.",
          _disabled, ChangeAnswer, path=UserPath, query=DryRun, body=SetDisabled),
    Route("GET", "/users/{userId}/grants", Permission.VIEW_USERS,
          "All grants of a user, newest first.",
          _grants, Page[GrantRecord], path=UserPath, query=Paged),
    Route("POST", "/users/{userId}/grants", _CHANGE, "Give extra credits, once per `idempotencyKey`.",
          _give, ChangeAnswer, path=UserPath, query=DryRun, body=GiveGrant),
    Route("DELETE", "/users/{userId}/grants/{grantId}", _CHANGE, "Take back the unspent credits of a grant.",
          _revoke, ChangeAnswer, path=GrantPath, query=DryRunNoted),
    *map(_reset_route, LIMIT_WINDOWS),
    Route("POST", "/generations/{generationId}/refund", _CHANGE,
          "Give a success back to the windows and grants that paid for it, once.",
          _refund, ChangeAnswer, path=GenerationPath, query=DryRun, body=Noted),
    Route("PUT", "/users/{userId}/subscriptions/{subscriptionId}", _CHANGE,
          "Create or change a manual subscription.",
          _put_subscription, ChangeAnswer, path=SubscriptionPath, query=DryRun, body=PutSubscription),
    Route("DELETE", "/users/{userId}/subscriptions/{subscriptionId}", _CHANGE,
          "End a manual subscription at once; its document is kept.",
          _delete_subscription, ChangeAnswer, path=SubscriptionPath, query=DryRunNoted),
)  # fmt: skip
