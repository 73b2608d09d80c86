"""Commits that several attempts share which wait for the same turn.

Whoever has the turn knows what the user document is after their writes. So the next one need not read it:
it decides on that, and adds its writes to the same commit, which is sent when nobody waits any more or it
is full. Firestore takes the writes of a commit in order, all or none. So the precondition of the first one
on the user document is the proof for all, and each proves by another one that its own document is new.

What is not proven by a commit is not believed: an attempt that refuses, or writes nothing, is made again
on what it reads.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import field
from typing import Protocol, TypeVar

from google.api_core import exceptions as gexc

from genquota.domain.errors import GenquotaError
from genquota.domain.records import dataclass
from genquota.store.rpc import NO_ANSWER, CommitRequest, FirestoreRpc, StoreError
from genquota.store.turns import Turn
from genquota.store.values import Message, copy_field

T = TypeVar("T")
A = TypeVar("A", bound="SharedTransaction")

MOST_ATTEMPTS = 20
"""In one commit: all of them wait for it, and all begin again when it is overtaken."""

_OVERTAKEN_TOGETHER = (gexc.FailedPrecondition, gexc.Aborted)
"""The shared document was changed; anything else may be about what belongs to one attempt only."""


class SharedTransaction(Protocol):
    """A transaction, as far as it matters here."""

    wire: FirestoreRpc
    known: dict[str, Message | None]
    found: dict[str, Message | None]

    writes: Sequence[Message]

    def commit(self) -> None: ...


class NotShared(Exception):
    """A commit of several attempts failed for a reason that only one of them may have given."""


class NotRead(Exception):
    """An attempt on what is known already asked for something else."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What an attempt has in common with others of the same turn, and what it has for itself."""

    path: str
    """Of the document that all of them change."""
    new_path: str
    """Of the document that this one makes, unless it is there."""


@dataclass(slots=True)
class SharedCommit:
    """Writes of several attempts that are not sent yet, and the document as it is after them."""

    document: Message
    writes: list[Message] = field(default_factory=list)
    attempts: int = 0
    is_closed: bool = False
    outcome: Future[None] = field(default_factory=Future)

    def add(self, writes: Sequence[Message], new_name: str) -> bool:
        """Take the writes of an attempt that began with the document; return whether they prove what it knew.

        They do if they change the document as it was, and make a new one that no other attempt makes.
        """
        by_name = {write.update.name: write for write in writes}
        change, made = by_name.get(self.document.name), by_name.get(new_name)
        if change is None or made is None or len(by_name) < len(writes):
            return False
        if change.current_document.update_time != self.document.update_time:
            return False
        if made.current_document.WhichOneof("condition_type") != "exists" or (
            made.current_document.exists
            or any(new_name == each.update.name for each in self.writes)
        ):
            return False
        self.document = document_after(self.document, change)
        if self.writes:
            change.current_document.exists = True  # it is as the write before has left it
        self.writes += writes
        self.attempts += 1
        # What the server computes shows only when it is written.
        self.is_closed = bool(change.update_transforms) or self.attempts == MOST_ATTEMPTS
        return True

    def send(self, wire: FirestoreRpc) -> "SharedCommit | None":
        """Commit for all. Return an empty batch with the document as it is then, if that is known."""
        request = CommitRequest(database=wire.database, writes=self.writes)
        try:
            results = wire.commit(request).write_results
        except (StoreError, *NO_ANSWER) as error:
            self.outcome.set_exception(error)
            return None
        else:
            self.outcome.set_result(None)
        finally:
            self.outcome.cancel()  # whatever goes wrong, nobody waits for ever
        last, result = next(
            (write, result)
            for write, result in zip(reversed(self.writes), reversed(results), strict=True)
            if write.update.name == self.document.name
        )
        if last.update_transforms:
            return None
        self.document.update_time.CopyFrom(result.update_time)
        return SharedCommit(self.document)


def document_after(document: Message, write: Message) -> Message:
    """Return a document with the fields that a write changes; when that will be is not known yet."""
    after = type(document)()
    after.CopyFrom(document)
    for path in write.update_mask.field_paths:
        copy_field(after.fields, write.update.fields, path)
    return after


def run_joint(
    turn: Turn[SharedCommit],
    shared: Shared,
    begin: Callable[[], A],
    attempt: Callable[[A], T],
) -> tuple[A, T]:
    """Make an attempt whose writes are committed, by themselves or with those of others.

    Args:
        turn: Is held, and perhaps not any more afterwards.
        shared: What the attempts have in common.
        begin: Makes a transaction.
        attempt: Reads, decides and writes.

    Returns:
        The transaction, and what the attempt returned.

    Raises:
        NotShared: Nothing was written, and it shall be tried without others.
        GoogleAPICallError: The commit failed for all, or nobody knows whether it did.
    """
    batch = turn.queue.take()
    if batch:
        transaction, is_in = begin(), False
        new_name = transaction.wire.prefix + shared.new_path
        transaction.known = {batch.document.name: batch.document, new_name: None}
        try:
            result = attempt(transaction)
            is_in = batch.add(transaction.writes, new_name)
        except (GenquotaError, NotRead):
            pass  # nothing has proven it yet: it is made again below
        finally:
            if not is_in and batch.writes:
                batch.send(transaction.wire)
        if is_in:
            _commit(batch, turn, transaction.wire)
            return transaction, result
    transaction = begin()
    result = attempt(transaction)
    prefix = transaction.wire.prefix
    found = transaction.found.get(prefix + shared.path)
    if found is not None and turn.queue.is_awaited_for(found.name):
        batch = SharedCommit(found)
        if batch.add(transaction.writes, prefix + shared.new_path):
            _commit(batch, turn, transaction.wire)
            return transaction, result
    transaction.commit()
    return transaction, result


def _commit(batch: SharedCommit, turn: Turn[SharedCommit], wire: FirestoreRpc) -> None:
    """Leave the batch to the next one or send it; return when it is committed."""
    name = batch.document.name
    if (batch.is_closed or not turn.pass_on(name, batch)) and (rest := batch.send(wire)):
        turn.leave(name, rest)
    try:
        batch.outcome.result()
    except (*_OVERTAKEN_TOGETHER, *NO_ANSWER):
        raise
    except StoreError as error:
        if batch.attempts == 1:
            raise
        raise NotShared from error
