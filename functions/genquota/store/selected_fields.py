"""Fast reads of many documents, or selected fields of them, below the library's convenience layer.

`daily_statistics` reads every record of every generation once, and whoever looks at analytics waits for 150
documents with some hundred numbers each. The library makes a snapshot of each
document, copies all of its values, and adds its reference and three timestamps of a class of its own;
reading only what is asked for takes about half the time (`bench/statistics.py`, `bench/analytics.py`).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, Query

from genquota.store.query import LONG_TIMEOUT, mapping_outages
from genquota.store.rpc import rpc_of
from genquota.store.values import read_fields


def selected(
    query: Query, fields: Iterable[str], read_time: datetime | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ids of what a query finds, with the fields that are asked for.

    Args:
        query: With an order and a limit.
        fields: By path (dotted); those that a document lacks are left out.
        read_time: Read everything as it was then, at most an hour ago. None: as it is.

    Yields:
        Id and values; times are aware, UTC.

    Raises:
        Unavailable: The store did not answer.
    """
    chosen = query.select(list(fields))
    with mapping_outages():
        answers = rpc_of(query._client).query(chosen, LONG_TIMEOUT, read_time)  # noqa: SLF001
    for answer in answers:
        document = answer.document
        if document.name:
            yield document.name.rpartition("/")[2], read_fields(document.fields)


def whole_documents(db: Client, paths: Iterable[str], timeout: float) -> dict[str, dict[str, Any]]:
    """Read documents in one call; return by path those that there are, in the order of the paths.

    Args:
        db: The database.
        paths: Which.
        timeout: Seconds.

    Returns:
        Their fields; times are aware, UTC.

    Raises:
        Unavailable: The store did not answer.
    """
    wire = rpc_of(db)
    names = {wire.prefix + path: path for path in paths}
    if not names:
        return {}
    with mapping_outages():
        answers = wire.read(names, timeout)
    found = {
        names[answer.found.name]: read_fields(answer.found.fields)
        for answer in answers
        if answer.HasField("found")
    }
    return {path: found[path] for path in names.values() if path in found}
