"""What one user did: all that was settled, each once, on the day that it belongs to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.enums import Status
from genquota.domain.errors import NotAllowed, UserNotFound
from genquota.use_cases.core.context import Caller
from genquota.use_cases.reading import user_analytics as reading
from tests.rpc_counter import Calls, counting, listening
from tests.store_contents import contents

if TYPE_CHECKING:
    from genquota.domain.statistics.analytics import UserAnalytics
    from tests.emulator.environment import Environment


def _read(
    env: Environment, days: int = 7, by: str | None = "ada", most_records: int = 500
) -> UserAnalytics:
    caller = Caller(by) if by else None
    return reading.user_analytics(env.context, caller, "ada", days, most_records)


def _told(analytics: UserAnalytics) -> list[tuple[str, int, int, int]]:
    """Return date, credits, successes and failures of the days on which there was anything."""
    return [
        (each.date.isoformat()[5:], each.used, each.success, each.failed)
        for each in analytics.days
        if each.used or each.success or each.failed
    ]


@pytest.fixture
def busy(env: Environment) -> Environment:
    """Give an environment on Thursday the 18th, in which ada generated on Monday and on Tuesday only."""
    env.plan("free", limits={"period": 100})
    env.generate(count=2, engine="sd")
    env.pass_time(minutes=1)
    env.report(env.create(), "failed")
    env.pass_time(days=1)
    env.generate(type="video", engine="flux")
    env.pass_time(days=2)
    return env


def test_each_day_tells_what_was_settled_of_it(busy: Environment) -> None:
    """Tuesday is still in the user document, for nobody has called since."""
    expected = [("03-15", 2, 1, 1), ("03-16", 1, 1, 0)]
    assert _told(_read(busy)) == expected
    assert busy.day("2027-03-16") == {}
    busy.check()
    busy.generate(count=3)
    assert busy.day("2027-03-16")["used"] == 1
    shown = _read(busy)
    assert _told(shown) == [*expected, ("03-18", 3, 1, 0)]
    assert [each.by_type for each in shown.days if each.by_type] == [
        {"image": 2},
        {"video": 1},
        {"image": 3},
    ]


def test_there_is_a_day_for_each_date_up_to_today(busy: Environment) -> None:
    shown = _read(busy, days=3)
    assert [each.date for each in shown.days] == [date(2027, 3, day) for day in (16, 17, 18)]
    assert _told(shown) == [("03-16", 1, 1, 0)]
    assert (shown.records_read, shown.has_all_records) == (1, True)
    (today,) = _read(busy, days=1).days
    assert today.date == date(2027, 3, 18)


def test_records_tell_engines_prompts_and_durations_whether_hidden_or_not(
    busy: Environment,
) -> None:
    busy.hide(busy.generate(engine="flux"))
    busy.create()
    shown = _read(busy)
    assert (shown.records_read, shown.has_all_records) == (5, True)
    engines = shown.sums.by_engine
    assert {name: (each.success, each.charged) for name, each in engines.items()} == {
        "sd": (1, 2),
        "flux": (2, 2),
    }
    assert shown.sums.counts.of(Status.FAILED) == 1
    assert shown.prompts.entries["p1"].n == 4
    assert shown.sums.durations.keys() == {"image", "video"}


def test_what_others_generated_is_not_counted(busy: Environment) -> None:
    busy.generate("bob", count=5)
    busy.pass_time(days=1)
    busy.generate("bob")
    assert busy.day("2027-03-18", "bob")["used"] == 5
    shown = _read(busy)
    assert _told(shown) == [("03-15", 2, 1, 1), ("03-16", 1, 1, 0)]
    assert shown.records_read == 3


def test_of_many_records_only_the_newest_are_read(busy: Environment) -> None:
    shown = _read(busy, most_records=2)
    assert (shown.records_read, shown.has_all_records) == (2, False)
    assert shown.sums.by_engine.keys() == {"flux"}
    assert _told(shown) == [("03-15", 2, 1, 1), ("03-16", 1, 1, 0)]
    shown = _read(busy, most_records=0)
    assert (shown.records_read, shown.has_all_records, len(shown.days)) == (0, False, 7)
    shown = _read(busy, most_records=3)
    assert (shown.records_read, shown.has_all_records) == (3, True)


def test_days_are_those_of_the_users_zone(busy: Environment) -> None:
    busy.change_profile(timezone="Pacific/Auckland")
    busy.now = datetime(2027, 3, 19, 12, tzinfo=UTC)  # the 20th there
    busy.generate()
    shown = _read(busy)
    assert shown.timezone == "Pacific/Auckland"
    assert shown.days[-1].date == date(2027, 3, 20)
    assert _told(shown) == [("03-15", 2, 1, 1), ("03-16", 1, 1, 0), ("03-20", 1, 1, 0)]


def test_a_day_that_closes_meanwhile_counts_once(busy: Environment, other: Environment) -> None:
    class Rolls:
        """Lets another instance write the day between the read of the user and that of the days."""

        def before(self, rpc: str, _request: Any) -> None:  # noqa: ANN401
            if rpc == "RunQuery":
                other.now = busy.now
                other.generate(key="between")

        def after(self, rpc: str, request: Any, response: Any) -> None:  # noqa: ANN401
            """Nothing to hear."""

    with listening(busy.db, Rolls()):
        shown = _read(busy)
    assert busy.day("2027-03-16")["used"] == 1
    assert _told(shown) == [("03-15", 2, 1, 1), ("03-16", 1, 1, 0)]


def test_a_record_that_somebody_edited_is_passed_over(busy: Environment) -> None:
    for record in busy.db.collection("userGenerations").stream():
        if record.get("type") == "video":
            record.reference.update({"charged": "a lot"})
    shown = _read(busy)
    assert shown.records_read == 3
    assert shown.sums.by_engine.keys() == {"sd"}


def test_it_is_for_the_user_and_for_admins(busy: Environment) -> None:
    for role in ("user", "service"):
        busy.edit("eve", role=role)
        with pytest.raises(NotAllowed):
            _read(busy, by="eve")
    busy.edit("eve", role="admin")
    assert _told(_read(busy, by="eve")) == _told(_read(busy)) == _told(_read(busy, by=None))
    with pytest.raises(UserNotFound):
        reading.user_analytics(busy.context, Caller("eve"), "nobody", 7, 500)


def test_who_never_called_has_done_nothing_and_is_not_made_by_asking(
    env: Environment,
) -> None:
    shown = _read(env)
    assert (_told(shown), shown.records_read, len(shown.days)) == ([], 0, 7)
    assert contents(env.db) == {}


def test_it_writes_nothing_and_costs_a_read_for_each_day_and_record(busy: Environment) -> None:
    before = contents(busy.db)
    with counting(busy.db) as calls:
        _read(busy, days=90)
    assert contents(busy.db) == before
    # The user and their plan; then Monday, for Tuesday is in the user document, and three records.
    assert calls == Calls(read_rpcs=1, documents_read=2, queries=2, query_results=4)
