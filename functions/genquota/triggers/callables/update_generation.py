"""The callable `update_generation`."""

from genquota import settings
from genquota.messages.answers.callable_answers import QuotaAnswer, ReportedAnswer
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.triggers.boundary import callable_function
from genquota.triggers.runtime import report_command_of
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations import update_generation as reporting


@callable_function(UpdateGeneration, min_instances=settings.MIN_INSTANCES)
def update_generation(context: Context, caller: Caller, body: UpdateGeneration) -> ReportedAnswer:
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
