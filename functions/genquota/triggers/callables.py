"""The callable functions: each has its request parsed, calls one use-case and returns the answer."""

from collections.abc import Mapping
from typing import Any

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
from genquota.triggers.boundary import callable_function
from genquota.triggers.runtime import create_command_of, quota_request_of, report_command_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import check_limit as checking
from genquota.use_cases.generations import create_generation as creating
from genquota.use_cases.generations import delete_generation as deleting
from genquota.use_cases.generations import get_usage as reading_usage
from genquota.use_cases.generations import update_generation as reporting
from genquota.use_cases.self_service import update_profile as updating_profile


@callable_function(requests.CheckLimit, min_instances=settings.MIN_INSTANCES)
def check_limit(context: Context, caller: Caller, body: requests.CheckLimit) -> QuotaAnswer:
    """Whether this user may generate; reserves nothing."""
    user, quota = checking.check_limit(context, caller, body.user_id, quota_request_of(body))
    return QuotaAnswer.of(user.account.uid, quota)


@callable_function(requests.CreateGeneration, min_instances=settings.MIN_INSTANCES)
def create_generation(
    context: Context, caller: Caller, body: requests.CreateGeneration
) -> OpenedAnswer:
    """Open a generation and take its hold, once per `idempotencyKey`."""
    opened = creating.create_generation(context, caller, body.user_id, create_command_of(body))
    return OpenedAnswer(
        generation_id=opened.generation.id,
        generation_status=opened.status.value,
        credits=opened.generation.credits,
        expires_at=opened.generation.hold.end,
        replayed=opened.replayed,
        quota=QuotaAnswer.of(opened.user.account.uid, opened.quota),
    )


@callable_function(requests.UpdateGeneration, min_instances=settings.MIN_INSTANCES)
def update_generation(
    context: Context, caller: Caller, body: requests.UpdateGeneration
) -> ReportedAnswer:
    """Report how a generation went: charge the hold or release it."""
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
    )


@callable_function(requests.GetUsage)
def get_usage(context: Context, caller: Caller, body: requests.GetUsage) -> UsageAnswer:
    """All numbers of a user."""
    user, quota = reading_usage.get_usage(context, caller, body.user_id)
    return UsageAnswer.about(user.account, quota, zone_of(user.account, user.policy), user.now)


@callable_function(requests.DeleteGeneration)
def delete_generation(
    context: Context, caller: Caller, body: requests.DeleteGeneration
) -> DeletedAnswer:
    """Hide a generation from history and feed; quota is untouched."""
    hidden = deleting.delete_generation(context, caller, body.user_id, body.generation_id)
    return DeletedAnswer(generation_id=hidden)


@callable_function(requests.UpdateProfile)
def update_profile(
    context: Context, caller: Caller, body: requests.UpdateProfile
) -> Mapping[str, Any]:
    """Change display name, photo, time zone or preferences."""
    changes = body.changes()
    return profile_to_json(updating_profile.update_profile(context, caller, body.user_id, changes))
