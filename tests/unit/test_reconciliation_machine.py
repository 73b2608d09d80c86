"""What counters must say follows from the records: after any history, and after any damage."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from genquota.domain.changes.adjustments import refund, reset_window
from genquota.domain.enums import LIMIT_WINDOWS, Status, Window
from genquota.domain.quota.lifetime import LifetimeCounts, lifetime_counts_of
from genquota.domain.quota.reconciliation import (
    ReconcileResult,
    StoredWindow,
    WindowCounts,
    recompute_totals,
    reconcile,
)
from tests.unit.quota_model import FAILED, SUCCESS
from tests.unit.samples import at
from tests.unit.test_quota_machine import Quota

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.quota.account import Account
    from tests.unit.quota_model import QuotaModel

EVER = at("2000-01-01")
DAY = timedelta(days=1)


def kept_of(books: QuotaModel) -> list[StoredWindow]:
    """Return the closed windows as the store would have them: days by their date."""
    found: dict[tuple[Window, str], StoredWindow] = {}
    for (window, start), tally in books.kept.items():
        date = books.dates[window, start]
        used = {key: n for key, n in tally.items() if key not in (SUCCESS, FAILED) and n}
        counts = WindowCounts(used, tally[SUCCESS], tally[FAILED])
        adjusted = dict(books.adjusted.get((window, start), Tally()))
        name = (window, date or start.isoformat())
        if before := found.get(name):
            counts = before.counts.plus(counts)
            adjusted = {**Tally(before.adjusted) + Tally(adjusted)}
        found[name] = StoredWindow(window, start, date, counts, adjusted)
    return list(found.values())


def reconciled(
    books: QuotaModel,
    alice: Account | None = None,
    kept: list[StoredWindow] | None = None,
    since: datetime = EVER,
    gone: frozenset[str] = frozenset(),
) -> ReconcileResult:
    """Reconcile a model's books, some records being gone into the base."""
    base = LifetimeCounts()
    for name in gone:
        status, outputs = books.records[name].status, books.outputs_of.get(name, 0)
        base = base.plus(lifetime_counts_of(status, outputs))
    records = (
        (record, books.outputs_of.get(name, 0))
        for name, record in books.records.items()
        if name not in gone
    )
    closed = kept_of(books) if kept is None else kept
    return reconcile(alice or books.alice, None, base, closed, recompute_totals(records), since)


class Operated(Quota):
    """Quota with operators who reset and refund, and records that are deleted past retention."""

    @initialize()
    def nothing_is_gone(self) -> None:
        self.gone: set[str] = set()
        self.since = EVER

    @rule(window=st.sampled_from(LIMIT_WINDOWS))
    def reset(self, window: Window) -> None:
        self.model.change(reset_window(self.model.alice, window))

    @precondition(lambda self: self.model.records)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(list(self.model.records)[-6:]))
        record = self.model.records[name]
        if record.status is Status.SUCCESS and name not in self.gone:
            self.model.to_present()
            done = refund(self.model.alice, record)
            self.model.alice, self.model.records[name] = done.account, done.generation
            self.model._add(done.increments)

    @rule()
    def clean_up(self) -> None:
        cutoff = self.model.now - 30 * DAY
        for name, record in self.model.records.items():
            if not record.status.is_open and record.created_at < cutoff:
                self.gone.add(name)
        self.since = max(self.since, cutoff)

    @invariant()
    def all_that_must_hold_holds(self) -> None:
        """F2"""
        found = reconciled(self.model, since=self.since, gone=frozenset(self.gone))
        assert found.drifts == ()
        assert found.closed == ()

    @precondition(lambda self: self.model.records)
    @rule(
        data=st.data(), credits=st.integers(1, 9), success=st.integers(0, 2), hidden=st.booleans()
    )
    def damage(self, data: st.DataObject, credits: int, success: int, *, hidden: bool) -> None:
        """F2: whatever is wrong is found, named and put right; what is right is left alone."""
        right = self.model.alice
        window = data.draw(st.sampled_from(LIMIT_WINDOWS))
        counter = right.windows[window]
        wrong_counter = replace(
            counter,
            used={**counter.used, "image": counter.used.get("image", 0) + credits},
            success=counter.success + success,
        )
        wrong = replace(
            right,
            windows={**right.windows, window: wrong_counter},
            holds={} if hidden else right.holds,
            failed=right.failed + success,
        )
        kept = kept_of(self.model)
        since = self.since
        found = reconciled(self.model, wrong, kept[1:], since, frozenset(self.gone))
        if counter.span.start >= since:
            assert any(drift.what.endswith(" used image") for drift in found.drifts)
        else:
            right = replace(right, windows={**right.windows, window: wrong_counter})
        assert without_zeros(found.account) == without_zeros(right)
        lost = {
            each.name: each.counts.less({key: -n for key, n in each.adjusted.items()})
            for each in kept[:1]
            # Only days are judged with a margin. What the records say is without adjustments.
            if each.start - (2 * DAY if each.window is Window.DAY else 0 * DAY) >= since
        }
        due = {name: counts for name, counts in lost.items() if counts != WindowCounts()}
        assert {each.name: each.counts for each in found.closed} == due


def without_zeros(alice: Account) -> Account:
    windows = {
        window: replace(counter, used={key: n for key, n in counter.used.items() if n})
        for window, counter in alice.windows.items()
    }
    return replace(alice, windows=windows)


TestReconciliation = Operated.TestCase
