"""Notices on limits: nearly used up, used up, and a new period."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.quota.account import Account
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.rolling import ClosedWindow
from genquota.domain.records import dataclass

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
    """One notice to a user, with the numbers of the limit at that time."""

    kind: NoticeKind
    usage: LimitUsage
    threshold: int | None = None
    """Per cent; None for a period that begins."""

    @property
    def id(self) -> str:
        """The notice's name: the same notice always has the same name."""
        start = f"{self.usage.start:%Y%m%dT%H%M%SZ}"
        if self.kind is NoticeKind.PERIOD:
            return f"period_{start}"
        what = f"{self.usage.window}_{start}_{self.usage.limit}_{self.threshold}"
        return what if self.usage.type is None else f"{what}_{self.usage.type}"


@dataclass(frozen=True, slots=True)
class SentThreshold:
    """A threshold whose notice was sent, and is not sent again while its window runs."""

    window: Window
    type: str | None
    start: datetime
    limit: int
    """An upgrade is another limit, and so arms the thresholds again."""
    threshold: int


@dataclass(frozen=True, slots=True)
class NotificationPlan:
    """The notices due now, and the thresholds that are sent afterwards."""

    notices: tuple[Notice, ...] = ()
    sent: frozenset[SentThreshold] = frozenset()


def plan_notifications(
    before: Account,
    after: Account,
    usages: Iterable[LimitUsage],
    closed: Iterable[ClosedWindow],
    sent: frozenset[SentThreshold],
) -> NotificationPlan:
    """Decide which notices a change of an account causes.

    Of several thresholds reached at once only the highest is sent. Nothing is sent for what is
    unlimited, or allows nothing anyway.

    Args:
        before: The account before the change, rolled to now.
        after: The account after it.
        usages: The limits of ``after``.
        closed: The windows that ended before now.
        sent: The thresholds sent before.
    """
    running = {each for each in sent if after.windows[each.window].span.start == each.start}
    notices = []
    limits = [usage for usage in usages if usage.window in LIMIT_WINDOWS and usage.limit > 0]
    for each in closed:
        if each.window is Window.PERIOD and not each.counter.is_zero:
            begun = (usage for usage in limits if usage.window is Window.PERIOD)
            notices += [Notice(NoticeKind.PERIOD, usage) for usage in list(begun)[:1]]
    for usage in limits if after.windows is not before.windows else ():
        if usage.used <= before.windows[usage.window].used_by(usage.type):
            continue  # only settled credits cause a notice: not a lowered limit, nor a reservation
        reached = [percent for percent in THRESHOLDS if usage.used * 100 >= usage.limit * percent]
        marks = [
            SentThreshold(usage.window, usage.type, usage.start, usage.limit, each)
            for each in reached
        ]
        if marks and marks[-1] not in running:
            notices.append(Notice(NoticeKind.LIMIT, usage, reached[-1]))
            running.update(marks)
    return NotificationPlan(tuple(notices), frozenset(running))
