"""The newest entries of the live feed."""

from dataclasses import dataclass

from genquota.domain.feed import LiveFeed
from genquota.domain.permissions import Permission
from genquota.store.clock import plain
from genquota.store.documents import Snapshot, contents
from genquota.store.feed_document import names_user
from genquota.store.listing import Listing, read_page
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.reader import admit

NEWEST = 50


@dataclass(frozen=True, slots=True)
class Feed:
    """What is shown now, newest first, and under which setting."""

    mode: LiveFeed
    entries: tuple[Snapshot, ...]


def read_live_feed(context: Context, caller: Caller | None, type_: str | None) -> Feed:
    """Return the newest 50 entries that are to be seen still, of all types or of one.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """
    now = admit(context, caller, Permission.VIEW_LIVE_FEED).now
    rules = context.policy.feed
    if rules.mode is LiveFeed.OFF:
        return Feed(rules.mode, ())
    listing = Listing(
        "live_generations",
        {} if type_ is None else {"type": type_},
        by="timestamp",
        is_descending=True,
        since=now - rules.length,
    )
    found = read_page(context.db, listing, NEWEST)
    # Firestore removes what has ended within a day, not at once; and nobody is named once the feed is
    # anonymous.
    shown = [
        each
        for each in found
        if plain(contents(each)["deleteAt"]) > now
        and (rules.mode is LiveFeed.NAMED or not names_user(each))
    ]
    return Feed(rules.mode, tuple(shown))
