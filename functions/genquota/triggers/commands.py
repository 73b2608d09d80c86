"""From understood requests to what use-cases are given; shared by callables and in-process calls."""

from genquota.domain.quota.decision import Ask
from genquota.domain.words import Status
from genquota.messages.requests import callable_requests as requests
from genquota.use_cases.generations import create_generation as creating
from genquota.use_cases.generations import update_generation as reporting


def ask_of(asked: requests.CheckLimit | requests.CreateGeneration) -> Ask:
    """Return the part of a request that decisions and prices look at."""
    return Ask(asked.type, asked.engine, asked.quality, asked.count, asked.credits)


def order_of(asked: requests.CreateGeneration) -> creating.Order:
    """Return what a request orders."""
    return creating.Order(
        asked.idempotency_key, ask_of(asked), asked.content(), asked.metadata or {}
    )


def report_of(asked: requests.UpdateGeneration) -> reporting.Report:
    """Return what a request reports."""
    outputs = (each.model_dump(by_alias=True, exclude_none=True) for each in asked.outputs or ())
    return reporting.Report(
        asked.generation_id,
        Status(asked.generation_status),
        tuple(outputs),
        asked.image_url,
        asked.error_message,
        asked.metadata or {},
        asked.output_count,
    )
