"""The number of open generations, cached for a minute in each process."""

import time
from weakref import WeakKeyDictionary

from genquota.domain.enums import Status
from genquota.store.listing import Listing, count_documents
from genquota.store.transaction import Database

REMEMBERED_SECONDS = 60.0
_OPEN = Listing(
    "userGenerations",
    {
        "isDeleted": (False, True),
        "generationStatus": (Status.PENDING.value, Status.PROCESSING.value),
    },
    by="createdAt",
    is_descending=True,
)
_known: WeakKeyDictionary[Database, tuple[float, int]] = WeakKeyDictionary()


def count_open(db: Database) -> int:
    """Return how many generations were open in their records, at most a minute ago.

    Counting costs one read for every thousand of them, at least one.

    Raises:
        Unavailable: The store did not answer.
    """
    known = _known.get(db)
    if known is None or time.monotonic() - known[0] >= REMEMBERED_SECONDS:
        known = _known[db] = (time.monotonic(), count_documents(db, _OPEN))
    return known[1]
