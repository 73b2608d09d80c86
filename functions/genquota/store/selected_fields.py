"""Reading many documents, or selected fields of them, below the library's convenience layer.

`daily_statistics` reads every record of every generation once, and whoever looks at analytics waits for 150
documents with some hundred numbers each. The library makes a snapshot of each
document, copies all of its values, and adds its reference and three timestamps of a class of its own;
reading only what is asked for takes about half the time (`bench/statistics.py`, `bench/analytics.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore import Client, Query

from genquota.store.query import LONG_TIMEOUT, answered
from genquota.store.rpc import RPC_RETRY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def selected(
    query: Query, fields: Iterable[str], read_time: datetime | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ids of what a query finds, with the fields that are asked for.

    Args:
        query: With an order and a limit.
        fields: By path (dotted); those that a document lacks are left out.
        read_time: Read everything as it was then, at most an hour ago. None: as it is.

    Yields:
        Id and values. Times are aware, UTC; of a list only the texts are known: what else it holds is None.

    Raises:
        Unavailable: The store did not answer.
    """
    chosen = query.select(list(fields))
    request, _, options = chosen._prep_stream(None, RPC_RETRY, LONG_TIMEOUT, None, read_time)  # noqa: SLF001 - see above
    client = chosen._client  # noqa: SLF001
    metadata = client._rpc_metadata  # noqa: SLF001
    with answered():
        stream = client._firestore_api.run_query(request=request, metadata=metadata, **options)  # noqa: SLF001
        for response in stream:
            document = response._pb.document  # noqa: SLF001
            if document.name:
                yield document.name.rpartition("/")[2], _values(document.fields)


def whole_documents(db: Client, paths: Iterable[str], timeout: float) -> dict[str, dict[str, Any]]:
    """Read documents in one call; return by path those that there are, in the order of the paths.

    Args:
        db: The database.
        paths: Which.
        timeout: Seconds.

    Returns:
        Values as `selected` gives them.

    Raises:
        Unavailable: The store did not answer.
    """
    names = {db.document(path)._document_path: path for path in paths}  # noqa: SLF001
    if not names:
        return {}
    request = {"database": db._database_string, "documents": list(names)}  # noqa: SLF001
    metadata = db._rpc_metadata  # noqa: SLF001
    options: Any = {"metadata": metadata, "retry": RPC_RETRY, "timeout": timeout}
    found: dict[str, dict[str, Any]] = {}
    with answered():
        stream = db._firestore_api.batch_get_documents(request=request, **options)  # noqa: SLF001
        for response in stream:
            document = response._pb.found  # noqa: SLF001
            if document.name:
                found[names[document.name]] = _values(document.fields)
    return {path: found[path] for path in names.values() if path in found}


def _values(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READERS[value.WhichOneof("value_type")](value) for name, value in fields.items()}


def _instant(value: Any) -> datetime:  # noqa: ANN401 - protobuf's classes are made at run time
    at = value.timestamp_value
    return _EPOCH + timedelta(seconds=at.seconds, microseconds=at.nanos // 1000)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "null_value": lambda _value: None,
    "boolean_value": lambda value: value.boolean_value,
    "integer_value": lambda value: value.integer_value,
    "double_value": lambda value: value.double_value,
    "string_value": lambda value: value.string_value,
    "bytes_value": lambda value: value.bytes_value,
    "timestamp_value": _instant,
    "array_value": lambda value: [each.string_value or None for each in value.array_value.values],
    "map_value": lambda value: _values(value.map_value.fields),
    "geo_point_value": lambda _value: None,
    "reference_value": lambda value: value.reference_value,
}
"""Bytes, places and references are in no field that is read here, unless somebody put them there."""
