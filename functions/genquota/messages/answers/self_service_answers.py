"""Answers of the self-service callables."""

from typing import Any

from genquota.messages.answers.callable_answers import Answer


class DeviceAnswer(Answer):
    """A device that was registered, or forgotten."""

    device_id: str
    registered: bool


class StoredDocument(Answer):
    """One document as it is stored."""

    path: str
    data: dict[str, Any]


class ExportAnswer(Answer):
    """A page of what is kept of a user."""

    user_id: str
    documents: list[StoredDocument]
    cursor: str | None
    """To be sent for the next page; null: this was the last."""


class DeletionAnswer(Answer):
    """How far a deletion has come. The account is barred in any case."""

    user_id: str
    finished: bool
    """False: call again, or leave the rest to the job `cleanup`."""
    documents: dict[str, int]
    """Deleted or stripped by this call, by collection."""


class OperatorsDeletionAnswer(DeletionAnswer):
    """The same, where an admin asked for it."""

    dry_run: bool
    audit_id: str | None
