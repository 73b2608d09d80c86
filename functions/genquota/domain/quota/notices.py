"""What a user should be told of their limits: nearly used up, used up, and when a period begins anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from genquota.domain.quota.account import Account
from genquota.domain.quota.limit_usage import Row
from genquota.domain.quota.rolling import Closed
from genquota.domain.words import LIMIT_WINDOWS, Window

THRESHOLDS = (80, 100)
"""Per cent of a limit that are settled, in rising order."""

KEPT = timedelta(days=30)
"""How long a notice is kept after its window has ended."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    LIMIT = "limit"
    """A threshold of a limit was reached."""
    PERIOD = "period"
    """A period in which something was counted has ended, and a new one has begun."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell a user; the numbers are those of the limit when it came to be."""

    kind: NoticeKind
    row: Row
    threshold: int | None = None
    """Per cent; None for a period that begins."""

    @property
    def id(self) -> str:
        """Name the notice: the same news has the same name."""
        start = f"{self.row.start:%Y%m%dT%H%M%SZ}"
        if self.kind is NoticeKind.PERIOD:
            return f"period_{start}"
        what = f"{self.row.window}_{start}_{self.row.limit}_{self.threshold}"
        return what if self.row.type is None else f"{what}_{self.row.type}"


@dataclass(frozen=True, slots=True)
class Told:
    """A threshold that was told once, and is not told again while its window runs."""

    window: Window
    type: str | None
    start: datetime
    limit: int
    """An upgrade is another limit, and so arms the thresholds again."""
    threshold: int


@dataclass(frozen=True, slots=True)
class News:
    """What is due now, and what will have been told of the running windows."""

    notices: tuple[Notice, ...] = ()
    told: frozenset[Told] = frozenset()


def news_of(
    before: Account,
    after: Account,
    rows: Iterable[Row],
    closed: Iterable[Closed],
    told: frozenset[Told],
) -> News:
    """Decide what a change of an account is news of.

    Of several thresholds reached at once only the highest is told. Nothing is told of what is
    unlimited, or allows nothing anyway.

    Args:
        before: The account before the change, rolled to the present.
        after: The account after it.
        rows: The limits of ``after``.
        closed: The windows that ended on the way to the present.
        told: What was told before.
    """
    running = {each for each in told if after.windows[each.window].span.start == each.start}
    notices = []
    limits = [row for row in rows if row.window in LIMIT_WINDOWS and row.limit > 0]
    for each in closed:
        if each.window is Window.PERIOD and not each.counter.is_zero:
            begun = (row for row in limits if row.window is Window.PERIOD)
            notices += [Notice(NoticeKind.PERIOD, row) for row in list(begun)[:1]]
    for row in limits if after.windows is not before.windows else ():
        if row.used <= before.windows[row.window].used_by(row.type):
            continue  # only what is settled is news: not a lowered limit, nor a reservation
        reached = [percent for percent in THRESHOLDS if row.used * 100 >= row.limit * percent]
        marks = [Told(row.window, row.type, row.start, row.limit, each) for each in reached]
        if marks and marks[-1] not in running:
            notices.append(Notice(NoticeKind.LIMIT, row, reached[-1]))
            running.update(marks)
    return News(tuple(notices), frozenset(running))
