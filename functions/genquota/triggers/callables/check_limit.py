"""The callable `check_limit`."""

from genquota import settings
from genquota.messages.answers.callable_answers import QuotaAnswer
from genquota.messages.requests.user_requests import CheckLimit
from genquota.triggers.boundary import callable_function
from genquota.triggers.runtime import quota_request_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import check_limit as checking


@callable_function(CheckLimit, min_instances=settings.MIN_INSTANCES)
def check_limit(context: Context, caller: Caller, body: CheckLimit) -> QuotaAnswer:
    """Whether this user may generate; reserves nothing."""
    user, quota = checking.check_limit(context, caller, body.user_id, quota_request_of(body))
    return QuotaAnswer.of(user.account.uid, quota)
