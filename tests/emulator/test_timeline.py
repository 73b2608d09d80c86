"""A window's timeline over what the store really has: it adds up, page by page, and shows what does not."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.errors import InvalidArgument, NotAllowed, NotFound, UserNotFound
from genquota.messages.answers.timeline import TimelineAnswer, place_from_text, place_to_text
from genquota.use_cases.core.context import Caller
from genquota.use_cases.reading import timeline
from genquota.use_cases.reading.timeline import read_timeline
from tests.emulator.environment import START
from tests.emulator.operator_actions import OperatorActions, operator_actions
from tests.emulator.test_operated_histories import OperatedHistory
from tests.emulator.test_random_histories import USERS, plans
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.timeline.timeline import Timeline, TimelineCursor, TracedEvent
    from tests.emulator.environment import Environment

BOSS = Caller("boss")
Story = list[tuple[str, int, int]]


def pages(
    env: Environment, window: str = "period", uid: str = "ada", before: datetime | None = None
) -> tuple[list[TracedEvent], Timeline]:
    """Return the entries of all pages, newest first, and the last page."""
    entries: list[TracedEvent] = []
    place: TimelineCursor | None = None
    while True:
        page = read_timeline(env.context, BOSS, uid, Window(window), before, place)
        entries += page.entries
        if page.next is None:
            return entries, page
        place = place_from_text(place_to_text(page.next))
        assert place == page.next


def story(entries: list[TracedEvent]) -> Story:
    """Return what happened, oldest first, with what was counted after it."""
    return [(each.event.kind.value, each.used, each.open) for each in reversed(entries)]


@pytest.fixture
def operator(env: Environment) -> OperatorActions:
    env.plan("free", limits={"period": 20})
    env.plan("plus", limits={"period": 60}, rank=10)
    env.check()
    return operator_actions(env)


def test_every_kind_of_change_is_shown_and_adds_up(
    env: Environment, operator: OperatorActions
) -> None:
    """F2"""
    done = env.generate(count=3)
    env.pass_time(minutes=1)
    env.report(env.create(), "failed")
    env.pass_time(minutes=1)
    late = env.create(count=2)
    env.pass_time(hours=1)
    env.report(late, "success")
    env.pass_time(minutes=1)
    partial = env.create(count=4)
    env.pass_time(minutes=1)
    env.report(partial, "success", outputs=1, output_count=1)
    env.pass_time(minutes=1)
    operator.reset("period")
    env.pass_time(minutes=1)
    env.generate()
    env.pass_time(minutes=1)
    operator.refund(done)
    env.pass_time(minutes=1)
    operator.plan("plus")
    operator.reset("day")
    env.pass_time(minutes=1)
    env.create(count=5)
    entries, last = pages(env)
    assert story(entries) == [
        ("began", 0, 0),
        ("held", 0, 3),
        ("charged", 3, 0),
        ("held", 3, 1),
        ("released", 3, 0),
        ("held", 3, 2),
        ("expired", 3, 0),
        ("late", 5, 0),
        ("held", 5, 4),
        ("charged", 6, 0),
        ("reset", 0, 0),
        ("held", 0, 1),
        ("charged", 1, 0),
        # Of what the reset had taken off nothing is taken off again: the one that came after pays for it.
        ("refunded", 0, 0),
        ("operator", 0, 0),
        ("held", 0, 5),
    ]
    assert last.check
    assert last.check.adds_up
    refunded = next(each for each in entries if each.event.kind == "refunded")
    assert refunded.event.facts["note"] == "it was our fault"


def test_a_late_success_that_is_forgiven_charges_nothing_also_after_its_refund(
    env: Environment, operator: OperatorActions
) -> None:
    env.set_policy(charge_late_success=False)
    forgiven = env.create(count=2)
    env.pass_time(hours=1)
    env.report(forgiven, "success")
    env.set_policy(charge_late_success=True)
    env.pass_time(minutes=1)
    charged = env.create(count=3)
    env.pass_time(hours=1)
    env.report(charged, "success")
    env.pass_time(hours=1)
    operator.refund(charged)
    entries, last = pages(env)
    both = [("held", 0, 2), ("expired", 0, 0), ("late", 0, 0), ("held", 0, 3), ("expired", 0, 0)]
    assert story(entries) == [("began", 0, 0), *both, ("late", 3, 0), ("refunded", 0, 0)]
    assert last.check
    assert last.check.adds_up


def test_what_grants_pay_is_shown_and_not_counted(
    env: Environment, operator: OperatorActions
) -> None:
    operator.give(5)
    env.pass_time(minutes=1)
    env.generate(count=19)
    env.pass_time(minutes=1)
    env.generate(count=3)
    entries, last = pages(env)
    assert [entry.used for entry in entries][:1] == [20]
    assert [each.event.grants for each in entries if each.event.kind == "charged"] == [2, 0]
    assert [each.event.facts["action"] for each in entries if each.event.kind == "operator"] == [
        "give-grant"
    ]
    assert last.check
    assert last.check.adds_up


def test_a_tampered_counter_is_seen(env: Environment) -> None:
    """F2"""
    operator_actions(env)
    env.generate()
    windows = json.loads(env.user()["quota"]["windows"])
    windows["period"]["used"]["image"] += 3
    env.db.document("users/ada").update({"quota.windows": json.dumps(windows)})
    entries, last = pages(env)
    assert last.check
    assert (last.check.adds_up, last.check.used) == (False, {"image": 3})
    assert story(entries)[:2] == [("began", 0, 0), ("unexplained", 3, 0)]
    assert TimelineAnswer.of("ada", "period", last).to_json()["check"] == {
        "addsUp": False,
        "used": 3,
        "open": 0,
        "byType": {"image": 3},
    }
    assert pages(env, "day")[1].check == last.check.__class__({}, {})


def test_a_record_that_is_gone_is_seen(env: Environment) -> None:
    operator_actions(env)
    made = env.generate()
    env.create()
    env.db.document(f"userGenerations/{made.generation.id}").delete()
    check = pages(env)[1].check
    assert check
    assert (check.used, check.open) == ({"image": 1}, {})


def test_a_closed_window_is_shown_too(env: Environment, operator: OperatorActions) -> None:
    env.generate(count=2)
    late = env.create()
    env.travel(START + timedelta(days=20))
    env.generate()
    env.report(late, "success")
    operator.refund(late)
    entries, last = pages(env)
    assert last.previous
    assert last.previous.used == 2
    assert story(entries) == [
        ("began", 0, 0),
        ("held", 0, 1),
        ("charged", 1, 0),
        ("operator", 1, 0),
    ]
    before, page = pages(env, before=last.place.start)
    assert story(before)[-2:] == [("late", 3, 0), ("refunded", 2, 0)]
    assert page.check
    assert page.check.adds_up
    assert page.previous is None
    day, page = pages(env, "day", before=pages(env, "day")[1].place.start)
    assert (story(day)[-1], page.place.start) == (
        ("refunded", 2, 0),
        START.replace(hour=0),
    )
    with pytest.raises(NotFound):
        pages(env, before=START - timedelta(days=99))


def test_a_window_that_ended_before_anything_was_written_since_is_shown(
    env: Environment, operator: OperatorActions
) -> None:
    del operator
    env.generate(count=2)
    env.pass_time(days=20)
    last = pages(env)[1]
    assert last.place.stored.used == {}
    assert last.previous
    assert last.previous.used == 2
    assert pages(env, before=last.place.start)[1].check == last.check


def test_of_a_window_whose_records_may_be_deleted_nothing_is_claimed(
    env: Environment,
) -> None:
    operator_actions(env)
    env.plan(limits={"period": -1}, period={"unit": "year"})
    env.generate(count=2)
    env.pass_time(days=91)
    env.generate()
    assert env.cleanup().generations == 1
    entries, last = pages(env)
    assert last.check is None
    assert story(entries) == [("began", 0, 0), ("earlier", 2, 0), ("held", 2, 1), ("charged", 3, 0)]


def changes(entries: list[TracedEvent]) -> Counter[str]:
    """Return what changed a number; the entry of the log about a refund may stand on another page."""
    events = (each.event for each in entries)
    return Counter(
        f"{event.at} {event.kind} {event.generation_id} {event.used} {event.open}"
        for event in events
        if event.used or event.open
    )


@pytest.mark.usefixtures("without_lock_stripes")
def test_after_a_random_history_every_window_adds_up_in_pages_of_any_size(
    env: Environment, other: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F2"""
    plans(env)
    operator_actions(env)
    for uid in USERS:
        env.check(uid)
    for instance in (env, other):
        instance.set_policy(charge_late_success=False, retention=timedelta(days=400))
    OperatedHistory(21, env, other, is_calm=False).play()
    for uid in USERS:
        for window in LIMIT_WINDOWS:
            whole, last = pages(env, window.value, uid)
            assert last.check
            assert last.check.adds_up, (uid, window)
            assert (whole[-1].used, whole[-1].open) == (0, 0)
            monkeypatch.setattr(timeline, "PAGE", 7)
            in_pages, page = pages(env, window.value, uid)
            monkeypatch.undo()
            assert page.check == last.check
            assert changes(in_pages) == changes(whole)
            if last.previous:
                closed = pages(env, window.value, uid, last.place.start)[1].check
                # None: it began before the oldest records that are kept.
                assert closed is None or closed.adds_up, (uid, window, last.previous)


def test_a_page_reads_at_most_two_hundred_documents(
    env: Environment, operator: OperatorActions
) -> None:
    env.plan("free", limits={"period": -1})
    for _ in range(4):
        env.generate()
    operator.limits(limits={"day": 99})
    env.set_policy(plan_cache=timedelta(hours=1))
    env.check()
    with counting(env.db) as calls:
        read_timeline(env.context, BOSS, "ada", Window.PERIOD)
    # Operator and user; four records and the entry of the log; that no record was deleted, no window before.
    assert calls == Calls(
        read_rpcs=2, documents_read=3, queries=4, query_results=5, commits=0, writes=0
    ), calls
    assert 3 * (timeline.PAGE + 1) + 2 + 1 + 1 + 3 <= 200


def test_others_than_admins_are_refused_and_odd_cursors_too(
    env: Environment, operator: OperatorActions
) -> None:
    del operator
    env.generate()
    for caller in (Caller("ada"), Caller("nobody")):
        with pytest.raises(NotAllowed):
            read_timeline(env.context, caller, "ada", Window.PERIOD)
    with pytest.raises(UserNotFound):
        read_timeline(env.context, BOSS, "nobody", Window.PERIOD)
    place: Any = read_timeline(env.context, BOSS, "ada", Window.PERIOD).place
    old = place.__class__(
        place.start,
        place.end,
        place.is_running,
        place.as_of - timedelta(hours=2),
        place.stored,
        place.left,
    )
    with pytest.raises(InvalidArgument):
        read_timeline(env.context, BOSS, "ada", Window.PERIOD, None, old)
