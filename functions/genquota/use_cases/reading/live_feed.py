"""Read the newest entries of the live feed."""

from genquota.domain.feed import LiveFeed
from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.store.documents import Snapshot, document_data, to_utc_datetime
from genquota.store.feed_document import names_user
from genquota.store.listing import Listing, read_page
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context

NEWEST = 50


@dataclass(frozen=True, slots=True)
class LiveFeedPage:
    """What is shown now, newest first, and under which setting."""

    mode: LiveFeed
    entries: tuple[Snapshot, ...]


def read_live_feed(context: Context, caller: Caller | None, type_: str | None) -> LiveFeedPage:
    """Return the newest 50 entries that are to be seen still, of all types or of one.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """
    now = authorize_read(context, caller, Permission.VIEW_LIVE_FEED).now
    rules = context.policy.feed
    if rules.mode is LiveFeed.OFF:
        return LiveFeedPage(rules.mode, ())
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
        if to_utc_datetime(document_data(each)["deleteAt"]) > now
        and (rules.mode is LiveFeed.NAMED or not names_user(each))
    ]
    return LiveFeedPage(rules.mode, tuple(shown))
