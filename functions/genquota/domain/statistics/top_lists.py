"""Top lists of a day: users, prompts and errors.

A list is exact while it has at most `LONGEST` keys. Beyond that it follows Space-Saving (Metwally,
Agrawal, El Abbadi 2005) in the form that merges (Agarwal et al. 2012): the keys with the highest counts
stay, and a key that enters later may have been counted and dropped before, at most as often as the
lowest count in the list says. So that is added to its count, and named as what may be too much.
"""

import re
from collections.abc import Mapping
from dataclasses import field, replace

from genquota.domain.masking import MASK, mask_personal_data
from genquota.domain.records import dataclass

LONGEST = 1000
"""Keys of a stored list."""

USERS, PROMPTS, ERRORS = "users", "prompts", "errors"
LIST_NAMES = (USERS, PROMPTS, ERRORS)

_LONGEST_ERROR = 120
_READ_OF_ERROR = 400
"""Characters that are looked at; a report may bring 1000."""

_WITH_DIGIT = re.compile(r"(?<!\w)[^\W\d]*\d\w*(?:[.:,-][^\W\d]*\d\w*)*")
_MASKS = re.compile(rf"[#{MASK}](?:[-.:,]?[#{MASK}])+")
"""What is left of an id, of which a part looked like something else; not each id looks the same."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class TopListEntry:
    """What is counted of one key."""

    n: int
    """Generations: exact, or in a list that is not, at most this many."""
    charged: int = 0
    """Credits: exact, or at least this many."""
    over: int = 0
    """How many of ``n`` may be too many."""

    def plus(self, other: "TopListEntry") -> "TopListEntry":
        return TopListEntry(self.n + other.n, self.charged + other.charged, self.over + other.over)


@dataclass(frozen=True, slots=True)
class TopList:
    """Entries by key, and how far they can be trusted."""

    entries: Mapping[str, TopListEntry] = field(default_factory=dict)
    rest: int = 0
    """Generations that are in no entry: all there were, less the sum of ``n - over``."""
    is_exact: bool = True

    @property
    def at_most(self) -> int:
        """The most generations that a key which is not in the list can have had."""
        if self.is_exact:
            return 0
        return min((entry.n for entry in self.entries.values()), default=self.rest)

    def plus(self, other: "TopList", most: int = LONGEST) -> "TopList":
        """Add counts to the list.

        Args:
            other: An exact list, however long. Counts may be negative, to take back what was counted.
            most: How many keys to keep: those with the highest counts, ties by key.

        Raises:
            ValueError: ``other`` is not exact.
        """
        if not other.is_exact:
            raise ValueError("only exact counts can be added to a list")
        before = TopListEntry(self.at_most, over=self.at_most)
        added, rest = dict(self.entries), self.rest + other.rest
        for key, entry in other.entries.items():
            if known := added.get(key):
                added[key] = known.plus(entry)
            elif entry.n <= 0 and not self.is_exact:
                rest += entry.n  # a correction of a key that was dropped
            else:
                added[key] = before.plus(entry)
        added = {key: entry for key, entry in added.items() if entry != _NOTHING}
        if len(added) <= most:
            return TopList(added, rest, self.is_exact)
        kept = dict(top_keys(added, most))
        rest += sum(entry.n - entry.over for key, entry in added.items() if key not in kept)
        return TopList(kept, rest, is_exact=False)

    def without(self, key: str) -> "TopList":
        """Return the list without a key, whose generations belong to the rest from then on."""
        gone = self.entries[key]
        kept = {each: entry for each, entry in self.entries.items() if each != key}
        return replace(self, entries=kept, rest=self.rest + gone.n - gone.over)


def top_keys(
    entries: Mapping[str, TopListEntry], most: int, *, by_charged: bool = False
) -> list[tuple[str, TopListEntry]]:
    """Return up to ``most`` keys with the most generations (or credits), highest first, ties by key."""

    def order(item: tuple[str, TopListEntry]) -> tuple[int, str]:
        key, entry = item
        return -(entry.charged if by_charged else entry.n), key

    return sorted(entries.items(), key=order)[:most]


def mask_error(message: str | None) -> str | None:
    """Return an error message without what differs from case to case or tells who it was about.

    Addresses become `…` (see `mask_personal_data`), and words with a digit `#`, so that "timeout after
    31 s" and "timeout after 29 s" are one.

    Returns:
        At most 120 characters; None if there is no message.
    """
    text = mask_personal_data((message or "")[:_READ_OF_ERROR])
    text = _SPACE.sub(" ", _MASKS.sub("#", _WITH_DIGIT.sub("#", text)))
    return text.strip()[:_LONGEST_ERROR].rstrip() or None


_NOTHING = TopListEntry(0)
