"""The callables by which users see and change what is theirs."""

from collections.abc import Mapping
from typing import Any

from genquota.domain.quota.rolling import zone_of
from genquota.messages.answers.callable_answers import DeletedAnswer
from genquota.messages.answers.profile import profile_to_json
from genquota.messages.answers.usage import UsageAnswer
from genquota.messages.requests import user_requests as requests
from genquota.triggers.boundary import callable_function
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import delete_generation as deleting
from genquota.use_cases.generations import get_usage as reading_usage
from genquota.use_cases.self_service import update_profile as updating_profile


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
