"""Map parsed requests to the commands of use-cases; shared by callables and in-process calls."""

from genquota.domain.enums import Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.messages.requests import callable_requests as requests
from genquota.use_cases.generations import create_generation as creating
from genquota.use_cases.generations import update_generation as reporting


def quota_request_of(body: requests.CheckLimit | requests.CreateGeneration) -> QuotaRequest:
    """Return the part of a request that decisions and prices depend on."""
    return QuotaRequest(body.type, body.engine, body.quality, body.count, body.credits)


def create_command_of(body: requests.CreateGeneration) -> creating.CreateCommand:
    """Return the command to create a generation."""
    return creating.CreateCommand(
        body.idempotency_key, quota_request_of(body), body.content(), body.metadata or {}
    )


def report_command_of(body: requests.UpdateGeneration) -> reporting.ReportCommand:
    """Return the command to report on a generation."""
    outputs = (each.model_dump(by_alias=True, exclude_none=True) for each in body.outputs or ())
    return reporting.ReportCommand(
        body.generation_id,
        Status(body.generation_status),
        tuple(outputs),
        body.image_url,
        body.error_message,
        body.metadata or {},
        body.output_count,
    )
