"""The callable functions: each parses its request, calls one use-case and writes the answer."""

from collections.abc import Mapping
from typing import Any

from firebase_functions.https_fn import CallableRequest, on_call

from genquota import settings
from genquota.domain.quota.rolling import zone_of
from genquota.messages.answers.callable_answers import (
    DeletedAnswer,
    OpenedAnswer,
    QuotaAnswer,
    ReportedAnswer,
    profile_to_json,
)
from genquota.messages.answers.usage import UsageAnswer
from genquota.messages.requests import callable_requests as requests
from genquota.triggers.boundary import callable_middleware, handle_callable
from genquota.triggers.runtime import create_command_of, quota_request_of, report_command_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import check_limit as checking
from genquota.use_cases.generations import create_generation as creating
from genquota.use_cases.generations import delete_generation as deleting
from genquota.use_cases.generations import get_usage as reading_usage
from genquota.use_cases.generations import update_generation as reporting
from genquota.use_cases.self_service import update_profile as updating_profile

Json = Mapping[str, Any]


@callable_middleware
@on_call(min_instances=settings.MIN_INSTANCES, secrets=settings.SECRETS_OF_CALLABLES)
def check_limit(request: CallableRequest[Any]) -> Json:
    """Whether this user may generate; reserves nothing."""

    def call(context: Context, caller: Caller, body: requests.CheckLimit) -> Json:
        user, quota = checking.check_limit(context, caller, body.user_id, quota_request_of(body))
        return QuotaAnswer.of(user.account.uid, quota).to_json()

    return handle_callable(request, requests.CheckLimit, call)


@callable_middleware
@on_call(min_instances=settings.MIN_INSTANCES, secrets=settings.SECRETS_OF_CALLABLES)
def create_generation(request: CallableRequest[Any]) -> Json:
    """Open a generation and take its hold, once per `idempotencyKey`."""

    def call(context: Context, caller: Caller, body: requests.CreateGeneration) -> Json:
        opened = creating.create_generation(context, caller, body.user_id, create_command_of(body))
        return OpenedAnswer(
            generation_id=opened.generation.id,
            generation_status=opened.status.value,
            credits=opened.generation.credits,
            expires_at=opened.generation.hold.end,
            replayed=opened.replayed,
            quota=QuotaAnswer.of(opened.user.account.uid, opened.quota),
        ).to_json()

    return handle_callable(request, requests.CreateGeneration, call)


@callable_middleware
@on_call(min_instances=settings.MIN_INSTANCES, secrets=settings.SECRETS_OF_CALLABLES)
def update_generation(request: CallableRequest[Any]) -> Json:
    """Report how a generation went: charge the hold or release it."""

    def call(context: Context, caller: Caller, body: requests.UpdateGeneration) -> Json:
        command = report_command_of(body)
        reported = reporting.update_generation(context, caller, body.user_id, command)
        generation, user = reported.generation, reported.user
        return ReportedAnswer(
            generation_id=generation.id,
            generation_status=generation.status.value,
            credits=generation.credits,
            charged=generation.charged,
            refunded=generation.refunded,
            quota=QuotaAnswer.of(user.account.uid, reported.quota),
        ).to_json()

    return handle_callable(request, requests.UpdateGeneration, call)


@callable_middleware
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def get_usage(request: CallableRequest[Any]) -> Json:
    """All numbers of a user."""

    def call(context: Context, caller: Caller, body: requests.GetUsage) -> Json:
        user, quota = reading_usage.get_usage(context, caller, body.user_id)
        zone = zone_of(user.account, user.policy)
        return UsageAnswer.about(user.account, quota, zone, user.now).to_json()

    return handle_callable(request, requests.GetUsage, call)


@callable_middleware
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def delete_generation(request: CallableRequest[Any]) -> Json:
    """Hide a generation from history and feed; quota is untouched."""

    def call(context: Context, caller: Caller, body: requests.DeleteGeneration) -> Json:
        hidden = deleting.delete_generation(context, caller, body.user_id, body.generation_id)
        return DeletedAnswer(generation_id=hidden).to_json()

    return handle_callable(request, requests.DeleteGeneration, call)


@callable_middleware
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def update_profile(request: CallableRequest[Any]) -> Json:
    """Change display name, photo, time zone or preferences."""

    def call(context: Context, caller: Caller, body: requests.UpdateProfile) -> Json:
        changes = body.changes()
        profile = updating_profile.update_profile(context, caller, body.user_id, changes)
        return profile_to_json(profile)

    return handle_callable(request, requests.UpdateProfile, call)
