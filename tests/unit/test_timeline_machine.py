"""After any history the timeline of a running window ends in what its counter shows, and begins at zero."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from genquota.domain.audit_actions import RESETS
from genquota.domain.changes.adjustments import refund
from genquota.domain.enums import LIMIT_WINDOWS, Status, Window
from genquota.domain.quota.account import Account, Counter
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.timeline.timeline import (
    BalanceCheck,
    EventKind,
    WindowCredits,
    WindowEvent,
    explain_rest,
    trace_back,
)
from genquota.domain.timeline.timeline_events import (
    AuditRecord,
    RecordedGeneration,
    audit_event,
    generation_events,
)
from genquota.domain.users.former_users import restore_counters
from tests.unit.samples import plan
from tests.unit.test_reconciliation_machine import Operated

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.domain.quota.generation import Generation
    from tests.unit.quota_model import QuotaModel


def stored_in(alice: Account, window: Window, now: object) -> WindowCredits:
    """Return what the counter of a window shows, and what is held in it."""
    counter = alice.windows[window]
    held: Tally[str] = Tally()
    for hold in alice.active_holds(now):  # type: ignore[arg-type]
        if hold.starts.get(window) == counter.span.start:
            held[hold.type] += hold.allocation.windows
    credits = (counter.used, held, counter.adjusted)
    return WindowCredits(*({key: n for key, n in each.items() if n} for each in credits))


class Recorded(Operated):
    """Operated, with what the store writes down of each change."""

    @initialize()
    def nothing_is_recorded(self) -> None:
        self.seen: dict[str, Generation] = {}
        self.recorded: dict[str, RecordedGeneration] = {}
        self.audit: list[AuditRecord] = []
        self.before: Account | None = None

    @rule(window=st.sampled_from(LIMIT_WINDOWS), credits=st.integers(1, 4))
    def restore_counters(self, window: Window, credits: int) -> None:
        span = self.model.alice.windows[window].span
        kept = Counter(span, {"image": credits}, adjusted={"image": -credits})
        self.model.change(restore_counters(self.model.alice, {window: kept}, self.model.now))

    @invariant()
    def each_timeline_adds_up(self) -> None:
        """F2"""
        self._write_down()
        for window in LIMIT_WINDOWS:
            start = self.model.alice.windows[window].span.start
            stored = stored_in(self.model.alice, window, self.model.now)
            events = self._events(window)
            is_whole = start >= self.since
            entries, left = trace_back(stored, events)
            oldest, check = explain_rest(left, start, is_whole=is_whole)
            every = [*entries, *oldest]
            assert (every[0].used, every[0].open) == (
                sum(stored.used.values()),
                sum(stored.open.values()),
            )
            assert (every[-1].event.kind, every[-1].used, every[-1].open) == (EventKind.BEGAN, 0, 0)
            if is_whole:
                assert check
                assert check.adds_up
                assert all(each.open >= 0 for each in every)
            self._is_the_same_in_pages(stored, events, left)
            self._shows_what_was_tampered_with(stored, events, window)

    def _is_the_same_in_pages(
        self, stored: WindowCredits, events: list[WindowEvent], left: WindowCredits
    ) -> None:
        half = len(events) // 2
        assert trace_back(trace_back(stored, events[half:])[1], events[:half])[1] == left

    def _shows_what_was_tampered_with(
        self, stored: WindowCredits, events: list[WindowEvent], window: Window
    ) -> None:
        start = self.model.alice.windows[window].span.start
        wrong = stored.plus(WindowCredits({"image": 3}, {"video": 1}))
        _, left = trace_back(wrong, events)
        oldest, check = explain_rest(left, start, is_whole=True)
        if start >= self.since:
            assert check
            assert (check.used, check.open) == ({"image": 3}, {"video": 1})
            assert any(each.event.kind is EventKind.UNEXPLAINED for each in oldest)

    def _events(self, window: Window) -> list[WindowEvent]:
        start = self.model.alice.windows[window].span.start
        events = [
            event
            for name, each in self.recorded.items()
            if name not in self.gone
            for event in generation_events(each, window, start, self.model.now)
        ]
        found = (audit_event(each, window, start) for each in self.audit)
        return events + [each for each in found if each]

    def _write_down(self) -> None:
        """Keep of what has changed since the last step what the store would."""
        now, alice = self.model.now, self.model.alice
        is_refund = False
        for name, record in self.model.records.items():
            was = self.seen.get(name)
            record_now = self.recorded.get(name, RecordedGeneration(record, now))
            if was is None or (was.status, was.late) != (record.status, record.late):
                record_now = replace(record_now, closed_at=now)
                if was and was.hold.allocation.windows != record.hold.allocation.windows:
                    record_now = replace(record_now, held=was.hold.allocation.windows)
            elif was.charged != record.charged or (was.refunded, record.refunded) == (False, True):
                is_refund = True
                record_now = replace(record_now, refunded_at=now, refunded_from=self._less())
            self.recorded[name] = replace(record_now, generation=record)
            self.seen[name] = record
        if not is_refund and self.before:
            self._note_resets(self.before)
        self.before = alice

    def _less(self) -> dict[str, int]:
        assert self.before
        pairs = ((w, self.before.windows[w], self.model.alice.windows[w]) for w in LIMIT_WINDOWS)
        return {
            window.value: sum(one.used.values()) - sum(other.used.values())
            for window, one, other in pairs
            if one.span == other.span
        }

    def _note_resets(self, was: Account) -> None:
        for window in LIMIT_WINDOWS:
            one, other = was.windows[window], self.model.alice.windows[window]
            if one.span.start == other.span.start and one.used and not other.used:
                before = {"window": window.value, "start": one.span.start, "used": one.used}
                self.audit.append(AuditRecord("a", self.model.now, RESETS[window], before, {}, {}))


TestTimeline = Recorded.TestCase


def test_a_refund_after_a_reset_takes_off_what_came_later_only() -> None:
    """F5: rare in histories that are drawn."""
    story = Recorded()
    story.begin(basic=plan({}), pro=plan({}), charges=True)
    story.nothing_is_gone()
    story.nothing_is_recorded()
    books = story.model
    steps: list[Callable[[], object]] = [
        lambda: books.create(QuotaRequest("image", None, "standard", 3, None)),
        lambda: books.report("g0", Status.SUCCESS, 3),
        lambda: story.reset(Window.PERIOD),
        lambda: books.create(QuotaRequest("image", None, "standard", 1, None)),
        lambda: books.report("g1", Status.SUCCESS, 1),
        lambda: _refund(books, "g0"),
        lambda: books.create(QuotaRequest("image", None, "standard", 2, None)),
        lambda: books.report("g2", Status.SUCCESS, 1, is_all=True),
    ]
    for step in steps:
        books.wait(timedelta(seconds=1))
        step()
        story.each_timeline_adds_up()
    start = books.alice.windows[Window.PERIOD].span.start
    stored = stored_in(books.alice, Window.PERIOD, books.now)
    entries, left = trace_back(stored, story._events(Window.PERIOD))
    assert (explain_rest(left, start, is_whole=True)[1], left) == (
        BalanceCheck({}, {}),
        WindowCredits(),
    )
    assert [(each.event.kind, each.used, each.open) for each in reversed(entries)] == [
        (EventKind.HELD, 0, 3),
        (EventKind.CHARGED, 3, 0),
        (EventKind.RESET, 0, 0),
        (EventKind.HELD, 0, 1),
        (EventKind.CHARGED, 1, 0),
        (EventKind.REFUNDED, 0, 0),
        (EventKind.HELD, 0, 2),
        (EventKind.CHARGED, 1, 0),
    ]


def _refund(books: QuotaModel, name: str) -> None:
    done = refund(books.alice, books.records[name])
    books.alice, books.records[name] = done.account, done.generation
