"""What `reconcile` finds: examples in numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.changes.adjustments import reset_window
from genquota.domain.enums import LIMIT_WINDOWS, Status, Window
from genquota.domain.quota.generation import Generation
from genquota.domain.quota.lifetime import LifetimeCounts
from genquota.domain.quota.reconciliation import (
    Drift,
    StoredWindow,
    WindowCounts,
    recompute_totals,
    reconcile,
)
from tests.limit_windows import RUNNING
from tests.unit.samples import NOW, account, at, holding, using

if TYPE_CHECKING:
    from genquota.domain.quota.account import Account

EVER = at("2000-01-01")


def generation(
    name: str, status: Status, credits: int = 1, *, charged: bool = True, type_: str = "image"
) -> Generation:
    """Return a generation of alice's that was reserved in the windows of NOW."""
    hold = holding(account(), credits, type_=type_, name=name).holds[name]
    done = status is Status.SUCCESS
    return Generation(
        name,
        "alice",
        status,
        hold,
        timedelta(minutes=15),
        NOW,
        charged=credits if done and charged else 0,
        refunded=not done and not status.is_open,
    )


def found_in(
    alice: Account, *records: Generation, kept: tuple[StoredWindow, ...] = ()
) -> list[Drift]:
    totals = recompute_totals((record, 1) for record in records)
    return list(reconcile(alice, None, LifetimeCounts(), kept, totals, EVER).drifts)


def test_credits_that_no_record_stands_for_are_named_with_their_window_and_type() -> None:
    alice = replace(using(account(), success=1, image=3), success=1, outputs=1)
    assert found_in(alice, generation("g1", Status.SUCCESS, 2)) == [
        Drift(f"{window} {start}{'' if window == 'day' else 'T00:00:00Z'} used image", 3, 2)
        for window, (start, _) in RUNNING["2026-11-18"].items()
    ]


def test_what_was_adjusted_is_no_drift() -> None:
    alice = replace(using(account(), success=1, image=2), success=1, outputs=1)
    for window in LIMIT_WINDOWS:
        alice = reset_window(alice, window)
    assert found_in(alice, generation("g1", Status.SUCCESS, 2)) == []


@pytest.mark.parametrize("name", ["refunded", "forgiven when it came late"])
def test_a_success_that_charged_nothing_counts_as_one_and_uses_nothing(name: str) -> None:
    alice = replace(using(account(), success=1), success=1, outputs=1)
    record = replace(generation("g1", Status.SUCCESS, 2, charged=False), refunded=True)
    assert found_in(alice, replace(record, late=name != "refunded")) == []


def test_an_open_record_without_its_hold_and_a_hold_without_a_record_are_found() -> None:
    alice = account()
    opened = generation("g1", Status.PENDING)
    assert found_in(alice, opened) == [Drift("open", 0, 1)]
    lost = holding(alice, 5, name="g2")
    assert found_in(lost) == [Drift("open", 1, 0)]
    assert found_in(lost, opened) == [Drift("holds", 5, 1)]
    totals = recompute_totals([(opened, 0)])
    mended = reconcile(lost, None, LifetimeCounts(), (), totals, EVER).account
    assert mended.holds == {"g1": opened.hold}


def test_a_closed_window_whose_document_is_missing_is_found() -> None:
    later = account(now=NOW + timedelta(days=40))
    alice = replace(later, success=1, outputs=1)
    drifts = found_in(alice, generation("g1", Status.SUCCESS, 2))
    assert Drift("day 2026-11-18 used image", 0, 2) in drifts
    assert Drift("month 2026-11-01T00:00:00Z success", 0, 1) in drifts


def test_windows_that_began_before_records_may_be_gone_are_not_judged() -> None:
    alice = replace(using(account(), success=1, image=9), success=1, outputs=1)
    totals = recompute_totals([(generation("g1", Status.SUCCESS, 2), 1)])
    found = reconcile(alice, None, LifetimeCounts(), (), totals, at("2026-11-10"))
    assert [drift.what for drift in found.drifts] == [
        "day 2026-11-18 used image",
        "week 2026-11-16T00:00:00Z used image",
    ]
    assert found.account.windows[Window.MONTH] == alice.windows[Window.MONTH]


def test_lifetime_counts_are_base_and_records() -> None:
    alice = replace(using(account(), success=1, image=2), success=7, failed=4, outputs=9)
    totals = recompute_totals([(generation("g1", Status.SUCCESS, 2), 3)])
    found = reconcile(alice, 2, LifetimeCounts(5, 4, 6), (), totals, EVER)
    assert found.drifts == (
        Drift("generatedCount", 7, 6),
        Drift("currentPeriodCount", 2, 1),
    )
    assert (found.account.success, found.account.failed, found.account.outputs) == (6, 4, 9)


def test_a_day_at_the_edge_is_not_judged_for_another_window_may_bear_its_name() -> None:
    edge, counts = at("2026-11-10"), WindowCounts({"image": 5}, 1)
    day = StoredWindow(Window.DAY, edge + timedelta(hours=1), "2026-11-10", counts)
    week = StoredWindow(Window.WEEK, edge, "", counts)
    found = reconcile(account(), None, LifetimeCounts(), (day, week), recompute_totals([]), edge)
    assert {entry.window for entry in found.closed} == {Window.WEEK}
