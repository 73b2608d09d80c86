"""All that a project's Firestore holds, so that a test can say: nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.firestore import Client

Contents = dict[str, Any]


def contents(db: Client) -> Contents:
    """Return the fields of every document by its path, whatever collection it is in, to be compared."""
    root = f"projects/{db.project}/databases/(default)/documents"
    # The client library has no words for a query over all collections at once.
    found = db._firestore_api.run_query(
        request={"parent": root, "structured_query": {"from_": [{"all_descendants": True}]}},
        metadata=db._rpc_metadata,
    )
    documents = (type(each).pb(each).document for each in found)
    return {
        each.name.removeprefix(f"{root}/"): dict(each.fields) for each in documents if each.name
    }
