"""Analytics of the platform, as far as the caller may see them."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from genquota.domain.feed import LiveFeed, feed_profile_of
from genquota.domain.permissions import Permission
from genquota.domain.statistics.aggregation import day_of
from genquota.domain.statistics.analytics import Analytics, Visibility, visibility_of
from genquota.domain.statistics.ranges import DateRange, change, range_statistics
from genquota.domain.statistics.ranking import merge_top_lists
from genquota.domain.statistics.top_lists import LIST_NAMES, USERS, TopList
from genquota.store.documents import document_data
from genquota.store.statistics.job import PATH as JOB
from genquota.store.statistics.job import read_job
from genquota.store.statistics.open_generations import count_open
from genquota.store.statistics.reading import (
    StoredCounts,
    read_counts,
    read_lists,
    read_profiles,
    updated_at,
)
from genquota.use_cases.core.authorized_read import AuthorizedRead, authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.live_feed import is_hidden_from_feed
from genquota.use_cases.jobs.daily_statistics import count_closed

FRESH = timedelta(seconds=60)
"""Statistics that are older are brought up to date first."""
COUNTING = timedelta(seconds=5)
"""The longest that a caller waits for that; what is left is counted by the job."""
MOST_SHOWN = 20
"""Users, prompts and errors, unless more are asked for."""
_NAMES_LOOKED_UP = 2 * MOST_SHOWN
"""To show 20: some users hide, or have no name that can be shown."""


def analytics(
    context: Context,
    caller: Caller | None,
    wanted: DateRange | int,
    lists: Collection[str] = LIST_NAMES,
    most: int = MOST_SHOWN,
) -> Analytics:
    """Return what an admin may see of a range, or what everybody may who is signed in.

    It reads the caller and the job's document; a document for each day of the range and of the one
    before; for each day of the range the lists that are wanted, at most three; for callers who see names,
    up to 40 users; and counts open generations, once a minute. What has closed since the statistics were
    brought up to date is counted first.

    Args:
        context: The deployment. Unless its policy lets everybody see analytics, they are for admins.
        caller: None is the command line, which may see everything.
        wanted: Days in the deployment's time zone, or how many of them up to today.
        lists: Names of the lists that are wanted, as far as the caller may see them.
        most: Entries of each list.

    Raises:
        GenquotaError: The caller may not see analytics, or the store did not answer.
    """
    policy = context.policy
    everybodys, admins = Permission.VIEW_PUBLIC_ANALYTICS, Permission.VIEW_ANALYTICS
    permission = everybodys if policy.analytics_are_public else admins
    reader = authorize_read(context, caller, permission, paths=[JOB])
    as_of = _brought_up_to_date(context, reader)
    timezone = policy.default_timezone
    today = day_of(reader.now, ZoneInfo(timezone))
    range_ = DateRange.ending(today, wanted) if isinstance(wanted, int) else wanted
    stored = read_counts(context.db, (*range_.before.dates, *range_.dates))
    days = [each.day for each in stored.values()]
    present, before = (range_statistics(each, days, timezone) for each in (range_, range_.before))
    view = visibility_of(
        present.active.total,
        is_admin=reader.is_allowed(admins),
        names_are_public=policy.feed.mode is LiveFeed.NAMED,
    )
    in_range = {day: each for day, each in stored.items() if range_.first <= day <= range_.last}
    found = _lists(context, view, in_range, lists, most)
    return Analytics(
        view=view,
        present=present,
        before=before,
        change=change(present, before, as_of or reader.now),
        today=today,
        final=frozenset(day for day, each in in_range.items() if each.is_final),
        updated_at=as_of,
        processing=count_open(context.db),
        lists=found,
        names=_names(context, found.get(USERS)) if view.has_names else {},
    )


def _brought_up_to_date(context: Context, reader: AuthorizedRead) -> datetime | None:
    """Return until when all that closed is counted, after having counted what there was time for."""
    as_of = updated_at(document_data(reader.found[JOB]))
    if as_of is not None and reader.now - as_of <= FRESH:
        return as_of
    count_closed(context, COUNTING)
    return read_job(context.db).updated_at


def _lists(
    context: Context,
    view: Visibility,
    days: Mapping[date, StoredCounts],
    wanted: Collection[str],
    most: int,
) -> dict[str, TopList]:
    visible = LIST_NAMES if view.is_whole else (USERS,) if view.has_names else ()
    names = [name for name in visible if name in wanted]
    found = read_lists(context.db, days.values(), names)
    most = most if view.is_whole else _NAMES_LOOKED_UP
    return {name: merge_top_lists(each, most) for name, each in found.items()}


def _names(context: Context, users: TopList | None) -> dict[str, str]:
    """Return the names of the users with most generations who may be shown to everybody."""
    profiles = read_profiles(context.db, users.entries if users else ())
    named = (
        (uid, feed_profile_of(uid, profile, "").name)
        for uid, profile in profiles.items()
        if not is_hidden_from_feed(profile)
    )
    return dict(islice(((uid, name) for uid, name in named if name), MOST_SHOWN))
