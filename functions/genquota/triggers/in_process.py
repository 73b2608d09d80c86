"""In-process calls for the app's own Python functions: the same verbs.

with genquota.generation(db, uid, prompt="a fox", type="image") as g:
    g.succeed(outputs=[{"url": paint("a fox")}])
"""

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic.alias_generators import to_camel

from genquota.domain.errors import GenquotaError
from genquota.messages.requests.callable_requests import CreateGeneration
from genquota.messages.requests.report_requests import UpdateGeneration
from genquota.store.transaction import Database
from genquota.triggers.runtime import context, create_command_of, parse_request, report_command_of
from genquota.use_cases.core.context import IN_PROCESS
from genquota.use_cases.generations.create_generation import CreatedGeneration, create_generation
from genquota.use_cases.generations.update_generation import ReportedGeneration, update_generation

_log = logging.getLogger(__name__)


class OpenGeneration:
    """A generation between its reservation and its report."""

    def __init__(self, db: Database, opened: CreatedGeneration) -> None:
        self._db = db
        self._reported = opened.replayed and not opened.status.is_open
        self._uid = opened.generation.uid
        self.id = opened.generation.id
        self.credits = opened.generation.credits
        self.status = opened.status
        self.replayed = opened.replayed
        """The idempotency key was used before: look at `status` before calling the engine again."""

    @property
    def is_reported(self) -> bool:
        """Whether a result was reported, or at least the attempt was made."""
        return self._reported

    def succeed(
        self,
        *,
        outputs: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        output_count: int | None = None,
    ) -> None:
        """Report the outputs and charge the hold. Whatever fails later, nothing is given back.

        Args:
            outputs: Maps with `url` and, if known, `filename, size, width, height, durationMs`.
            metadata: What else to keep in the record.
            output_count: The final number of outputs, if fewer than `count`: the rest is not charged.

        Raises:
            GenquotaError: The report was not taken; `report(db, g.id, …)` may be called again.
        """
        fields = {"metadata": metadata, "output_count": output_count}
        self._report("success", outputs=list(outputs), **fields)

    def fail(self, message: str | BaseException | None = None) -> None:
        """Report that the engine failed: the hold is given back.

        Args:
            message: The reason, or the exception. Truncated to 1000 characters.

        Raises:
            GenquotaError: The report was not taken; the hold ends by itself.
        """
        self._report("failed", error_message=None if message is None else str(message))

    def _report(self, status: str, **fields: Any) -> None:  # noqa: ANN401 - checked by the request model
        self._reported = True
        done = report(self._db, self.id, status, user_id=self._uid, **fields)
        self.status = done.generation.status


@contextmanager
def generation(
    db: Database,
    uid: str,
    *,
    prompt: str,
    type: str = "image",  # noqa: A002 - the glossary's word
    **details: Any,  # noqa: ANN401 - checked by the request model
) -> Iterator[OpenGeneration]:
    """Reserve for the time of a call to an engine, and give back unless it succeeds.

    An exception gives the credits back, unless `succeed()` was called before it. Leaving without a
    report gives them back and warns. A replay gives nothing back: the hold is another run's. Nothing
    is locked while the engine works.

    Args:
        db: The Firestore client.
        uid: Whose quota.
        prompt: What is to be made.
        type: What kind of thing.
        details: As for `reserve`.

    Raises:
        GenquotaError: The quota refuses, before anything was done.
    """
    opened = _open(db, uid, prompt, type, details)
    open_generation = OpenGeneration(db, opened)
    try:
        yield open_generation
    except BaseException:
        _give_back(open_generation, "the caller failed")
        raise
    if not open_generation.is_reported and not open_generation.replayed:
        _log.warning("generation %s was left without a report", open_generation.id)
    _give_back(open_generation, "no result was reported")


def reserve(
    db: Database,
    uid: str,
    *,
    prompt: str,
    type: str = "image",  # noqa: A002 - the glossary's word
    **details: Any,  # noqa: ANN401 - checked by the request model
) -> str:
    """Take a hold for an engine that answers later. Return the id to `report` on.

    Args:
        db: The Firestore client.
        uid: Whose quota.
        prompt: What is to be made.
        type: What kind of thing.
        details: Any field of `create_generation` in snake_case, such as `idempotency_key` (without
            one each call is a new generation), `prompt_id, engine, quality, count, credits`.

    Raises:
        GenquotaError: The quota refuses.
    """
    return _open(db, uid, prompt, type, details).generation.id


def report(
    db: Database,
    generation_id: str,
    status: str,
    **fields: Any,  # noqa: ANN401 - checked by the request model
) -> ReportedGeneration:
    """Report on a generation: `processing`, `success`, `failed` or `cancelled`. Repeating is harmless.

    Args:
        db: The Firestore client.
        generation_id: As returned by `reserve`.
        status: How it stands.
        fields: Any field of `update_generation` in snake_case: `outputs`, `image_url`,
            `output_count`, `error_message`, `metadata`, and `user_id`, which saves a read.

    Raises:
        GenquotaError: There is no such generation, or it has ended otherwise.
    """
    data = {"generationId": generation_id, "generationStatus": status, **_camel(fields)}
    body = parse_request(UpdateGeneration, data)
    return update_generation(context(db), IN_PROCESS, body.user_id, report_command_of(body))


def _open(
    db: Database, uid: str, prompt: str, type_: str, details: Mapping[str, Any]
) -> CreatedGeneration:
    data = {
        "idempotencyKey": uuid.uuid4().hex,
        "promptId": "in-process",
        "promptText": prompt,
        "type": type_,
        "userId": uid,
        **_camel(details),
    }
    body = parse_request(CreateGeneration, data)
    return create_generation(context(db), IN_PROCESS, uid, create_command_of(body))


def _give_back(open_generation: OpenGeneration, why: str) -> None:
    """Release the hold, unless there was a report, or the hold is another run's: that ends by itself."""
    if open_generation.is_reported or open_generation.replayed:
        return
    try:
        open_generation.fail(why)
    except GenquotaError:
        # The caller's own error matters more; the hold ends by itself.
        _log.warning("generation %s could not be given back", open_generation.id)


def _camel(names: Mapping[str, Any]) -> dict[str, Any]:
    return {to_camel(name): value for name, value in names.items() if value is not None}
