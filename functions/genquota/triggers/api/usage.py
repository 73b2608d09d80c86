"""`/usage-tracking`: may this user generate, what was used, and generations that were made elsewhere."""

import uuid
from datetime import datetime
from typing import Any

from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import Ask
from genquota.domain.quota.rolling import zone_of
from genquota.messages.answers.callable_answers import QuotaAnswer
from genquota.messages.answers.tracking import TrackedAnswer, TrackGeneration
from genquota.messages.answers.usage import DailyUsage, LimitsAnswer, MonthlyUsage, UsageAnswer
from genquota.messages.requests.queries import AtQuery, CanGenerateQuery, Nothing, UserPath
from genquota.triggers.api.routes import Asked, Route
from genquota.use_cases.generations import check_limit as checking
from genquota.use_cases.generations import get_usage as reading
from genquota.use_cases.generations import track_generation as tracking
from genquota.use_cases.generations.create_generation import Order
from genquota.use_cases.reading import forecast_at as later

OfUser = Asked[UserPath, Nothing, Nothing]


def _comprehensive(asked: Asked[UserPath, AtQuery, Nothing]) -> UsageAnswer:
    return _usage(asked, asked.query.at)


def _can_generate(asked: Asked[UserPath, CanGenerateQuery, Nothing]) -> QuotaAnswer:
    query, user_id = asked.query, asked.path.user_id
    ask = Ask(query.type, query.engine, query.quality, query.count)
    if query.at:
        _, quota = later.check_limit_at(asked.context, asked.caller, user_id, ask, query.at)
    else:
        _, quota = checking.check_limit(asked.context, asked.caller, user_id, ask)
    return QuotaAnswer.of(user_id, quota)


def _daily(asked: OfUser) -> DailyUsage:
    return _usage(asked).daily_usage


def _monthly(asked: OfUser) -> MonthlyUsage:
    return _usage(asked).monthly_usage


def _limits(asked: OfUser) -> LimitsAnswer:
    usage = _usage(asked)
    return LimitsAnswer(
        **dict(usage.limit_status),
        user_id=usage.user_id,
        plan_id=usage.plan_id,
        windows=usage.windows,
        grants=usage.grants,
    )


def _track(asked: Asked[UserPath, Nothing, TrackGeneration]) -> TrackedAnswer:
    body, user_id = asked.body, asked.path.user_id
    ask = Ask(body.type, body.engine, body.quality, body.count, body.credits)
    order = Order(
        body.idempotency_key or uuid.uuid4().hex, ask, body.content(), body.metadata or {}
    )
    tracked = tracking.track_generation(
        asked.context, asked.caller, user_id, order, body.outputs_as_stored()
    )
    generation = tracked.generation
    return TrackedAnswer(
        generation_id=generation.id,
        generation_status=generation.status.value,
        credits=generation.credits,
        charged=generation.charged,
        refunded=generation.refunded,
        replayed=tracked.replayed,
        quota=QuotaAnswer.of(user_id, tracked.quota),
    )


def _usage(asked: Asked[UserPath, Any, Nothing], at: datetime | None = None) -> UsageAnswer:
    context, caller, user_id = asked.context, asked.caller, asked.path.user_id
    if at:
        holder, quota = later.get_usage_at(context, caller, user_id, at)
    else:
        holder, quota = reading.get_usage(context, caller, user_id)
    zone = zone_of(holder.account, holder.policy)
    return UsageAnswer.about(holder.account, quota, zone, holder.now)


_FOR_USER = Permission.ACT_FOR_USER

ROUTES = (
    Route("GET", "/usage-tracking/comprehensive/{userId}", _FOR_USER,
          "All usage of a user; with `at` (admins): as it would be then.",
          _comprehensive, UsageAnswer, path=UserPath, query=AtQuery),
    Route("GET", "/usage-tracking/can-generate/{userId}", _FOR_USER,
          "May this user generate? Takes nothing. With `at` (admins): would they, then?",
          _can_generate, QuotaAnswer, path=UserPath, query=CanGenerateQuery),
    Route("GET", "/usage-tracking/daily-usage/{userId}", _FOR_USER, "Usage of the running day.",
          _daily, DailyUsage, path=UserPath),
    Route("GET", "/usage-tracking/monthly-usage/{userId}", _FOR_USER, "Usage of the running month or period.",
          _monthly, MonthlyUsage, path=UserPath),
    Route("GET", "/usage-tracking/limits/{userId}", _FOR_USER, "The limits, and which are exceeded.",
          _limits, LimitsAnswer, path=UserPath),
    Route("POST", "/usage-tracking/track-generation/{userId}", Permission.TRACK_GENERATION,
          "Charge a generation that was made elsewhere, once per idempotencyKey.",
          _track, TrackedAnswer, path=UserPath, body=TrackGeneration),
)  # fmt: skip
