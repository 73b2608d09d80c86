"""Calendar arithmetic of windows.

Pure calendar arithmetic. A *grid* cuts time into windows without gap or overlap; `window_at` finds
the one that holds an instant, `window_after` the one that follows a running window, which may have
been laid on another grid.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from genquota.domain.enums import Unit
from genquota.domain.records import dataclass

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open interval ``[start, end)`` of a window, in whole seconds of UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class FixedGrid:
    """Windows of one length, counted from 1970 in UTC: minutes and hours."""

    length: timedelta

    def window_at(self, at: datetime) -> Span:
        start = at - (at - _EPOCH) % self.length
        return Span(start, start + self.length)


@dataclass(frozen=True, slots=True)
class CalendarGrid:
    """Windows that begin at local midnight: days, weeks, months and years of a time zone.

    A day may last 23 or 25 hours. Where midnight does not exist, the day begins at the first
    instant after the gap; where it comes twice, at the first of the two.
    """

    unit: Unit
    zone: ZoneInfo
    count: int = 1
    week_start: int = 0
    """0 = Monday … 6 = Sunday."""

    def window_at(self, at: datetime) -> Span:
        first = self._floor(at.astimezone(self.zone).date())
        # A clock set back across midnight shows yesterday's date after today began.
        while at < self._begin(first):
            first = self._floor(first - timedelta(days=1))
        while at >= self._begin(self._next(first)):
            first = self._next(first)
        return Span(self._begin(first), self._begin(self._next(first)))

    def _floor(self, day: date) -> date:
        if self.unit in _MONTHS:
            step = _MONTHS[self.unit] * self.count
            months = (day.year * 12 + day.month - 1) // step * step
            return date(months // 12, months % 12 + 1, 1)
        offset = 1 + self.week_start if self.unit is Unit.WEEK else 1
        step = _DAYS[self.unit] * self.count
        return date.fromordinal((day.toordinal() - offset) // step * step + offset)

    def _next(self, first: date) -> date:
        if self.unit in _MONTHS:
            months = first.year * 12 + first.month - 1 + _MONTHS[self.unit] * self.count
            return date(months // 12, months % 12 + 1, 1)
        return first + timedelta(days=_DAYS[self.unit] * self.count)

    def _begin(self, day: date) -> datetime:
        # fold=0 takes the offset before a gap, which names the gap's own instant, and the
        # first of two equal readings.
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class AnchoredGrid:
    """Windows that step from an anchor, both ways, in UTC as payment providers count.

    Months are stepped from the anchor itself and never from the window before, so that an anchor on
    January 31 gives February 28 or 29, then March 31.
    """

    unit: Unit
    anchor: datetime
    count: int = 1

    def window_at(self, at: datetime) -> Span:
        step = self._guess(at)
        while at < self._begin(step):
            step -= 1
        while at >= self._begin(step + 1):
            step += 1
        return Span(self._begin(step), self._begin(step + 1))

    def _guess(self, at: datetime) -> int:
        if self.unit in _MONTHS:
            months = (at.year - self.anchor.year) * 12 + at.month - self.anchor.month
            return months // (_MONTHS[self.unit] * self.count)
        return (at - self.anchor) // timedelta(days=_DAYS[self.unit] * self.count)

    def _begin(self, step: int) -> datetime:
        if self.unit in _DAYS:
            return self.anchor + timedelta(days=_DAYS[self.unit] * self.count * step)
        months = self.anchor.year * 12 + self.anchor.month - 1
        months += _MONTHS[self.unit] * self.count * step
        year, month = months // 12, months % 12 + 1
        day = min(self.anchor.day, monthrange(year, month)[1])
        return self.anchor.replace(year=year, month=month, day=day)


@dataclass(frozen=True, slots=True)
class ProviderGrid:
    """Windows of a payment provider, which says itself when the running one begins and ends.

    The others step from it: by the provider's anchor where that agrees with its end, else from the end.
    """

    span: Span
    anchored: AnchoredGrid

    def window_at(self, at: datetime) -> Span:
        if self.span.start <= at < self.span.end:
            return self.span
        if at < self.span.start:
            before = self.anchored.window_at(at)
            return Span(before.start, min(before.end, self.span.start))
        after = self.anchored
        if after.window_at(self.span.end).start != self.span.end:
            after = replace(after, anchor=self.span.end)
        return after.window_at(at)


Grid = FixedGrid | CalendarGrid | AnchoredGrid | ProviderGrid


def is_about_one_window(span: Span, unit: Unit, count: int) -> bool:
    """Return whether a provider's period is as long as a window of so many units, give or take an eighth.

    Months have 28 to 31 days, and providers count them in their own ways.
    """
    whole = AnchoredGrid(unit, span.start, count).window_at(span.start)
    return abs(span.end - whole.end) * 8 <= whole.end - whole.start


def window_after(end: datetime, grid: Grid, now: datetime) -> Span:
    """Return the window that holds ``now`` when the window before it ended at ``end`` (``<= now``).

    The first window begins where the last one ended, even if the grid has moved. A first piece that
    is shorter than nine tenths of a whole window joins the one after it: moving the grid to and fro
    must not make windows, and so allowances, faster than time passes.
    """
    whole = grid.window_at(end)
    first = whole
    if whole.start != end:
        is_short = (whole.end - end) * 10 < (whole.end - whole.start) * 9
        first = Span(end, grid.window_at(whole.end).end if is_short else whole.end)
    return first if now < first.end else grid.window_at(now)
