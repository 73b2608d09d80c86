"""What use-cases are called with: the context (client, clock, settings), parsed requests and their commands.

Shared by callables, the API, schedules and in-process calls.
"""

from functools import partial
from typing import TYPE_CHECKING

from genquota import settings
from genquota.domain.enums import Status
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import QuotaRequest
from genquota.messages.requests import callable_requests as requests
from genquota.store.documents import Clock
from genquota.store.rpc import client_of
from genquota.store.transaction import Database
from genquota.use_cases.core.context import Context
from genquota.use_cases.generations.create_generation import CreateCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genquota.messages.requests.report_requests import UpdateGeneration
    from genquota.messages.requests.user_requests import CheckLimit
    from genquota.use_cases.core.push_notices import UserNotices
    from genquota.use_cases.generations.update_generation import ReportCommand


def context(db: Database | None = None) -> Context:
    """Return what a call runs in, with the caller's own client if there is one.

    The connection is opened on the first call, never on import.
    """
    clock = Clock(travels=settings.clock_travels())
    client = db or client_of(settings.project_id())
    push = partial(_push, client) if settings.notices_are_pushed() else None
    return Context(client, clock, settings.policy(), push)


def parse_request(
    model: type[requests.M], data: object, policy: Policy | None = None
) -> requests.M:
    """Parse a request.

    Args:
        model: What it should be.
        data: JSON, parsed.
        policy: None: this deployment's, which takes a while to put together.

    Raises:
        InvalidArgument: It is not what ``model`` says.
    """
    types = (policy or settings.policy()).types
    return requests.parse(model, data, types=types, is_demo=settings.is_demo())


def quota_request_of(body: "CheckLimit | requests.CreateGeneration") -> QuotaRequest:
    """Return the part of a request that decisions and prices depend on."""
    return QuotaRequest(body.type, body.engine, body.quality, body.count, body.credits)


def create_command_of(body: requests.CreateGeneration) -> CreateCommand:
    """Return the command to create a generation."""
    return CreateCommand(
        body.idempotency_key, quota_request_of(body), body.content(), body.metadata or {}
    )


def report_command_of(body: "UpdateGeneration") -> "ReportCommand":
    """Return the command to report on a generation."""
    from genquota.use_cases.generations.update_generation import ReportCommand  # noqa: PLC0415 - not all report

    outputs = (each.model_dump(by_alias=True, exclude_none=True) for each in body.outputs or ())
    return ReportCommand(
        body.generation_id,
        Status(body.generation_status),
        tuple(outputs),
        body.image_url,
        body.error_message,
        body.metadata or {},
        body.output_count,
    )


def _push(db: Database, outgoing: "Sequence[UserNotices]") -> None:
    from genquota.triggers.push.delivery import push  # noqa: PLC0415 - few calls have something to send

    push(db, outgoing)
