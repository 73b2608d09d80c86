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
    engine_shown,
    preview_of,
    prompt_shown,
    pseudonym_for,
)
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.rolling import find_zone
from genquota.store.clock import plain
from genquota.store.documents import Fields, Snapshot
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
from genquota.use_cases.core.user_state import Present

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
    ends_at = generation.created_at + rules.length
    record: dict[str, Any] = {"live": True, "feedEndsAt": ends_at, "feedLeft": state.times_left}
    pseudonym = state.pseudonym
    if not is_named:
        pseudonym = pseudonym_for(pseudonym, _today(holder), secrets.choice)
        # The entry is written anew when the generation ends, perhaps on another day, and a change of name
        # would tell which two names are one user's.
        record["feedName"] = pseudonym.name
    write_entry(transaction, _entry(holder, generation, {**content, **record}), now)
    until = max(state.until, ends_at) if state.until else ends_at
    after = replace(state, pseudonym=pseudonym, until=until)
    return Shown(record, feed_state_to_fields(state, after))


def show_end(
    transaction: Transaction,
    holder: Present,
    record: GenerationDocument,
    generation: Generation,
    content: Mapping[str, Any],
) -> None:
    """Show how a generation ended, if it is in the feed; one that may not be shown any more is removed.

    Args:
        transaction: Writes the entry, or deletes it.
        holder: The generation's user.
        record: As it was read.
        generation: As it is now.
        content: What the report adds to the record.
    """
    if generation.status.is_open or record.data.get("live") is not True:
        return
    entry = _entry(holder, generation, {**record.data, **content})
    if _may_be_shown(holder, record.data, entry):
        write_entry(transaction, entry, holder.now)
    else:
        remove_entry(transaction, generation.id)


def show_expired(
    transaction: Transaction,
    holder: Present,
    entries: Mapping[str, Snapshot],
    generation_ids: Iterable[str],
) -> None:
    """Show that generations have failed, as far as they have entries, or remove those entries."""
    is_named = holder.policy.feed.mode is LiveFeed.NAMED
    for generation_id in generation_ids:
        entry = entries.get(generation_id)
        if entry is None:
            continue
        if is_hidden(holder.seen.data) or (names_user(entry) and not is_named):
            remove_entry(transaction, generation_id)
        else:
            fail_entry(transaction, entry, holder.now)


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
    return feed_state_to_fields(state, replace(state, times_left=state.times_left + 1))


def _entry(holder: Present, generation: Generation, record: Mapping[str, Any]) -> FeedEntry:
    rules = holder.policy.feed
    name, ends_at = record.get("feedName"), record.get("feedEndsAt")
    appearance = (
        Appearance(name)
        if isinstance(name, str)
        else appearance_of(generation.uid, holder.seen.data)
    )
    return FeedEntry(
        generation.id,
        appearance,
        record["type"],
        prompt_shown(record.get("promptText"), rules, is_named=appearance.is_named),
        engine_shown(record.get("engine"), rules),
        preview_of(record["type"], record.get("outputs") or ()) if appearance.is_named else None,
        FeedStatus.of(generation.status),
        generation.created_at,
        # Not by the setting of today: who raises it brings nothing back.
        plain(ends_at) if isinstance(ends_at, datetime) else generation.created_at,
    )


def _may_be_shown(holder: Present, record: Fields, entry: FeedEntry) -> bool:
    """Tell whether an entry that was made is to be seen still, by the settings and wishes of now."""
    mode, user = holder.policy.feed.mode, holder.seen.data
    if mode is LiveFeed.OFF or is_hidden(user) or holder.now >= entry.delete_at:
        return False
    # Counted, not timed: the clocks of two instances are never quite the same.
    if record.get("feedLeft") != read_feed_state(user).times_left:
        return False
    return mode is LiveFeed.NAMED or not entry.appearance.is_named


def _today(holder: Present) -> str:
    zone = find_zone(holder.policy.default_timezone)
    return holder.now.astimezone(zone).date().isoformat()
