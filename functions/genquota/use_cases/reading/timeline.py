"""Read the history of a window's counter, page by page, and check it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from genquota.domain.enums import Window
from genquota.domain.errors import InvalidArgument, NotFound, UserNotFound
from genquota.domain.permissions import Permission
from genquota.domain.quota.rolling import zone_of
from genquota.domain.records import dataclass
from genquota.domain.timeline.timeline import (
    EarlierWindow,
    EventKind,
    Position,
    Timeline,
    TimelineCursor,
    TracedEvent,
    WindowCredits,
    WindowEvent,
    explain_rest,
    trace_back,
)
from genquota.store.documents import Snapshot, to_utc_datetime
from genquota.store.listing import position_of, read_page
from genquota.store.timeline_records import closed_window, events_of, sources
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState
from genquota.use_cases.jobs.reconcile import complete_since

PAGE = 60
"""Documents of a page, of all sources; each source is asked for one more than that."""


_LONGEST = timedelta(minutes=55)
"""How long pages are read as of one instant; Firestore remembers an hour."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A document of one source, and where it stands."""

    source: str
    snapshot: Snapshot
    position: Position
    at: datetime


def read_timeline(
    context: Context,
    caller: Caller | None,
    user_id: str,
    window: Window,
    before: datetime | None = None,
    place: TimelineCursor | None = None,
) -> Timeline:
    """Return a part of a window's history to an admin, newest first.

    A page reads caller, user and at most 3 x (`PAGE` + 1) documents, as they were when the user was read for
    the first page. The last page says whether the counter adds up.

    Args:
        context: The deployment.
        caller: An admin.
        user_id: Whose window.
        window: One that limits credits.
        before: The newest window that began before this instant; None: the running one.
        place: Where the page before ended; then ``before`` does not matter.

    Raises:
        NotFound: No such window is known.
        InvalidArgument: The first page was read too long ago.
        UserNotFound: There is no such user.
        GenquotaError: The caller is no admin, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> UserState:
        transaction.with_read_time = True
        request = load_request(context, transaction, caller, user_id)
        request.authorize(Permission.VIEW_USERS)
        if not request.user.seen.exists:
            raise UserNotFound
        return request.user

    user = run_transaction(context.db, attempt)
    if (
        place
        and not timedelta(0)
        <= to_utc_datetime(user.seen.snapshot.read_time) - place.as_of
        < _LONGEST
    ):
        raise InvalidArgument((("cursor", "is too old: begin again"),))
    place = place or _beginning(context, user, window, before)
    found, is_last = _read(context, user_id, window, place)
    events = (
        event
        for each in found
        for event in events_of(each.source, each.snapshot, window, place, user.now)
    )
    entries, left = trace_back(place.left, _merge_refunds(events))
    if not is_last:
        after = {**place.after, **{each.source: each.position for each in found}}
        return Timeline(place, entries, None, None, replace(place, left=left, after=after))
    previous = _previous(context, user, window, place.start, place.as_of)
    is_whole = place.start >= complete_since(context, user.now)
    oldest, check = explain_rest(left, place.start, is_whole=is_whole)
    shown: tuple[TracedEvent, ...] = (*entries, *oldest)
    return Timeline(place, shown, check, previous and previous[0], None)


def _beginning(
    context: Context, user: UserState, window: Window, before: datetime | None
) -> TimelineCursor:
    as_of = to_utc_datetime(user.seen.snapshot.read_time)
    account = user.account
    if before is None:
        counter = account.windows[window]
        start, end = counter.span.start, counter.span.end
        stored = WindowCredits(_plain(counter.used), {}, _plain(counter.adjusted))
    else:
        closed = _previous(context, user, window, before, as_of)
        if closed is None:
            raise NotFound
        start, end, stored = closed[0].start, closed[0].end or before, closed[1]
    held: dict[str, int] = {}
    for hold in account.active_holds(user.now):
        if hold.starts.get(window) == start and hold.allocation.windows:
            held[hold.type] = held.get(hold.type, 0) + hold.allocation.windows
    stored = replace(stored, open=held)
    return TimelineCursor(start, end, before is None, as_of, stored, stored)


def _previous(
    context: Context, user: UserState, window: Window, before: datetime, as_of: datetime
) -> tuple[EarlierWindow, WindowCredits] | None:
    """Return the window before, also if it has ended and nothing was written since."""
    account = user.account
    zone = zone_of(account, user.policy)
    kept = closed_window(context.db, account.uid, window, before, zone, as_of)
    for closed in user.closed:
        start, end = closed.counter.span.start, closed.counter.span.end
        if closed.window is window and start < before:
            credits = WindowCredits(
                _plain(closed.counter.used), {}, _plain(closed.counter.adjusted)
            )
            if kept and kept[0].start == start:  # something came late that was written already
                credits = credits.plus(kept[1])
            return EarlierWindow(start, end, sum(credits.used.values())), credits
    return kept


def _read(
    context: Context, uid: str, window: Window, place: TimelineCursor
) -> tuple[list[_Found], bool]:
    """Return the newest documents of all sources behind the place, and whether these are the last."""
    found: list[_Found] = []
    for source, listing in sources(uid, window, place).items():
        after = place.after.get(source)
        for snapshot in read_page(context.db, listing, PAGE + 1, after, place.as_of):
            position = position_of(listing, snapshot)
            found.append(_Found(source, snapshot, position, position[0] or place.start))
    found.sort(key=lambda each: (each.at, each.source, each.snapshot.id), reverse=True)
    return found[:PAGE], len(found) <= PAGE


def _merge_refunds(events: Iterable[WindowEvent]) -> Iterator[WindowEvent]:
    """Show a refund once, with the facts of its audit entry, if both are on the page."""
    everything = list(events)
    refunds = {each.generation_id for each in everything if each.kind is EventKind.REFUNDED}
    notes = {
        each.generation_id: each.facts
        for each in everything
        if each.kind is EventKind.OPERATOR and each.generation_id in refunds
        if each.facts.get("action") == "refund-generation"
    }
    for event in everything:
        if event.kind is EventKind.REFUNDED and event.generation_id in notes:
            yield replace(event, facts={**event.facts, **notes[event.generation_id]})
        elif not (event.kind is EventKind.OPERATOR and event.facts in notes.values()):
            yield event


def _plain(credits: Mapping[str, int]) -> dict[str, int]:
    return {type_: count for type_, count in credits.items() if count}
