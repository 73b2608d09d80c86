"""That the counter, on which the promises about cost stand, counts right and misses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from google.cloud.firestore import Client


def test_documents_read_at_once_are_one_rpc_and_missing_ones_are_billed_too(db: Client) -> None:
    db.document("users/ada").set({"role": "user"})
    with counting(db) as calls:
        list(db.get_all([db.document("users/ada"), db.document("users/bob")]))
    assert calls == Calls(read_rpcs=1, documents_read=2)
    assert calls.read_paths == ["users/ada", "users/bob"]
    assert calls.billed_reads == 2


def test_a_commit_counts_its_writes(db: Client) -> None:
    batch = db.batch()
    batch.create(db.document("users/ada"), {"role": "user"})
    batch.set(db.document("users/ada/windows/w"), {"used": firestore.Increment(3)}, merge=True)
    batch.delete(db.document("users/bob"))
    with counting(db) as calls:
        batch.commit()
    assert calls == Calls(commits=1, writes=3)
    assert calls.written_paths == ["users/ada", "users/ada/windows/w", "users/bob"]
    assert 200 < calls.commit_bytes < 600


def test_a_commit_that_is_not_taken_writes_nothing(db: Client) -> None:
    db.document("users/ada").set({"role": "user"})
    with counting(db) as calls, pytest.raises(Exception, match="already exists"):
        db.document("users/ada").create({"role": "admin"})
    assert calls == Calls(commits=1, writes=0)


def test_a_query_counts_its_results_and_is_billed_one_read_at_least(db: Client) -> None:
    for name in ("ada", "bob", "cyd"):
        db.document(f"users/{name}").set({"role": "user"})
    users = db.collection("users")
    with counting(db) as calls:
        list(users.where(filter=FieldFilter("role", "==", "user")).limit(2).stream())
    assert calls == Calls(queries=1, query_results=2)
    assert calls.billed_reads == 2
    with counting(db) as calls:
        list(users.where(filter=FieldFilter("role", "==", "admin")).stream())
    assert calls == Calls(queries=1, query_results=0)
    assert calls.billed_reads == 1


def test_rpcs_that_the_engine_has_no_business_with_show_up_by_name(db: Client) -> None:
    @firestore.transactional
    def increment(transaction: firestore.Transaction) -> None:
        db.document("users/ada").get(transaction=transaction)
        transaction.set(db.document("users/ada"), {"n": 1})

    with counting(db) as calls:
        increment(db.transaction())
    assert calls == Calls(
        read_rpcs=1, documents_read=1, commits=1, writes=1, others={"BeginTransaction": 1}
    )


def test_counting_ends_with_its_block_and_may_be_nested(db: Client) -> None:
    with counting(db) as outer:
        db.document("users/ada").get()
        with counting(db) as inner:
            db.document("users/ada").get()
    db.document("users/ada").get()
    assert (outer.read_rpcs, inner.read_rpcs) == (2, 1)
