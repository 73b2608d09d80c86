"""Update the live feed in the commits that change its generations.

Whether a generation is shown is decided by its record and its user's document, which the commit asks to
be unchanged. So whoever leaves the feed, hides a generation or is deleted is not brought back by a report
that was under way, and an entry that is gone makes no commit fail.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from genquota.domain.feed import (
    MAX_FEED_LENGTH,
    FeedProfile,
    FeedStatus,
    LiveFeed,
    feed_profile_of,
    preview_url_of,
    pseudonym_for,
    visible_engine,
    visible_prompt,
)
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.rolling import find_zone
from genquota.domain.records import dataclass
from genquota.store.documents import Fields, Snapshot, to_utc_datetime
from genquota.store.feed_document import (
    FeedEntry,
    fail_entry,
    feed_state_to_fields,
    names_user,
    read_entries,
    read_feed_state,
    remove_entries_of,
    remove_entry,
    write_entry,
)
from genquota.store.generation_document import GenerationDocument
from genquota.store.transaction import Transaction
from genquota.use_cases.core.context import Context
from genquota.use_cases.core.user_state import UserState

HIDE = "hideFromFeed"
"""The preference of who does not want to be in the feed."""


@dataclass(frozen=True, slots=True)
class FeedEntryCreated:
    """What showing a generation adds to the documents that are written with it."""

    record: Mapping[str, Any] = field(default_factory=dict)
    user: Mapping[str, Any] = field(default_factory=dict)
    """By field path."""


def is_hidden_from_feed(document: Fields) -> bool:
    """Return whether a user document says that its user has left the feed."""
    preferences = document.get("preferences")
    return isinstance(preferences, Mapping) and preferences.get(HIDE) is True


def add_to_feed(
    transaction: Transaction,
    user: UserState,
    generation: Generation,
    content: Mapping[str, Any],
) -> FeedEntryCreated:
    """Put a new generation into the feed, unless its user has left it. For deployments with a feed only."""
    document, rules, now = user.seen.data, user.policy.feed, user.now
    if is_hidden_from_feed(document):
        return FeedEntryCreated()
    state = read_feed_state(document)
    is_named = rules.mode is LiveFeed.NAMED
    ends_at = generation.created_at + rules.length
    record: dict[str, Any] = {"live": True, "feedEndsAt": ends_at, "feedLeft": state.times_left}
    pseudonym = state.pseudonym
    if not is_named:
        pseudonym = pseudonym_for(pseudonym, _today(user), secrets.choice)
        # The entry is written anew when the generation ends, perhaps on another day, and a change of name
        # would tell which two names are one user's.
        record["feedName"] = pseudonym.name
    write_entry(transaction, _entry(user, generation, {**content, **record}), now)
    until = max(state.until, ends_at) if state.until else ends_at
    after = replace(state, pseudonym=pseudonym, until=until)
    return FeedEntryCreated(record, feed_state_to_fields(state, after))


def update_feed(
    transaction: Transaction,
    user: UserState,
    record: GenerationDocument,
    generation: Generation,
    content: Mapping[str, Any],
) -> None:
    """Show how a generation ended, if it is in the feed; one that may not be shown any more is removed.

    Args:
        transaction: Writes the entry, or deletes it.
        user: The generation's user.
        record: As it was read.
        generation: As it is now.
        content: What the report adds to the record.
    """
    if generation.status.is_open or record.data.get("live") is not True:
        return
    entry = _entry(user, generation, {**record.data, **content})
    if _may_be_shown(user, record.data, entry):
        write_entry(transaction, entry, user.now)
    else:
        remove_entry(transaction, generation.id)


def fail_in_feed(
    transaction: Transaction,
    user: UserState,
    entries: Mapping[str, Snapshot],
    generation_ids: Iterable[str],
) -> None:
    """Show that generations have failed, as far as they have entries, or remove those entries."""
    is_named = user.policy.feed.mode is LiveFeed.NAMED
    for generation_id in generation_ids:
        entry = entries.get(generation_id)
        if entry is None:
            continue
        if is_hidden_from_feed(user.seen.data) or (names_user(entry) and not is_named):
            remove_entry(transaction, generation_id)
        else:
            fail_entry(transaction, entry, user.now)


def may_have_feed_entries(document: Fields, now: datetime) -> bool:
    """Return whether anything of a user can be in the feed: never where it was always off."""
    until = read_feed_state(document).until
    return until is not None and until > now


def feed_entries_of(
    transaction: Transaction, user: UserState, generation_ids: Iterable[str]
) -> dict[str, Snapshot]:
    """Return the entries of a user's generations by id; nothing is read if there can be none."""
    has_entries = may_have_feed_entries(user.seen.data, user.now)
    return read_entries(transaction, generation_ids) if has_entries else {}


def remove_from_feed_after_commit(
    context: Context, transaction: Transaction, user: UserState
) -> dict[str, Any]:
    """Have a user's entries removed once it is committed that they have left the feed.

    Doing so again is harmless, and removes what was left if it could not be finished.

    Returns:
        What else changes in the user document, by field path.
    """
    state = read_feed_state(user.seen.data)
    if state.until is None:
        return {}
    since = user.now - MAX_FEED_LENGTH

    def remove(uids: list[str]) -> None:
        for uid in uids:
            remove_entries_of(context.db, uid, since)

    transaction.after_commit(remove, user.account.uid)
    return feed_state_to_fields(state, replace(state, times_left=state.times_left + 1))


def _entry(user: UserState, generation: Generation, record: Mapping[str, Any]) -> FeedEntry:
    rules = user.policy.feed
    name, ends_at = record.get("feedName"), record.get("feedEndsAt")
    appearance = (
        FeedProfile(name)
        if isinstance(name, str)
        else feed_profile_of(generation.uid, user.seen.data)
    )
    return FeedEntry(
        generation.id,
        appearance,
        record["type"],
        visible_prompt(record.get("promptText"), rules, is_named=appearance.is_named),
        visible_engine(record.get("engine"), rules),
        preview_url_of(record["type"], record.get("outputs") or ())
        if appearance.is_named
        else None,
        FeedStatus.of(generation.status),
        generation.created_at,
        # Not by the setting of today: who raises it brings nothing back.
        to_utc_datetime(ends_at) if isinstance(ends_at, datetime) else generation.created_at,
    )


def _may_be_shown(user: UserState, record: Fields, entry: FeedEntry) -> bool:
    """Return whether an existing entry may still be shown under today's settings and preferences."""
    mode, document = user.policy.feed.mode, user.seen.data
    if mode is LiveFeed.OFF or is_hidden_from_feed(document) or user.now >= entry.delete_at:
        return False
    # Counted, not timed: the clocks of two instances are never quite the same.
    if record.get("feedLeft") != read_feed_state(document).times_left:
        return False
    return mode is LiveFeed.NAMED or not entry.appearance.is_named


def _today(user: UserState) -> str:
    zone = find_zone(user.policy.default_timezone)
    return user.now.astimezone(zone).date().isoformat()
