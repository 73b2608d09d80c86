"""Optimistic transactions: read at once, decide, commit with preconditions; retry on conflict.

See docs/decisions/0001-optimistic-transactions.md for why this is not `@firestore.transactional`.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from google.api_core import exceptions as gexc
from google.cloud.firestore import Client

from genquota.domain.errors import Contention, Unavailable
from genquota.store.documents import Fields, ReadDocument, Snapshot, exact_time, time_of
from genquota.store.rpc import NO_ANSWER, OVERTAKEN, CommitRequest, StoreError, rpc_of
from genquota.store.shared_commits import NotRead, NotShared, Shared, SharedCommit, run_joint
from genquota.store.turns import Turn, turn_of
from genquota.store.values import Message, write_changes, write_merge, write_whole

T = TypeVar("T")
F = TypeVar("F")
Database = Client
"""Firestore's word under a name that other rooms may use without importing its library."""

TRIES = 16
TRIES_TOGETHER = 4  # then an attempt has a commit to itself
PATIENCE = timedelta(seconds=10)
"""How long one transaction is tried; well within a mobile client's own time-out."""

_running = threading.local()


class Transaction:
    """One attempt: its reads, then its writes, which are committed together or not at all."""

    def __init__(self, db: Client) -> None:
        self.db = db
        self.lock_key: str | None = None
        """The uid that the attempt turned out to be about."""
        self.with_read_time = False
        """Whether snapshots are asked when they were read."""
        self.versions: dict[str, datetime] = {}
        """After a commit: the update times of the documents of `put_at`, by path."""
        self.wire = rpc_of(db)
        self._request = CommitRequest(database=self.wire.database)
        self.writes: Sequence[Message] = self._request.writes
        self._put_at: dict[str, int] = {}
        self._after_commit: dict[Callable[[list[Any]], None], list[Any]] = {}
        self.known: dict[str, Message | None] = {}
        """Documents by name; if there are any, no others are read. See shared_commits.py."""
        self.found: dict[str, Message | None] = {}  # what was read, by name

    def read(self, paths: Iterable[str]) -> dict[str, Snapshot]:
        """Read documents in one call. Return them by path, missing ones included.

        Raises:
            Unavailable: There is no such database, or it is of the wrong mode.
        """
        prefix = self.wire.prefix
        names = {prefix + path: path for path in paths}
        if not names:
            return {}
        if self.known:
            if not names.keys() <= self.known.keys():
                raise NotRead
            db, known = self.db, self.known
            return {path: ReadDocument(db, path, known[name], None) for name, path in names.items()}
        try:
            if len(names) == 1 and not self.with_read_time:
                ((name, path),) = names.items()
                return {path: ReadDocument(self.db, path, self.wire.get(name), None)}
            answers = self.wire.read(names)
        except (gexc.NotFound, gexc.FailedPrecondition) as no_store:
            raise Unavailable from no_store
        found: dict[str, Snapshot] = {}
        for answer in answers:
            document = answer.found if answer.HasField("found") else None
            path = names[answer.missing if document is None else document.name]
            self.found[prefix + path] = document
            found[path] = ReadDocument(self.db, path, document, answer.read_time)
        return found

    def require_unchanged(self, seen: Snapshot) -> None:
        """Read a document again; if it is no longer as it was ``seen``, have the attempt begin anew."""
        path = seen.reference.path
        if self.read([path])[path].update_time != seen.update_time:
            raise gexc.Aborted("somebody else wrote meanwhile")  # type: ignore[no-untyped-call]

    def create(self, path: str, data: Mapping[str, Any]) -> None:
        """Write a document that must not exist yet."""
        write = self._write(path)
        write_whole(write, data)
        write.current_document.exists = False

    def update(self, path: str, fields: Fields, seen: Snapshot | datetime | None = None) -> None:
        """Change fields of a document that must exist, and be as it was ``seen`` if that is given."""
        write = self._write(path)
        write_changes(write, fields)
        self._require(write, seen)

    def put_at(self, path: str, fields: Fields, version: datetime | None) -> None:
        """Change fields (top-level names) of a document that is still as it was at ``version``.

        None: the document must not exist yet, and is created.
        """
        self._put_at[path] = len(self.writes)
        if version is None:
            self.create(path, fields)
        else:
            self.update(path, fields, version)

    def put(self, path: str, data: Mapping[str, Any]) -> None:
        """Write a whole document, whatever is there."""
        write_whole(self._write(path), data)

    def add(self, path: str, data: Mapping[str, Any]) -> None:
        """Merge data, usually increments, into a document that need not exist."""
        write_merge(self._write(path), data)

    def delete(self, path: str, seen: Snapshot | None = None) -> None:
        """Remove a document, which must be as it was ``seen`` if that is given."""
        write = self._request.writes.add()
        write.delete = self.wire.prefix + path
        if seen is not None:
            self._require(write, seen)

    def discard(self) -> None:
        """Forget the writes, and what was to follow them."""
        del self._request.writes[:]
        self._put_at.clear()
        self._after_commit.clear()

    def _write(self, path: str) -> Message:
        write = self._request.writes.add()
        write.update.name = self.wire.prefix + path
        return write

    def _require(self, write: Message, seen: Snapshot | datetime | None) -> None:
        if seen is None:
            write.current_document.exists = True
        else:
            write.current_document.update_time.CopyFrom(time_of(seen))

    def after_commit(self, act: Callable[[list[F]], None], fact: F) -> None:
        """Let ``act`` have the fact, with others like it, once the writes are taken; else never."""
        self._after_commit.setdefault(act, []).append(fact)

    def run_after_commit(self) -> None:
        """Do what was to follow the writes, once."""
        while self._after_commit:
            act, facts = self._after_commit.popitem()
            act(facts)

    def commit(self) -> None:
        """Send the writes, if there are any."""
        if self.writes:
            done = self.wire.commit(self._request).write_results
            at = self._put_at
            self.versions = {path: exact_time(done[at[path]].update_time) for path in at}

    def try_commit(self) -> bool:
        """Send the writes; return whether they were accepted.

        Raises:
            Unavailable: The store did not answer.
        """
        try:
            self.commit()
        except NO_ANSWER as no_answer:
            raise Unavailable from no_answer
        except StoreError:
            return False
        self.run_after_commit()
        return True


def run_transaction(
    db: Client,
    attempt: Callable[[Transaction], T],
    *,
    lock_key: str | None = None,
    shared: Shared | None = None,
) -> T:
    """Run ``attempt`` until what it read was still true when it was committed.

    Args:
        db: The database.
        attempt: Reads, decides and writes through its transaction. It is called again from the start
            when it was overtaken, so it must do nothing else to the world.
        lock_key: Attempts with the same key (a uid) take turns within this process, or else they would
            overtake each other in vain; what makes them safe are the preconditions. None: whom it
            is about shows on reading; they take turns from the second try on.
        shared: What those who wait for the same turn may commit together.

    Returns:
        What the attempt that was committed returned.

    Raises:
        Contention: Overtaken too often.
        Unavailable: The store did not answer.
    """
    attempt = partial(_not_nested, attempt)
    give_up_at = time.monotonic() + PATIENCE.total_seconds()
    turn: Turn[SharedCommit] | None = None
    with ExitStack() as on_leaving:
        for count in range(TRIES):
            shared = shared if count < TRIES_TOGETHER else None
            if lock_key:
                turn = turn or on_leaving.enter_context(turn_of(lock_key))
                turn.acquire(rpc_of(db).prefix + shared.path if shared else None, give_up_at)
            transaction = Transaction(db)
            try:
                if turn and shared and turn.is_shared(transaction.wire.prefix + shared.path):
                    transaction, result = run_joint(turn, shared, lambda: Transaction(db), attempt)
                else:
                    result = attempt(transaction)
                    transaction.commit()
            except NotShared:
                shared = None
            except OVERTAKEN as overtaken:
                if turn is None or turn.is_held:  # else it waits for its turn again
                    pause = random.uniform(0, min(2.0, 0.02 * 2**count))  # noqa: S311 - no secret
                    if time.monotonic() + pause > give_up_at:
                        raise Contention from overtaken
                    time.sleep(pause)
            except NO_ANSWER as no_answer:
                raise Unavailable from no_answer
            else:
                break
            lock_key = lock_key or transaction.lock_key
        else:
            raise Contention
    transaction.run_after_commit()  # others need not wait for it
    return result


def _not_nested(attempt: Callable[[Transaction], T], transaction: Transaction) -> T:
    """Let nothing begin a transaction meanwhile: its retries would multiply, and its reads be others'."""
    if getattr(_running, "is_in_attempt", False):
        raise RuntimeError("a transaction does not run inside another: pass the transaction on")
    _running.is_in_attempt = True
    try:
        return attempt(transaction)
    finally:
        _running.is_in_attempt = False
