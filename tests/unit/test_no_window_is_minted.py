"""No sequence of changes of zone, plan, anchor or subscription makes more windows than time allows.

What contract 5.7 promises comes to this: windows of one kind never overlap; each lasts at least nine
tenths of a whole one of the definition that it began under, unless a paid period cut it; and paid
periods cut at most once each.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import CALENDAR_WINDOWS, Anchor, SubscriptionStatus, Unit, Window
from genquota.domain.plans.plans import PeriodRule, Plan
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.quota.account import Account
from genquota.domain.quota.rolling import roll_windows
from genquota.domain.windows import CalendarGrid, Span, window_after
from tests.unit.samples import POLICY, ZONES, at, plan, whole_seconds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHORTEST = {
    # The least that a whole one can last: an hour less where summer begins, 28 days of February.
    Unit.DAY: 23 * HOUR,
    Unit.WEEK: 167 * HOUR,
    Unit.MONTH: 28 * DAY - HOUR,
    Unit.YEAR: 365 * DAY - HOUR,
}

zones = st.sampled_from((*ZONES, None, "Mars/Olympus"))
rules = st.builds(PeriodRule, st.sampled_from(Unit), st.integers(1, 3), st.sampled_from(Anchor))
steps = st.sampled_from(
    [timedelta(seconds=1), HOUR, 11 * HOUR, DAY, 27 * DAY, 31 * DAY, 200 * DAY]
) | st.timedeltas(timedelta(), 70 * DAY)


@st.composite
def subscriptions(draw: st.DrawFn, now: datetime) -> Subscription | None:
    """Return none, or one that began some time ago or will begin."""
    if draw(st.booleans()):
        return None
    start = (now + draw(st.timedeltas(-40 * DAY, 5 * DAY))).replace(microsecond=0)
    return Subscription(
        draw(st.sampled_from(("s1", "s2"))),
        "pro",
        draw(st.sampled_from(SubscriptionStatus)),
        draw(st.none() | whole_seconds | st.just(start)),
        start,
        draw(st.none() | st.just(start + 30 * DAY)),
        draw(st.booleans()),
    )


@dataclass
class Story:
    """A user's windows of all kinds, as they begin and end."""

    alice: Account
    begun: dict[Window, list[tuple[datetime, datetime, timedelta]]] = field(default_factory=dict)
    """Start, end and the least length of each window."""
    paid: set[datetime] = field(default_factory=set)
    cut: list[datetime] = field(default_factory=list)

    def look(self, terms: Plan, now: datetime) -> None:
        """Roll to an instant and note what has begun and what was cut."""
        paid_before = self.alice.paid_from, self.alice.paid_until
        rolled = roll_windows(self.alice, terms, now, POLICY).account
        again = roll_windows(rolled, terms, now, POLICY)
        assert again.account == rolled
        assert again.closed == ()
        self.alice = rolled
        for window, counter in rolled.windows.items():
            begun = self.begun.setdefault(window, [])
            span = counter.span
            assert span.start <= now < span.end
            if begun and begun[-1][0] == span.start:
                if begun[-1][1] != span.end:  # once begun, it keeps its end, but for what is paid
                    self.lay_anew(window, span, paid_before)
                continue
            if begun and span.start < begun[-1][1]:
                assert window is Window.PERIOD  # only a paid period ends a window early
                cut = rolled.paid_from
                assert cut in self.paid
                assert begun[-1][0] < cut <= span.start
                self.cut.append(cut)
                begun[-1] = (begun[-1][0], cut, timedelta())
            unit, count = CALENDAR_WINDOWS.get(window, (terms.period.unit, terms.period.count))
            # A provider's own period may be an eighth shorter than the plan's.
            part = 0.875 if window is Window.PERIOD else 0.9
            begun.append((span.start, span.end, SHORTEST[unit] * count * part))

    def lay_anew(
        self, window: Window, span: Span, paid_before: tuple[datetime | None, datetime | None]
    ) -> None:
        """Note that a running `period` ends with a paid period that was reported, and not at another time."""
        assert window is Window.PERIOD
        paid_now = self.alice.paid_from, self.alice.paid_until
        assert paid_now != paid_before
        self.begun[window][-1] = (span.start, span.end, timedelta())


@given(st.data(), whole_seconds)
def test_whatever_changes_windows_never_overlap_and_are_never_short(
    data: st.DataObject, now: datetime
) -> None:
    story = Story(Account("alice", created_at=data.draw(st.none() | whole_seconds)))
    terms = plan({})
    for _ in range(data.draw(st.integers(1, 25))):
        match data.draw(st.sampled_from(("wait", "wait", "move", "replan", "subscribe"))):
            case "wait":
                now += data.draw(steps)
            case "move":
                story.alice = replace(story.alice, timezone=data.draw(zones))
            case "replan":
                terms = plan({}, period=data.draw(rules))
            case _:
                bought = data.draw(subscriptions(now))
                story.alice = replace(story.alice, subscription=bought)
                if bought and bought.current_period_start:
                    story.paid.add(bought.current_period_start)
        story.look(terms, now)
    for begun in story.begun.values():
        assert all(end - start >= least for start, end, least in begun)
        assert all(end <= start for (_, end, _), (start, *_) in itertools.pairwise(begun))
    assert len(story.cut) == len(set(story.cut))
    assert story.cut == sorted(story.cut)


@pytest.mark.parametrize(
    ("unit", "days", "honest", "most"),
    [(Unit.DAY, 360, 360, 400), (Unit.WEEK, 364, 52, 58), (Unit.MONTH, 365, 12, 14)],
)
def test_who_moves_to_the_zone_that_ends_each_window_soonest_gains_one_in_nine_at_most(
    unit: Unit, days: int, honest: int, most: int
) -> None:
    grids = [CalendarGrid(unit, ZoneInfo(zone)) for zone in ZONES]
    start = at("2026-01-01")
    end = start + timedelta(days=days)
    windows, now = 0, start
    while now < end:
        now = min(window_after(now, grid, now).end for grid in grids)
        windows += 1
    assert honest <= windows <= most


def test_who_moves_the_anchor_every_time_never_gets_a_period_faster() -> None:
    """Subscribe, cancel, and subscribe elsewhere with an anchor of one's choice, without paying."""
    alice, terms = Account("alice"), plan({})
    now, periods = at("2026-01-01"), set[datetime]()
    for day in range(365):
        now = at("2026-01-01") + timedelta(days=day)
        trial = Subscription("s", "pro", SubscriptionStatus.TRIALING, now, now, None)
        alice = roll_windows(replace(alice, subscription=trial), terms, now, POLICY).account
        periods.add(alice.windows[Window.PERIOD].span.start)
    assert len(periods) == 12
