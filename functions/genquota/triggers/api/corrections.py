"""What operators put right: resets, refunds, and subscriptions given by hand."""

from collections.abc import Callable

from genquota.domain.changes.manual_subscriptions import SubscriptionWish
from genquota.domain.rights import Who
from genquota.domain.words import SubscriptionStatus, Window
from genquota.messages.operators.changes import (
    ChangeAnswer,
    Noted,
    PutSubscription,
    SubscriptionPath,
)
from genquota.messages.requests.queries import (
    DryRun,
    DryRunNoted,
    GenerationPath,
    Nothing,
    UserPath,
)
from genquota.triggers.api.changes import answer_of
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.operators.delete_subscription import delete_subscription
from genquota.use_cases.operators.put_subscription import put_subscription
from genquota.use_cases.operators.refund_generation import refund_generation
from genquota.use_cases.operators.reset_usage import reset_usage

Reset = Asked[UserPath, DryRun, Noted]


def _reset(window: Window) -> Callable[[Reset], ChangeAnswer]:
    def reset(asked: Reset) -> ChangeAnswer:
        deed = Deed(asked.body.note, asked.query.dry_run)
        changed = reset_usage(asked.context, asked.caller, asked.path.user_id, window, deed)
        return answer_of(changed)

    return reset


def _refund(asked: Asked[GenerationPath, DryRun, Noted]) -> ChangeAnswer:
    deed = Deed(asked.body.note, asked.query.dry_run)
    generation_id = asked.path.generation_id
    return answer_of(refund_generation(asked.context, asked.caller, None, generation_id, deed))


def _put_subscription(asked: Asked[SubscriptionPath, DryRun, PutSubscription]) -> ChangeAnswer:
    body, path = asked.body, asked.path
    wish = SubscriptionWish(
        plan_id=body.plan_id,
        status=SubscriptionStatus(body.status),
        current_period_start=body.current_period_start,
        current_period_end=body.current_period_end,
        anchor=body.anchor,
        cancel_at_period_end=body.cancel_at_period_end,
    )
    deed = Deed(body.note, asked.query.dry_run)
    return answer_of(
        put_subscription(
            asked.context, asked.caller, path.user_id, path.subscription_id, wish, deed
        )
    )


def _delete_subscription(asked: Asked[SubscriptionPath, DryRunNoted, Nothing]) -> ChangeAnswer:
    path = asked.path
    deed = Deed(asked.query.note, asked.query.dry_run)
    return answer_of(
        delete_subscription(asked.context, asked.caller, path.user_id, path.subscription_id, deed)
    )


_ADMIN = Who.ADMIN

ROUTES = (
    Route("POST", "/usage-tracking/reset-daily/{userId}", _ADMIN,
          "Set what was used in the running day to 0; open holds stay.",
          _reset(Window.DAY), ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
    Route("POST", "/usage-tracking/reset-weekly/{userId}", _ADMIN,
          "Set what was used in the running week to 0; open holds stay.",
          _reset(Window.WEEK), ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
    Route("POST", "/usage-tracking/reset-monthly/{userId}", _ADMIN,
          "Set what was used in the running month to 0; where the plan limits none, in the period.",
          _reset(Window.MONTH), ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
    Route("POST", "/usage-tracking/reset-quarterly/{userId}", _ADMIN,
          "Set what was used in the running quarter to 0; open holds stay.",
          _reset(Window.QUARTER), ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
    Route("POST", "/usage-tracking/reset-period/{userId}", _ADMIN,
          "Set what was used in the running period to 0; open holds stay.",
          _reset(Window.PERIOD), ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
    Route("POST", "/generations/{generationId}/refund", _ADMIN,
          "Give a settled generation back to the windows and grants that paid for it, once.",
          _refund, ChangeAnswer, path=GenerationPath, query=DryRun, body=Noted),
    Route("PUT", "/users/{userId}/subscriptions/{subscriptionId}", _ADMIN,
          "Let a user have a manual subscription, as it is said, from now on.",
          _put_subscription, ChangeAnswer, path=SubscriptionPath, query=DryRun, body=PutSubscription),
    Route("DELETE", "/users/{userId}/subscriptions/{subscriptionId}", _ADMIN,
          "End a manual subscription at once; its document stays for the history.",
          _delete_subscription, ChangeAnswer, path=SubscriptionPath, query=DryRunNoted),
)  # fmt: skip
