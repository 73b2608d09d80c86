"""Merge top lists of several days, fast enough for a request."""

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import repeat

from genquota.domain.records import dataclass
from genquota.domain.statistics.top_lists import TopList, TopListEntry, top_keys


@dataclass(frozen=True, slots=True)
class ListColumns:
    """A list of one day as columns: thousands of small objects would take longer than adding them up."""

    keys: Sequence[str]
    n: Sequence[int]
    """Of each key, as in its entry; `charged` and `over` likewise."""
    charged: Sequence[int]
    over: Sequence[int]
    """Empty if all are 0."""
    rest: int
    is_exact: bool

    @property
    def at_most(self) -> int:
        """The most generations that a key which is not in the list can have had."""
        if self.is_exact:
            return 0
        return min(self.n, default=self.rest)


def merge_top_lists(lists: Iterable[ListColumns], most: int) -> TopList:
    """Add lists, and keep the keys with the most generations.

    Args:
        lists: In any order.
        most: How many keys to keep, ties by key.

    Returns:
        Those, highest first; the generations of all others are in the rest. A key that a list does not
        have counts there as often as it may have been dropped from it.
    """
    counts: dict[str, int] = {}
    charges: dict[str, int] = {}
    overs: dict[str, int] = {}
    dropped = total = 0
    is_exact = True
    for each in lists:
        floor = each.at_most
        dropped += floor
        total += each.rest + sum(each.n) - sum(each.over)
        is_exact = is_exact and each.is_exact
        for key, n, charged in zip(each.keys, each.n, each.charged, strict=True):
            counts[key] = counts.get(key, 0) + n - floor
            charges[key] = charges.get(key, 0) + charged
        if floor:
            for key, over in zip(each.keys, each.over or repeat(0), strict=False):
                overs[key] = overs.get(key, 0) + over - floor
    top = nsmallest(most, counts.items(), key=lambda item: (-item[1], item[0]))
    entries = {
        key: TopListEntry(n + dropped, charges[key], overs.get(key, 0) + dropped) for key, n in top
    }
    rest = total - sum(entry.n - entry.over for entry in entries.values())
    return TopList(entries, rest, is_exact)


def truncate_top_list(found: TopList, most: int) -> TopList:
    """Return a list with the ``most`` highest keys only, highest first; the others are in its rest."""
    kept = dict(top_keys(found.entries, most))
    gone = sum(entry.n - entry.over for key, entry in found.entries.items() if key not in kept)
    return TopList(kept, found.rest + gone, found.is_exact)
