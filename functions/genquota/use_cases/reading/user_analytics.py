"""Analytics of one user, day by day."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from genquota.domain.enums import Window
from genquota.domain.permissions import Permission
from genquota.domain.quota.rolling import zone_of
from genquota.domain.statistics.aggregation import DayTotals, aggregate_by_day
from genquota.domain.statistics.analytics import UserAnalytics, UserDay
from genquota.domain.statistics.daily import DayStatistics
from genquota.domain.statistics.ranking import truncate_top_list
from genquota.domain.statistics.top_lists import PROMPTS, TopList
from genquota.store.statistics.user_generations import user_days, user_records
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request
from genquota.use_cases.core.user_state import UserState

MOST_PROMPTS = 20


def user_analytics(
    context: Context, caller: Caller | None, user_id: str, days: int, most_records: int
) -> UserAnalytics:
    """Return a user's last ``days`` days, today included, to them and to admins.

    It reads the caller and the user, up to one document for each day before today, and at most
    ``most_records`` and one records.

    Raises:
        NotAllowed: The caller is another user or a service.
        GenquotaError: There is no such user, they are barred, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> UserState:
        transaction.with_read_time = True
        request = load_request(context, transaction, caller, user_id)
        request.authorize(Permission.VIEW_USER_ANALYTICS)
        return request.user

    user = run_transaction(context.db, attempt)
    zone = zone_of(user.account, user.policy)
    today = user.now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time.min, zone)
    records = user_records(context.db, user_id, since, most_records)
    sums = DayTotals(DayStatistics(first, zone.key))
    for day in aggregate_by_day(((each, 1) for each in records.closed), zone).values():
        sums = sums.plus(day)
    dates = [first + timedelta(days=number) for number in range(days)]
    return UserAnalytics(
        user_id,
        zone.key,
        _days(context, user, dates),
        records.read,
        records.is_all,
        sums.statistics,
        truncate_top_list(sums.lists.get(PROMPTS, TopList()), MOST_PROMPTS),
    )


def _days(context: Context, user: UserState, dates: Iterable[date]) -> tuple[UserDay, ...]:
    """Add what is stored of closed days, what has closed since the user was written, and today."""
    days = {each.isoformat(): UserDay(each) for each in dates}
    uid, seen = user.account.uid, user.seen.snapshot
    # As of when the user was read: a day that closes meanwhile would be counted twice.
    for stored in user_days(context.db, uid, min(days), seen.read_time):
        if day := days.get(stored["date"]):
            used = stored.get("byType") or {}
            days[stored["date"]] = day.plus(used, stored["success"], stored["failed"])
    counters = [each.counter for each in user.closed if each.window is Window.DAY]
    for counter in (*counters, user.account.windows[Window.DAY]):
        if day := days.get(counter.date or ""):
            days[str(counter.date)] = day.plus(counter.used, counter.success, counter.failed)
    return tuple(days.values())
