"""A window's timeline over what the store really has: it adds up, page by page, and shows what does not."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import InvalidArgument, NotAllowed, NotFound, UserNotFound
from genquota.domain.words import LIMIT_WINDOWS, Window
from genquota.messages.answers.timeline import TimelineAnswer, place_from_text, place_to_text
from genquota.use_cases.core.context import Caller
from genquota.use_cases.reading import timeline
from genquota.use_cases.reading.timeline import read_timeline
from tests.emulator.desk import Desk, open_desk
from tests.emulator.test_operated_histories import OperatedHistory
from tests.emulator.test_random_histories import USERS, plans
from tests.emulator.world import START
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from datetime import datetime

    from genquota.domain.timeline.timeline import Entry, Place, Timeline
    from tests.emulator.world import World

BOSS = Caller("boss")
Story = list[tuple[str, int, int]]


def pages(
    world: World, window: str = "period", uid: str = "ada", before: datetime | None = None
) -> tuple[list[Entry], Timeline]:
    """Return the entries of all pages, newest first, and the last page."""
    entries: list[Entry] = []
    place: Place | None = None
    while True:
        page = read_timeline(world.context, BOSS, uid, Window(window), before, place)
        entries += page.entries
        if page.next is None:
            return entries, page
        place = place_from_text(place_to_text(page.next))
        assert place == page.next


def story(entries: list[Entry]) -> Story:
    """Return what happened, oldest first, with what was counted after it."""
    return [(each.event.kind.value, each.used, each.open) for each in reversed(entries)]


@pytest.fixture
def desk(world: World) -> Desk:
    world.plan("free", limits={"period": 20})
    world.plan("plus", limits={"period": 60}, rank=10)
    world.check()
    return open_desk(world)


def test_every_kind_of_change_is_shown_and_adds_up(world: World, desk: Desk) -> None:
    """F2"""
    done = world.generate(count=3)
    world.pass_time(minutes=1)
    world.report(world.create(), "failed")
    world.pass_time(minutes=1)
    late = world.create(count=2)
    world.pass_time(hours=1)
    world.report(late, "success")
    world.pass_time(minutes=1)
    partial = world.create(count=4)
    world.pass_time(minutes=1)
    world.report(partial, "success", outputs=1, output_count=1)
    world.pass_time(minutes=1)
    desk.reset("period")
    world.pass_time(minutes=1)
    world.generate()
    world.pass_time(minutes=1)
    desk.refund(done)
    world.pass_time(minutes=1)
    desk.plan("plus")
    desk.reset("day")
    world.pass_time(minutes=1)
    world.create(count=5)
    entries, last = pages(world)
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
    world: World, desk: Desk
) -> None:
    world.set_policy(charge_late_success=False)
    forgiven = world.create(count=2)
    world.pass_time(hours=1)
    world.report(forgiven, "success")
    world.set_policy(charge_late_success=True)
    world.pass_time(minutes=1)
    charged = world.create(count=3)
    world.pass_time(hours=1)
    world.report(charged, "success")
    world.pass_time(hours=1)
    desk.refund(charged)
    entries, last = pages(world)
    both = [("held", 0, 2), ("expired", 0, 0), ("late", 0, 0), ("held", 0, 3), ("expired", 0, 0)]
    assert story(entries) == [("began", 0, 0), *both, ("late", 3, 0), ("refunded", 0, 0)]
    assert last.check
    assert last.check.adds_up


def test_what_grants_pay_is_shown_and_not_counted(world: World, desk: Desk) -> None:
    desk.give(5)
    world.pass_time(minutes=1)
    world.generate(count=19)
    world.pass_time(minutes=1)
    world.generate(count=3)
    entries, last = pages(world)
    assert [entry.used for entry in entries][:1] == [20]
    assert [each.event.grants for each in entries if each.event.kind == "charged"] == [2, 0]
    assert [each.event.facts["action"] for each in entries if each.event.kind == "operator"] == [
        "give-grant"
    ]
    assert last.check
    assert last.check.adds_up


def test_a_tampered_counter_is_seen(world: World) -> None:
    """F2"""
    open_desk(world)
    world.generate()
    windows = json.loads(world.user()["quota"]["windows"])
    windows["period"]["used"]["image"] += 3
    world.db.document("users/ada").update({"quota.windows": json.dumps(windows)})
    entries, last = pages(world)
    assert last.check
    assert (last.check.adds_up, last.check.used) == (False, {"image": 3})
    assert story(entries)[:2] == [("began", 0, 0), ("unexplained", 3, 0)]
    assert TimelineAnswer.of("ada", "period", last).to_json()["check"] == {
        "addsUp": False,
        "used": 3,
        "open": 0,
        "byType": {"image": 3},
    }
    assert pages(world, "day")[1].check == last.check.__class__({}, {})


def test_a_record_that_is_gone_is_seen(world: World) -> None:
    open_desk(world)
    made = world.generate()
    world.create()
    world.db.document(f"userGenerations/{made.generation.id}").delete()
    check = pages(world)[1].check
    assert check
    assert (check.used, check.open) == ({"image": 1}, {})


def test_a_closed_window_is_shown_too(world: World, desk: Desk) -> None:
    world.generate(count=2)
    late = world.create()
    world.travel(START + timedelta(days=20))
    world.generate()
    world.report(late, "success")
    desk.refund(late)
    entries, last = pages(world)
    assert last.previous
    assert last.previous.used == 2
    assert story(entries) == [
        ("began", 0, 0),
        ("held", 0, 1),
        ("charged", 1, 0),
        ("operator", 1, 0),
    ]
    before, page = pages(world, before=last.place.start)
    assert story(before)[-2:] == [("late", 3, 0), ("refunded", 2, 0)]
    assert page.check
    assert page.check.adds_up
    assert page.previous is None
    day, page = pages(world, "day", before=pages(world, "day")[1].place.start)
    assert (story(day)[-1], page.place.start) == (
        ("refunded", 2, 0),
        START.replace(hour=0),
    )
    with pytest.raises(NotFound):
        pages(world, before=START - timedelta(days=99))


def test_a_window_that_ended_before_anything_was_written_since_is_shown(
    world: World, desk: Desk
) -> None:
    del desk
    world.generate(count=2)
    world.pass_time(days=20)
    last = pages(world)[1]
    assert last.place.stored.used == {}
    assert last.previous
    assert last.previous.used == 2
    assert pages(world, before=last.place.start)[1].check == last.check


def test_of_a_window_whose_records_may_be_deleted_nothing_is_claimed(world: World) -> None:
    open_desk(world)
    world.plan(limits={"period": -1}, period={"unit": "year"})
    world.generate(count=2)
    world.pass_time(days=91)
    world.generate()
    assert world.cleanup().generations == 1
    entries, last = pages(world)
    assert last.check is None
    assert story(entries) == [("began", 0, 0), ("earlier", 2, 0), ("held", 2, 1), ("charged", 3, 0)]


def changes(entries: list[Entry]) -> Counter[str]:
    """Return what changed a number; the entry of the log about a refund may stand on another page."""
    events = (each.event for each in entries)
    return Counter(
        f"{event.at} {event.kind} {event.generation_id} {event.used} {event.open}"
        for event in events
        if event.used or event.open
    )


@pytest.mark.usefixtures("without_lanes")
def test_after_a_random_history_every_window_adds_up_in_pages_of_any_size(
    world: World, other: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F2"""
    plans(world)
    open_desk(world)
    for uid in USERS:
        world.check(uid)
    for instance in (world, other):
        instance.set_policy(charge_late_success=False)
    OperatedHistory(21, world, other, is_calm=False).play()
    for uid in USERS:
        for window in LIMIT_WINDOWS:
            whole, last = pages(world, window.value, uid)
            assert last.check
            assert last.check.adds_up, (uid, window)
            assert (whole[-1].used, whole[-1].open) == (0, 0)
            monkeypatch.setattr(timeline, "PAGE", 7)
            in_pages, page = pages(world, window.value, uid)
            monkeypatch.undo()
            assert page.check == last.check
            assert changes(in_pages) == changes(whole)
            if last.previous:
                closed = pages(world, window.value, uid, last.place.start)[1].check
                # None: it began before the oldest records that are kept.
                assert closed is None or closed.adds_up, (uid, window, last.previous)


def test_a_page_reads_at_most_two_hundred_documents(world: World, desk: Desk) -> None:
    world.plan("free", limits={"period": -1})
    for _ in range(4):
        world.generate()
    desk.limits(limits={"day": 99})
    world.set_policy(plan_cache=timedelta(hours=1))
    world.check()
    with counting(world.db) as calls:
        read_timeline(world.context, BOSS, "ada", Window.PERIOD)
    # Operator and user; four records and the entry of the log; that no record was deleted, no window before.
    assert calls == Calls(
        read_rpcs=2, documents_read=3, queries=4, query_results=5, commits=0, writes=0
    ), calls
    assert 3 * (timeline.PAGE + 1) + 2 + 1 + 1 + 3 <= 200


def test_others_than_admins_are_refused_and_odd_cursors_too(world: World, desk: Desk) -> None:
    del desk
    world.generate()
    for caller in (Caller("ada"), Caller("nobody")):
        with pytest.raises(NotAllowed):
            read_timeline(world.context, caller, "ada", Window.PERIOD)
    with pytest.raises(UserNotFound):
        read_timeline(world.context, BOSS, "nobody", Window.PERIOD)
    place: Any = read_timeline(world.context, BOSS, "ada", Window.PERIOD).place
    old = place.__class__(
        place.start,
        place.end,
        place.is_running,
        place.as_of - timedelta(hours=2),
        place.stored,
        place.left,
    )
    with pytest.raises(InvalidArgument):
        read_timeline(world.context, BOSS, "ada", Window.PERIOD, None, old)
