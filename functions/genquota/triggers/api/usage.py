"""`/usage-tracking`: checks, usage, and generations made elsewhere."""

import uuid
from datetime import datetime
from typing import Any

from genquota.domain.permissions import Permission
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.quota.rolling import zone_of
from genquota.messages.answers.callable_answers import QuotaAnswer
from genquota.messages.answers.tracking import TrackedAnswer, TrackGeneration
from genquota.messages.answers.usage import DailyUsage, LimitsAnswer, MonthlyUsage, UsageAnswer
from genquota.messages.requests.queries import AtQuery, CanGenerateQuery, Nothing, UserPath
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.generations import check_limit as checking
from genquota.use_cases.generations import get_usage as reading
from genquota.use_cases.generations import track_generation as tracking
from genquota.use_cases.generations.create_generation import CreateCommand
from genquota.use_cases.reading import forecast_at as later

OfUser = ApiRequest[UserPath, Nothing, Nothing]


def _comprehensive(request: ApiRequest[UserPath, AtQuery, Nothing]) -> UsageAnswer:
    return _usage(request, request.query.at)


def _can_generate(request: ApiRequest[UserPath, CanGenerateQuery, Nothing]) -> QuotaAnswer:
    query, user_id = request.query, request.path.user_id
    quota_request = QuotaRequest(query.type, query.engine, query.quality, query.count)
    if query.at:
        _, quota = later.check_limit_at(
            request.context, request.caller, user_id, quota_request, query.at
        )
    else:
        _, quota = checking.check_limit(request.context, request.caller, user_id, quota_request)
    return QuotaAnswer.of(user_id, quota)


def _daily(request: OfUser) -> DailyUsage:
    return _usage(request).daily_usage


def _monthly(request: OfUser) -> MonthlyUsage:
    return _usage(request).monthly_usage


def _limits(request: OfUser) -> LimitsAnswer:
    usage = _usage(request)
    return LimitsAnswer(
        **dict(usage.limit_status),
        user_id=usage.user_id,
        plan_id=usage.plan_id,
        windows=usage.windows,
        grants=usage.grants,
    )


def _track(request: ApiRequest[UserPath, Nothing, TrackGeneration]) -> TrackedAnswer:
    body, user_id = request.body, request.path.user_id
    quota_request = QuotaRequest(body.type, body.engine, body.quality, body.count, body.credits)
    order = CreateCommand(
        body.idempotency_key or uuid.uuid4().hex, quota_request, body.content(), body.metadata or {}
    )
    tracked = tracking.track_generation(
        request.context, request.caller, user_id, order, body.outputs_as_stored()
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


def _usage(request: ApiRequest[UserPath, Any, Nothing], at: datetime | None = None) -> UsageAnswer:
    context, caller, user_id = request.context, request.caller, request.path.user_id
    if at:
        user, quota = later.get_usage_at(context, caller, user_id, at)
    else:
        user, quota = reading.get_usage(context, caller, user_id)
    zone = zone_of(user.account, user.policy)
    return UsageAnswer.about(user.account, quota, zone, user.now)


_FOR_USER = Permission.ACT_FOR_USER

ROUTES = (
    Route("GET", "/usage-tracking/comprehensive/{userId}", _FOR_USER,
          "All usage of a user; with `at` (admins) as of then.",
          _comprehensive, UsageAnswer, path=UserPath, query=AtQuery),
    Route("GET", "/usage-tracking/can-generate/{userId}", _FOR_USER,
          "Whether the user may generate; reserves nothing. With `at` (admins) as of then.",
          _can_generate, QuotaAnswer, path=UserPath, query=CanGenerateQuery),
    Route("GET", "/usage-tracking/daily-usage/{userId}", _FOR_USER, "Usage of the running day.",
          _daily, DailyUsage, path=UserPath),
    Route("GET", "/usage-tracking/monthly-usage/{userId}", _FOR_USER, "Usage of the running month or period.",
          _monthly, MonthlyUsage, path=UserPath),
    Route("GET", "/usage-tracking/limits/{userId}", _FOR_USER, "The limits, and which are exceeded.",
          _limits, LimitsAnswer, path=UserPath),
    Route("POST", "/usage-tracking/track-generation/{userId}", Permission.TRACK_GENERATION,
          "Charge a generation that was made elsewhere, once per `idempotencyKey`.",
          _track, TrackedAnswer, path=UserPath, body=TrackGeneration),
)  # fmt: skip
