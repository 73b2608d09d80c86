"""Iterate over a listing, page by page."""

from collections.abc import Callable, Iterator
from itertools import islice

from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot
from genquota.store.listing import Listing, Position, position_of, read_page
from genquota.use_cases.core.context import Context


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A part of a list, and the position to go on from; None: this was the last."""

    snapshots: tuple[Snapshot, ...]
    next: Position | None


def iterate_listing(
    context: Context,
    listing: Listing,
    page_size: int,
    after: Position | None = None,
    keep: Callable[[Snapshot], bool] = lambda _: True,
) -> Iterator[Snapshot]:
    """Yield the documents behind a position that are to be kept; no more than a page is in memory."""
    while True:
        page = read_page(context.db, listing, page_size, after)
        yield from filter(keep, page)
        if len(page) < page_size:
            return
        after = position_of(listing, page[-1])


def read_document_page(
    context: Context,
    listing: Listing,
    limit: int,
    after: Position | None,
    keep: Callable[[Snapshot], bool] = lambda _: True,
) -> DocumentPage:
    """Return up to ``limit`` documents. One more is read, to know whether there are more."""
    found = tuple(islice(iterate_listing(context, listing, limit + 1, after, keep), limit + 1))
    is_last = len(found) <= limit
    shown = found[:limit]
    return DocumentPage(shown, None if is_last else position_of(listing, shown[-1]))
