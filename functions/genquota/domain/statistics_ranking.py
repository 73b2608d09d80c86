"""The highest of the lists of several days, added while somebody waits for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from genquota.domain.statistics_lists import Entry, TopList, highest


@dataclass(frozen=True, slots=True)
class DayList:
    """A list of one day in plain numbers: to make an `Entry` of each takes as long as to read them."""

    numbers: Mapping[str, Sequence[int]]
    """By key: `n`, `charged` and, unless it is 0, `over` of its entry."""
    rest: int
    is_exact: bool

    @property
    def at_most(self) -> int:
        """The most generations that a key which is not in the list can have had."""
        if self.is_exact:
            return 0
        return min((each[0] for each in self.numbers.values()), default=self.rest)


def highest_of(lists: Iterable[DayList], most: int) -> TopList:
    """Add lists, and keep the keys with the most generations.

    Args:
        lists: In any order.
        most: How many keys to keep, ties by key.

    Returns:
        Those, highest first; the generations of all others are in the rest. A key that a list does not
        have counts there as often as it may have been dropped from it.
    """
    sums: dict[str, list[int]] = {}
    dropped = total = 0
    is_exact = True
    for each in lists:
        floor = each.at_most
        dropped += floor
        total += each.rest
        is_exact = is_exact and each.is_exact
        for key, numbers in each.numbers.items():
            known = sums.get(key)
            if known is None:
                known = sums[key] = [0, 0, 0]
            known[0] += numbers[0] - floor
            known[1] += numbers[1]
            if floor:
                known[2] += sum(numbers[2:]) - floor
    total += sum(n - over for n, _, over in sums.values())
    top = nsmallest(most, sums.items(), key=lambda item: (-item[1][0], item[0]))
    entries = {key: Entry(n + dropped, charged, over + dropped) for key, (n, charged, over) in top}
    rest = total - sum(entry.n - entry.over for entry in entries.values())
    return TopList(entries, rest, is_exact)


def shortened(found: TopList, most: int) -> TopList:
    """Return a list with the ``most`` highest keys only, highest first; the others are in its rest."""
    kept = dict(highest(found.entries, most))
    gone = sum(entry.n - entry.over for key, entry in found.entries.items() if key not in kept)
    return TopList(kept, found.rest + gone, found.is_exact)
