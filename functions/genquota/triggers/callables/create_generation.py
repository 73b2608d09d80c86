"""The callable `create_generation`."""

from genquota import settings
from genquota.messages.answers.callable_answers import OpenedAnswer, QuotaAnswer
from genquota.messages.requests.callable_requests import CreateGeneration
from genquota.triggers.boundary import callable_function
from genquota.triggers.runtime import create_command_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import create_generation as creating


@callable_function(CreateGeneration, min_instances=settings.MIN_INSTANCES)
def create_generation(context: Context, caller: Caller, body: CreateGeneration) -> OpenedAnswer:
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
