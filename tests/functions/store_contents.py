"""All that a project's Firestore holds, so that a test can say: nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.firestore import Client

Contents = dict[str, dict[str, Any]]


def contents(db: Client) -> Contents:
    """Return every document by its path, whatever collection it is in."""
    root = f"projects/{db.project}/databases/(default)/documents"
    # The client library has no words for a query over all collections at once.
    found = db._firestore_api.run_query(
        request={"parent": root, "structured_query": {"from_": [{"all_descendants": True}]}},
        metadata=db._rpc_metadata,
    )
    names = [each.document.name.removeprefix(f"{root}/") for each in found if each.document.name]
    snapshots = db.get_all([db.document(name) for name in names]) if names else ()
    return {each.reference.path: each.to_dict() or {} for each in snapshots}
