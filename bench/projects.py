"""Fresh projects to measure in, and the users in them.

In the emulator a project id is a database of its own. It slows down as documents pile up, so each
timing gets a new one.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import Client

from genquota.domain.policy import Policy
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import Clock
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.generations.check_limit import check_limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOMY = {"limits": {"period": 1_000_000}}
"""A plan that refuses nothing here, and is counted like any other."""


@contextmanager
def fresh_project(plan: dict[str, Any] | None = None) -> Iterator[Client]:
    """Yield a client of a new project; its users are on the default plan, which is `plan` if given."""
    db = Client(project=f"demo-bench-{secrets.token_hex(6)}")
    if plan:
        db.document("plans/free").set(plan)
    try:
        yield db
    finally:
        db.close()


def context_of(db: Client, clock: Clock | None = None) -> Context:
    return Context(db, clock or Clock(), Policy())


def make_user(db: Client, uid: str = "model") -> dict[str, Any]:
    """Let Genquota make a user document, and return it."""
    check_limit(context_of(db), Caller(uid), None, QuotaRequest())
    return db.document(f"users/{uid}").get().to_dict() or {}


def make_users(db: Client, uids: Iterable[str]) -> None:
    """Make many users who have called once and generated nothing."""
    model = make_user(db)
    put(db, ((f"users/{uid}", model) for uid in uids))


def put(db: Client, documents: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Write documents by path, in commits of 500."""
    batch = db.batch()
    for path, data in documents:
        batch.set(db.document(path), data)
        if len(batch) == 500:
            batch.commit()
            batch = db.batch()
    batch.commit()
