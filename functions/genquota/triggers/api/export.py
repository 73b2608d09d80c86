"""`/generations/export`: all generations, in pages that fit into one response."""

import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from flask import Response

from genquota.domain.errors import Unavailable
from genquota.domain.permissions import Permission
from genquota.messages.answers.generation_records import GenerationAnswer
from genquota.messages.export import generation_rows as export
from genquota.messages.requests.cursors import cursor_of, position_of
from genquota.messages.requests.queries import ExportQuery, Nothing
from genquota.triggers.api.generations import filter_of, to_answer
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.use_cases.reading import generations as reading

MOST_BYTES = 8 * 2**20 - 4096
"""Of all rows; the rest is for what stands around them."""
MOST_SECONDS = 40.0
_AT_ONCE = threading.BoundedSemaphore(2)
"""Of one instance, whose memory holds a page of each."""
_WAIT_SECONDS = 10.0
_MEDIA = {"csv": "text/csv", "json": "application/json"}


def _export(request: ApiRequest[Nothing, ExportQuery, Nothing]) -> Response:
    after = position_of(request.query.cursor)
    records = reading.export_generations(
        request.context, request.caller, filter_of(request.query), after
    )
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise Unavailable
    try:
        return _response(request, records)
    finally:
        _AT_ONCE.release()


def _response(
    request: ApiRequest[Nothing, ExportQuery, Nothing], records: Iterator[reading.Record]
) -> Response:
    query = request.query
    is_csv, is_first = query.format == "csv", query.cursor is None
    row, between = (export.csv_row, b"") if is_csv else (export.json_row, b",")
    head = export.csv_header().encode() if is_csv and is_first else b""
    page, cursor = _page(records, row, between)
    if is_csv:
        body = head + page
    else:
        written = f'"{cursor}"' if cursor else "null"
        body = b'{"items":[' + page + f'],"cursor":{written}}}'.encode()
    name = f"generations.{query.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if cursor:
        named = query.model_dump(mode="json", by_alias=True, exclude_none=True)
        headers["Link"] = (
            f'<{request.url_path}?{urlencode({**named, "cursor": cursor})}>; rel="next"'
        )
    return Response(body, mimetype=_MEDIA[query.format], headers=headers)


def _page(
    records: Iterator[reading.Record],
    row: Callable[[GenerationAnswer], str],
    between: bytes,
) -> tuple[bytes, str | None]:
    """Return as many rows as fit, and where the next page begins."""
    stop_at = time.monotonic() + MOST_SECONDS
    rows = bytearray()
    last: reading.Record | None = None
    for record in records:
        line = row(to_answer(record)).encode()
        is_full = len(rows) + len(line) > MOST_BYTES or time.monotonic() >= stop_at
        if last and is_full:
            return bytes(rows), cursor_of(last.position)
        rows += (between if rows else b"") + line
        last = record
    return bytes(rows), None


ROUTES = (
    Route("GET", "/generations/export", Permission.VIEW_ALL_GENERATIONS,
          "All generations, newest first, in pages of at most 8 MB, with a `Link` to the next.",
          _export, None, query=ExportQuery, media=("text/csv", "application/json")),
)  # fmt: skip
