"""`analytics`: up to date, from the documents of the days and no others, for those who may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import AccountDisabled, NotAllowed
from genquota.domain.feed import FeedRules, LiveFeed
from genquota.domain.statistics.ranges import DateRange
from genquota.domain.statistics.top_lists import (
    ERRORS,
    LIST_NAMES,
    PROMPTS,
    USERS,
    TopList,
    TopListEntry,
)
from genquota.store.statistics import open_generations
from genquota.store.statistics.documents import list_path, list_to_document
from genquota.use_cases.reading import analytics as reading
from tests.emulator.analytics_days import fill_days, shown
from tests.emulator.statistics_days import JOB, recount
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

TODAY = date(2027, 3, 15)


@pytest.fixture(autouse=True)
def _counts_open_ones_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_generations, "REMEMBERED_SECONDS", 0.0)


@pytest.fixture
def people(env: Environment) -> Environment:
    """Give an environment with an admin, a service and a user, who have called before."""
    for uid, role in (("boss", "admin"), ("robot", "service"), ("eve", "user")):
        env.check(uid)
        env.edit(uid, role=role)
    return env


def test_what_has_closed_is_counted_first(env: Environment) -> None:
    env.generate(engine="sd")
    env.report(env.create("bob"), "failed", "bob", error_message="timeout 31 s")
    env.create("eve")
    assert shown(env).present.total == 0  # it closed just now, and commits may be under way
    env.pass_time(seconds=91)
    seen = shown(env)
    assert seen.present.counts == recount(env)[TODAY].statistics.counts
    assert seen.present.active.new == 2
    assert seen.updated_at == env.now - timedelta(seconds=30)
    assert (seen.processing, seen.today, seen.final) == (1, TODAY, frozenset())
    assert {name: sorted(found.entries) for name, found in seen.lists.items()} == {
        USERS: ["ada", "bob"],
        PROMPTS: ["p1"],
        ERRORS: ["timeout # s"],
    }


def test_what_is_a_minute_old_is_shown_as_it_is(env: Environment) -> None:
    env.pass_time(minutes=-1)
    shown(env)
    env.generate()
    env.pass_time(seconds=30)
    with counting(env.db) as calls:
        assert shown(env).present.total == 0
    assert calls.commits == 0
    env.pass_time(seconds=31)
    assert shown(env).present.total == 1


def test_who_comes_while_another_counts_is_shown_what_there_is(env: Environment) -> None:
    fill_days(env, 1)
    env.db.document(JOB).set(
        {
            "updatedAt": env.now,
            "leaseId": "another",
            "leaseUntil": env.db.document(JOB).get().read_time + timedelta(minutes=1),
        }
    )
    env.pass_time(minutes=5)
    seen = shown(env)
    assert (seen.present.total, seen.updated_at) == (12, env.now - timedelta(minutes=5))


def test_a_range_is_compared_with_the_one_before(env: Environment) -> None:
    fill_days(env, 9)
    seen = shown(env, DateRange(date(2027, 3, 10), date(2027, 3, 14)))
    assert (seen.present.total, seen.before.total) == (60, 36)
    assert seen.change.total == pytest.approx(60 / 36 - 1)
    assert seen.lists[USERS].entries["u0"].n == 10
    assert seen.final == frozenset(date(2027, 3, day) for day in (10, 11, 12, 13))
    assert shown(env, 2).present.range == DateRange(date(2027, 3, 14), TODAY)


def test_days_are_those_of_the_deployments_zone(env: Environment) -> None:
    env.set_policy(default_timezone="Pacific/Auckland")
    env.pass_time(hours=3)  # the 16th there
    seen = shown(env, 1)
    assert (seen.today, seen.present.range.last) == (date(2027, 3, 16), date(2027, 3, 16))
    assert seen.present.days[0].timezone == "Pacific/Auckland"


def test_thirty_days_with_all_lists_are_150_documents_beside_the_caller_and_the_job(
    people: Environment,
) -> None:
    fill_days(people, 70)
    with counting(people.db) as calls:
        shown(people, 30, "boss")
    days = [f"analyticsDaily/{TODAY - timedelta(days=number)}" for number in range(60)]
    lists = [f"{day}/lists/{name}" for day in days[:30] for name in LIST_NAMES]
    assert len(days) + len(lists) == 150
    assert sorted(calls.read_paths) == sorted([*days, *lists, "users/boss", JOB])
    assert (calls.read_rpcs, calls.commits, calls.queries) == (3, 0, 0)
    assert calls.others == {"RunAggregationQuery": 1}


def test_lists_that_a_day_does_not_have_or_nobody_wants_are_not_read(
    env: Environment,
) -> None:
    fill_days(env, 3, users=1)
    for number in range(3):
        day = env.db.document(f"analyticsDaily/{TODAY - timedelta(days=number)}")
        day.update({"lists": [USERS]})
    for lists, expected in ((LIST_NAMES, 3), ((ERRORS,), 0), ((), 0)):
        with counting(env.db) as calls:
            shown(env, 3, lists=lists)
        assert calls.documents_read == 1 + 6 + expected


def test_open_generations_are_counted_once_a_minute(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_days(env, 1)
    monkeypatch.setattr(open_generations, "REMEMBERED_SECONDS", 60.0)
    assert shown(env).processing == 0
    env.create()
    with counting(env.db) as calls:
        assert shown(env).processing == 0
    assert calls.others == {}
    monkeypatch.setattr(open_generations, "REMEMBERED_SECONDS", 0.0)
    assert shown(env).processing == 1


def test_it_is_for_admins(people: Environment) -> None:
    for uid in ("eve", "robot"):
        with counting(people.db) as calls, pytest.raises(NotAllowed):
            shown(people, by=uid)
        assert calls.commits == 0
    assert shown(people, by="boss").view.is_whole
    people.edit("boss", disabled=True)
    with pytest.raises(AccountDisabled):
        shown(people, by="boss")


def test_public_analytics_are_for_everybody_but_only_a_part(people: Environment) -> None:
    fill_days(people, 2)
    people.set_policy(analytics_are_public=True)
    for uid in ("eve", "robot"):
        with counting(people.db) as calls:
            seen = shown(people, 2, by=uid)
        assert not seen.view.is_whole
        assert (seen.present.total, seen.lists, seen.names) == (24, {}, {})
        assert [path for path in calls.read_paths if "/lists/" in path] == []
    assert shown(people, 2, by="boss").view.is_whole
    people.edit("eve", disabled=True)
    with pytest.raises(AccountDisabled):
        shown(people, by="eve")


@pytest.mark.parametrize("mode", [LiveFeed.OFF, LiveFeed.ANONYMOUS])
def test_names_are_not_read_where_the_feed_does_not_show_them(
    people: Environment, mode: LiveFeed
) -> None:
    fill_days(people, 1)
    people.edit("u1", displayName="Ann")
    people.set_policy(analytics_are_public=True, feed=FeedRules(mode))
    seen = shown(people, 1, by="eve")
    assert (seen.view.has_names, seen.names, seen.lists) == (False, {}, {})


@pytest.fixture
def named(people: Environment) -> Environment:
    """Give an environment whose feed shows names, and whose users of today have some that can be shown."""
    fill_days(people, 1)
    people.set_policy(analytics_are_public=True, feed=FeedRules(LiveFeed.NAMED))
    people.edit("u0", displayName="Ann", email="ann@example.com")
    people.edit("u1", displayName="Bob", preferences={"hideFromFeed": True})
    people.edit("u2", displayName="call 0171 2345678")
    people.edit("u3", displayName=" ")
    people.edit("u4", displayName="Eve", preferences={"hideFromFeed": False})
    return people


def test_users_are_named_who_let_the_feed_name_them(named: Environment) -> None:
    seen = shown(named, 1, by="eve")
    assert seen.names == {"u0": "Ann", "u4": "Eve"}
    assert seen.lists.keys() == {USERS}
    assert shown(named, 1, by="boss").names == {}


def test_of_few_users_nobody_is_named(named: Environment) -> None:
    fill_days(named, 1, users=4)
    with counting(named.db) as calls:
        seen = shown(named, 1, by="eve")
    assert (seen.view.has_breakdown, seen.names, seen.lists) == (False, {}, {})
    assert calls.documents_read == 2 + 2


def test_the_highest_twenty_are_named_and_forty_looked_up(named: Environment) -> None:
    users = TopList({f"u{number}": TopListEntry(100 + number) for number in range(50)})
    named.db.document(list_path(TODAY, USERS)).set(list_to_document(users))
    for number in range(50):
        named.edit(f"u{number}", displayName=f"N{chr(65 + number % 26)}", preferences={})
    with counting(named.db) as calls:
        seen = shown(named, 1, by="eve")
    assert seen.names.keys() == {f"u{number}" for number in range(30, 50)}
    assert reading.MOST_SHOWN == 20
    assert len([path for path in calls.read_paths if path.startswith("users/u")]) == 40


def test_a_database_without_statistics_tells_of_nothing(env: Environment) -> None:
    seen = shown(replace(env))
    assert (seen.present.total, seen.change.total, seen.processing) == (0, None, 0)
    assert [name for name, found in seen.lists.items() if found.entries] == []
