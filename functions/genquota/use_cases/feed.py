"""Keep the live feed in step with the generations that it shows, in the commits that change them.

Whether a generation is shown is decided by its record and its user's document, which the commit asks to
be unchanged. So whoever leaves the feed, hides a generation or is deleted is not brought back by a report
that was under way, and an entry that is gone makes no commit fail.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from genquota.domain.feed import (
    MAX_FEED_LENGTH,
    Appearance,
    FeedStatus,
    LiveFeed,
    appearance_of,
    preview_of,
    prompt_shown,
    pseudonym_for,
)
from genquota.domain.generation import Generation
from genquota.domain.rolling import find_zone
from genquota.store.feed_document import (
    FeedEntry,
    FeedState,
    fail_entry,
    feed_state_to_fields,
    read_entries,
    read_feed_state,
    remove_entries_of,
    remove_entry,
    write_entry,
)
from genquota.store.generation_document import GenerationDocument
from genquota.store.transaction import Fields, Snapshot, Transaction
from genquota.use_cases.context import Context
from genquota.use_cases.present import Present

HIDE = "hideFromFeed"
"""The preference of who does not want to be in the feed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What showing a generation adds to the documents that are written with it."""

    record: Mapping[str, Any] = field(default_factory=dict)
    user: Mapping[str, Any] = field(default_factory=dict)
    """By field path."""


def is_hidden(user: Fields) -> bool:
    """Tell whether a user has left the feed."""
    preferences = user.get("preferences")
    return isinstance(preferences, Mapping) and preferences.get(HIDE) is True


def show_new(
    transaction: Transaction,
    holder: Present,
    generation: Generation,
    content: Mapping[str, Any],
) -> Shown:
    """Put a new generation into the feed, unless that is off or its user has left it."""
    user, rules, now = holder.seen.data, holder.policy.feed, holder.now
    if rules.mode is LiveFeed.OFF or is_hidden(user):
        return Shown()
    state = read_feed_state(user)
    is_named = rules.mode is LiveFeed.NAMED
    pseudonym = pseudonym_for(state.pseudonym, _today(holder), secrets.choice)
    record: dict[str, Any] = {"live": True}
    if not is_named:
        # The entry is written anew when the generation ends, perhaps on another day, and a change of name
        # would tell which two names are one user's.
        record["feedName"] = pseudonym.name
    entry = _entry(holder, generation, {**content, **record}, pseudonym.name)
    write_entry(transaction, entry, now)
    after = replace(state, pseudonym=pseudonym, until=_later(state.until, entry.delete_at))
    return Shown(record, feed_state_to_fields(state, after))


def show_end(
    transaction: Transaction,
    holder: Present,
    record: GenerationDocument,
    generation: Generation,
    content: Mapping[str, Any],
) -> dict[str, Any]:
    """Show how a generation ended, if it is in the feed; one that may not be shown any more is removed.

    Args:
        transaction: Writes the entry, or deletes it.
        holder: The generation's user.
        record: As it was read.
        generation: As it is now.
        content: What the report adds to the record.

    Returns:
        What changes in the user document, by field path.
    """
    if generation.status.is_open or record.data.get("live") is not True:
        return {}
    state = read_feed_state(holder.seen.data)
    pseudonym = state.pseudonym.name if state.pseudonym else "somebody"
    entry = _entry(holder, generation, {**record.data, **content}, pseudonym)
    if not _may_be_shown(holder, state, entry):
        remove_entry(transaction, generation.id)
        return {}
    write_entry(transaction, entry, holder.now)
    after = replace(state, until=_later(state.until, entry.delete_at))
    return feed_state_to_fields(state, after)


def show_expired(
    transaction: Transaction,
    entries: Mapping[str, Snapshot],
    generation_ids: Iterable[str],
    now: datetime,
) -> None:
    """Show that generations have failed, as far as they have entries."""
    for generation_id in generation_ids:
        if generation_id in entries:
            fail_entry(transaction, entries[generation_id], now)


def may_have_entries(user: Fields, now: datetime) -> bool:
    """Tell whether anything of a user can be in the feed: never where it was always off."""
    until = read_feed_state(user).until
    return until is not None and until > now


def entries_of(
    transaction: Transaction, holder: Present, generation_ids: Iterable[str]
) -> dict[str, Snapshot]:
    """Return the entries of a user's generations by id; nothing is read if there can be none."""
    has_entries = may_have_entries(holder.seen.data, holder.now)
    return read_entries(transaction, generation_ids) if has_entries else {}


def leave(context: Context, transaction: Transaction, holder: Present) -> dict[str, Any]:
    """Have a user's entries removed once it is committed that they have left the feed.

    Doing so again is harmless, and removes what was left if it could not be finished.

    Returns:
        What else changes in the user document, by field path.
    """
    state = read_feed_state(holder.seen.data)
    if state.until is None:
        return {}
    since = holder.now - MAX_FEED_LENGTH

    def remove(uids: list[str]) -> None:
        for uid in uids:
            remove_entries_of(context.db, uid, since)

    transaction.afterwards(remove, holder.account.uid)
    return feed_state_to_fields(state, replace(state, hidden_at=holder.now))


def _entry(
    holder: Present, generation: Generation, record: Mapping[str, Any], pseudonym: str
) -> FeedEntry:
    rules = holder.policy.feed
    name = record.get("feedName")
    appearance = (
        Appearance(name)
        if isinstance(name, str)
        else appearance_of(generation.uid, holder.seen.data, pseudonym)
    )
    return FeedEntry(
        generation.id,
        appearance,
        record["type"],
        prompt_shown(record.get("promptText"), rules, is_named=appearance.is_named),
        record.get("engine"),
        preview_of(record["type"], record.get("outputs") or ()) if appearance.is_named else None,
        FeedStatus.of(generation.status),
        generation.created_at,
        generation.created_at + rules.length,
    )


def _may_be_shown(holder: Present, state: FeedState, entry: FeedEntry) -> bool:
    """Tell whether an entry that was made is to be seen still, by the settings and wishes of now."""
    mode = holder.policy.feed.mode
    if mode is LiveFeed.OFF or is_hidden(holder.seen.data) or holder.now >= entry.delete_at:
        return False
    if state.hidden_at and entry.created_at <= state.hidden_at:
        return False
    return mode is LiveFeed.NAMED or not entry.appearance.is_named


def _today(holder: Present) -> str:
    zone = find_zone(holder.policy.default_timezone)
    return holder.now.astimezone(zone).date().isoformat()


def _later(one: datetime | None, other: datetime) -> datetime:
    return max(one, other) if one else other
