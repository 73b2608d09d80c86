"""The callable functions: each understands its request, calls one use-case and writes the answer."""

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
from genquota.triggers.boundary import answer, door
from genquota.triggers.commands import ask_of, order_of, report_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import check_limit as checking
from genquota.use_cases.generations import create_generation as creating
from genquota.use_cases.generations import delete_generation as deleting
from genquota.use_cases.generations import get_usage as reading_usage
from genquota.use_cases.generations import update_generation as reporting
from genquota.use_cases.self_service import update_profile as updating_profile

Json = Mapping[str, Any]


@door
@on_call(min_instances=settings.MIN_INSTANCES, secrets=settings.SECRETS_OF_CALLABLES)
def check_limit(request: CallableRequest[Any]) -> Json:
    """May this user generate? Takes nothing."""

    def call(context: Context, caller: Caller, asked: requests.CheckLimit) -> Json:
        holder, quota = checking.check_limit(context, caller, asked.user_id, ask_of(asked))
        return QuotaAnswer.of(holder.account.uid, quota).to_json()

    return answer(request, requests.CheckLimit, call)


@door
@on_call(min_instances=settings.MIN_INSTANCES, secrets=settings.SECRETS_OF_CALLABLES)
def create_generation(request: CallableRequest[Any]) -> Json:
    """Open a generation: takes the hold, once per `idempotencyKey`."""

    def call(context: Context, caller: Caller, asked: requests.CreateGeneration) -> Json:
        opened = creating.create_generation(context, caller, asked.user_id, order_of(asked))
        return OpenedAnswer(
            generation_id=opened.generation.id,
            generation_status=opened.status.value,
            credits=opened.generation.credits,
            expires_at=opened.generation.hold.end,
            replayed=opened.replayed,
            quota=QuotaAnswer.of(opened.holder.account.uid, opened.quota),
        ).to_json()

    return answer(request, requests.CreateGeneration, call)


@door
@on_call(min_instances=settings.MIN_INSTANCES, secrets=settings.SECRETS_OF_CALLABLES)
def update_generation(request: CallableRequest[Any]) -> Json:
    """Report how a generation went: charges a success, gives the rest back."""

    def call(context: Context, caller: Caller, asked: requests.UpdateGeneration) -> Json:
        news = report_of(asked)
        reported = reporting.update_generation(context, caller, asked.user_id, news)
        generation, holder = reported.generation, reported.holder
        return ReportedAnswer(
            generation_id=generation.id,
            generation_status=generation.status.value,
            credits=generation.credits,
            charged=generation.charged,
            refunded=generation.refunded,
            quota=QuotaAnswer.of(holder.account.uid, reported.quota),
        ).to_json()

    return answer(request, requests.UpdateGeneration, call)


@door
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def get_usage(request: CallableRequest[Any]) -> Json:
    """What was used, of what, until when."""

    def call(context: Context, caller: Caller, asked: requests.GetUsage) -> Json:
        holder, quota = reading_usage.get_usage(context, caller, asked.user_id)
        zone = zone_of(holder.account, holder.policy)
        return UsageAnswer.about(holder.account, quota, zone, holder.now).to_json()

    return answer(request, requests.GetUsage, call)


@door
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def delete_generation(request: CallableRequest[Any]) -> Json:
    """Hide a generation from the history."""

    def call(context: Context, caller: Caller, asked: requests.DeleteGeneration) -> Json:
        hidden = deleting.delete_generation(context, caller, asked.user_id, asked.generation_id)
        return DeletedAnswer(generation_id=hidden).to_json()

    return answer(request, requests.DeleteGeneration, call)


@door
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def update_profile(request: CallableRequest[Any]) -> Json:
    """Change display name, photo, time zone or preferences."""

    def call(context: Context, caller: Caller, asked: requests.UpdateProfile) -> Json:
        changes = asked.changes()
        profile = updating_profile.update_profile(context, caller, asked.user_id, changes)
        return profile_to_json(profile)

    return answer(request, requests.UpdateProfile, call)
