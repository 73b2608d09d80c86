"""The live feed: what it shows of a generation, when, and what is never seen again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.audit_actions import AuditAction
from genquota.domain.errors import GenerationNotFound, NotAllowed
from genquota.domain.feed import FeedRules, LiveFeed
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import to_utc_datetime
from genquota.use_cases.core.context import Caller
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.generations.create_generation import CreateCommand
from genquota.use_cases.generations.track_generation import track_generation
from genquota.use_cases.operators.remove_from_feed import remove_from_feed
from genquota.use_cases.reading.live_feed import read_live_feed
from genquota.use_cases.self_service.delete_user import delete_user
from tests.emulator.environment import AN_HOUR, OUTPUT, START
from tests.emulator.rpc_faults import overtaking
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from tests.emulator.environment import Environment

NOTE = AuditContext("rude")
PHOTO = "https://cdn.example/ada.png"


def set_feed(env: Environment, mode: str, hidden_words: frozenset[str] = frozenset()) -> None:
    env.set_policy(feed=FeedRules(LiveFeed(mode), hidden_words=hidden_words))


def entry(env: Environment, opened: CreatedGeneration | str) -> dict[str, Any] | None:
    id_ = opened if isinstance(opened, str) else opened.generation.id
    return env.db.document(f"live_generations/{id_}").get().to_dict()


def status(env: Environment, opened: CreatedGeneration) -> str | None:
    shown = entry(env, opened)
    return shown["status"] if shown else None


def entries(env: Environment) -> int:
    return len(list(env.db.collection("live_generations").stream()))


@pytest.fixture
def anonymous(env: Environment) -> Environment:
    set_feed(env, "anonymous")
    return env


@pytest.fixture
def named(env: Environment) -> Environment:
    set_feed(env, "named")
    env.edit(displayName="Ada L.", photoURL=PHOTO, email="ada@example.com")
    return env


def test_an_anonymous_entry_tells_nothing_of_its_user(anonymous: Environment) -> None:
    anonymous.edit(displayName="Ada L.", photoURL=PHOTO, email="ada@example.com")
    opened = anonymous.create(prompt="a fox for ada@example.com, " + "x" * 200, engine="flux")
    anonymous.pass_time(minutes=1)
    anonymous.report(opened, "success")
    shown = entry(anonymous, opened)
    assert shown is not None
    name = shown.pop("userName")
    assert shown == {
        "type": "image",
        "prompt": "a fox for …, " + "x" * 126 + "…",
        "engine": "flux",
        "status": "completed",
        "timestamp": START,
        "createdAt": START,
        "updatedAt": START + timedelta(minutes=1),
        "deleteAt": START + timedelta(hours=24),
    }
    assert anonymous.user()["quota"]["alias"] == f"2027-03-15|{name}"


def test_a_named_entry_has_name_photo_whole_prompt_and_preview(named: Environment) -> None:
    prompt = "a fox " * 60 + "0151 1234567"
    opened = named.create(prompt=prompt)
    before = entry(named, opened)
    named.report(opened, "success")
    after = entry(named, opened)
    assert before is not None
    assert after is not None
    assert (before["status"], "previewUrl" in before) == ("processing", False)
    assert {key: after[key] for key in after.keys() - {"timestamp", "createdAt", "updatedAt"}} == {
        "userId": "ada",
        "userName": "Ada L.",
        "userPhotoURL": PHOTO,
        "type": "image",
        "prompt": "a fox " * 60 + "…",
        "previewUrl": OUTPUT["url"],
        "status": "completed",
        "deleteAt": START + timedelta(hours=24),
    }


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_what_failed_or_was_cancelled_shows_as_failed(anonymous: Environment, how: str) -> None:
    opened = anonymous.create()
    anonymous.report(opened, how)
    assert status(anonymous, opened) == "failed"


def test_a_report_of_processing_changes_nothing(anonymous: Environment) -> None:
    opened = anonymous.create()
    before = entry(anonymous, opened)
    anonymous.pass_time(minutes=1)
    with counting(anonymous.db) as calls:
        anonymous.report(opened, "processing")
    assert calls.writes == 2
    assert entry(anonymous, opened) == before


def test_what_was_made_elsewhere_is_shown_as_completed(named: Environment) -> None:
    order = CreateCommand("k", QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})
    tracked = track_generation(named.context, None, "ada", order, (OUTPUT,))
    shown = entry(named, tracked.generation.id)
    assert shown is not None
    assert (shown["status"], shown["previewUrl"]) == ("completed", OUTPUT["url"])


def test_expired_shows_as_failed_and_a_late_success_as_completed(anonymous: Environment) -> None:
    opened = anonymous.create()
    anonymous.pass_time(hours=1)
    anonymous.expire_generations()
    assert status(anonymous, opened) == "failed"
    anonymous.report(opened, "success")
    assert status(anonymous, opened) == "completed"


def test_what_a_create_closes_for_want_of_room_shows_as_failed(anonymous: Environment) -> None:
    anonymous.plan("free")
    crowd = [anonymous.create() for _ in range(200)]
    anonymous.pass_time(hours=1)
    anonymous.db.document(f"live_generations/{crowd[1].generation.id}").delete()
    anonymous.create()
    assert [status(anonymous, each) for each in crowd[:3]] == ["failed", None, "failed"]


def test_a_pseudonym_is_one_for_a_day_and_an_entry_keeps_it(anonymous: Environment) -> None:
    first, second = anonymous.create(), anonymous.create()
    anonymous.pass_time(hours=14, minutes=50)
    overnight = anonymous.create()
    anonymous.pass_time(minutes=14)
    third = anonymous.create()  # at 00:04 of the next day
    anonymous.report(overnight, "success")
    names = [(entry(anonymous, each) or {})["userName"] for each in (first, second, overnight)]
    assert len(set(names)) == 1
    assert (entry(anonymous, third) or {})["userName"] not in names


def test_a_user_without_a_fit_name_is_nameless_and_never_shown_by_pseudonym_and_id(
    env: Environment,
) -> None:
    set_feed(env, "anonymous")
    env.edit(displayName="ada@example.com")
    pseudonym = (entry(env, env.create()) or {})["userName"]
    set_feed(env, "named")
    shown = entry(env, env.create()) or {}
    assert (shown["userId"], shown["userName"]) == ("ada", "Anonymous")
    set_feed(env, "anonymous")
    assert (entry(env, env.create()) or {})["userName"] == pseudonym


@pytest.mark.parametrize("mode", ["anonymous", "named"])
def test_an_engine_is_shown_as_strictly_as_a_prompt(env: Environment, mode: str) -> None:
    set_feed(env, mode, hidden_words=frozenset({"gun"}))
    for engine in ("ada@example.com +49 151 2345678", "gun 2"):
        assert "engine" not in (entry(env, env.create(engine=engine)) or {})
    assert (entry(env, env.create(engine="flux-1.1-pro")) or {})["engine"] == "flux-1.1-pro"


def test_a_hidden_word_hides_the_prompt(env: Environment) -> None:
    set_feed(env, "named", hidden_words=frozenset({"gun"}))
    assert (entry(env, env.create(prompt="a Gun on a table")) or {})["prompt"] == "…"


# What is never seen again.


def hide_self(env: Environment, _opened: CreatedGeneration) -> None:
    env.change_profile(preferences={"hideFromFeed": True})


def hide_and_return(env: Environment, opened: CreatedGeneration) -> None:
    hide_self(env, opened)
    env.change_profile(preferences={"hideFromFeed": False})


def hide_one(env: Environment, opened: CreatedGeneration) -> None:
    env.hide(opened)


def moderate(env: Environment, opened: CreatedGeneration) -> None:
    remove_from_feed(env.context, None, opened.generation.id, NOTE)


def time_to_live(env: Environment, opened: CreatedGeneration) -> None:
    """Let the entry end, and Firestore remove it."""
    env.pass_time(hours=25)
    env.db.document(f"live_generations/{opened.generation.id}").delete()


def switch_off(env: Environment, opened: CreatedGeneration) -> None:
    """Turn the feed off; what is there is left to end by itself, or with its report."""
    set_feed(env, "off")
    env.db.document(f"live_generations/{opened.generation.id}").delete()


GOODBYES = [hide_self, hide_and_return, hide_one, moderate, time_to_live, switch_off]


@pytest.mark.parametrize("mode", ["anonymous", "named"])
@pytest.mark.parametrize("goodbye", GOODBYES)
def test_after_a_goodbye_nothing_comes_back(
    env: Environment, mode: str, goodbye: Callable[[Environment, CreatedGeneration], None]
) -> None:
    set_feed(env, mode)
    done, opened, forgotten = env.generate(), env.create(), env.create()
    for each in (done, opened, forgotten):
        goodbye(env, each)
    assert entries(env) == 0
    env.report(opened, "success")
    env.pass_time(hours=1)
    env.expire_generations()
    env.report(forgotten, "success")
    assert entries(env) == 0


@pytest.mark.parametrize("goodbye", [hide_self, hide_and_return, hide_one, moderate])
@pytest.mark.usefixtures("without_lock_stripes")
def test_a_report_that_was_under_way_is_taken_and_brings_nothing_back(
    anonymous: Environment,
    other: Environment,
    goodbye: Callable[[Environment, CreatedGeneration], None],
) -> None:
    other.set_policy(feed=anonymous.policy.feed)
    opened = anonymous.create()
    with overtaking(anonymous.db, lambda: goodbye(other, opened)):
        reported = anonymous.report(opened, "success")
    assert reported.generation.charged == 1
    assert entries(anonymous) == 0


@pytest.mark.parametrize("goodbye", [hide_self, hide_one, moderate])
@pytest.mark.usefixtures("without_lock_stripes")
def test_a_sweep_that_was_under_way_brings_nothing_back(
    anonymous: Environment,
    other: Environment,
    goodbye: Callable[[Environment, CreatedGeneration], None],
) -> None:
    opened = anonymous.create()
    anonymous.pass_time(hours=1)
    other.now = anonymous.now
    with overtaking(anonymous.db, lambda: goodbye(other, opened)):
        report = anonymous.expire_generations()
    assert (report.users, report.failed) == (1, 0)
    assert anonymous.record(opened)["generationStatus"] == "expired"
    assert entries(anonymous) == 0


def test_who_leaves_is_not_shown_until_they_return(anonymous: Environment) -> None:
    anonymous.generate()
    anonymous.change_profile(preferences={"hideFromFeed": True})
    anonymous.pass_time(minutes=1)
    anonymous.generate()
    assert entries(anonymous) == 0
    anonymous.change_profile(preferences={"hideFromFeed": False})
    anonymous.pass_time(minutes=1)
    anonymous.generate()
    assert entries(anonymous) == 1


def test_leaving_removes_hundreds_of_entries_of_hidden_and_shown_generations(
    anonymous: Environment,
) -> None:
    anonymous.plan("free")
    made = [anonymous.generate() for _ in range(205)]
    anonymous.db.document(f"userGenerations/{made[3].generation.id}").update({"isDeleted": True})
    anonymous.generate("bob")
    anonymous.change_profile(preferences={"hideFromFeed": True})
    assert entries(anonymous) == 1


def test_leaving_again_removes_what_was_left(anonymous: Environment) -> None:
    opened = anonymous.generate()
    shown = entry(anonymous, opened)
    assert shown
    anonymous.change_profile(preferences={"hideFromFeed": True})
    anonymous.db.document(f"live_generations/{opened.generation.id}").set(shown)
    anonymous.change_profile(preferences={"hideFromFeed": True})
    assert entries(anonymous) == 0


def test_deleting_a_user_leaves_nothing(anonymous: Environment) -> None:
    anonymous.generate()
    anonymous.create()
    anonymous.generate("bob")
    delete_user(anonymous.context, Caller("ada"), None, AN_HOUR)
    assert entries(anonymous) == 1


def test_a_named_entry_is_removed_when_the_feed_becomes_anonymous(named: Environment) -> None:
    opened = named.create()
    set_feed(named, "anonymous")
    named.report(opened, "success")
    assert entry(named, opened) is None


def test_once_the_feed_is_anonymous_reading_shows_no_names(named: Environment) -> None:
    named.generate()
    named.create()
    set_feed(named, "anonymous")
    assert read_live_feed(named.context, Caller("bob"), None).entries == ()


@pytest.mark.parametrize("mode", ["anonymous", "off"])
def test_once_the_feed_is_without_names_a_sweep_removes_them(named: Environment, mode: str) -> None:
    forgotten = named.create()
    set_feed(named, mode)
    named.pass_time(hours=1)
    named.expire_generations()
    assert entry(named, forgotten) is None


def test_who_raises_the_length_brings_nothing_back(anonymous: Environment) -> None:
    anonymous.set_policy(feed=FeedRules(LiveFeed.ANONYMOUS, timedelta(hours=1)))
    opened = anonymous.create()
    anonymous.pass_time(hours=2)
    anonymous.expire_generations()
    anonymous.db.document(f"live_generations/{opened.generation.id}").delete()
    set_feed(anonymous, "anonymous")
    anonymous.report(opened, "success")
    assert entries(anonymous) == 0


def test_clocks_that_disagree_bring_nothing_back(
    anonymous: Environment, other: Environment
) -> None:
    other.set_policy(feed=anonymous.policy.feed)
    other.now += timedelta(seconds=10)
    opened = other.create()
    anonymous.change_profile(preferences={"hideFromFeed": True})
    anonymous.change_profile(preferences={"hideFromFeed": False})
    other.report(opened, "success")
    assert entries(anonymous) == 0


def test_an_anonymous_entry_stays_so_when_the_feed_becomes_named(anonymous: Environment) -> None:
    anonymous.edit(displayName="Ada L.")
    opened = anonymous.create()
    set_feed(anonymous, "named")
    anonymous.report(opened, "success")
    shown = entry(anonymous, opened) or {}
    assert (shown["status"], "userId" in shown, "Ada" in shown["userName"]) == (
        "completed",
        False,
        False,
    )


# An operator's removal.


def test_a_removal_is_audited_and_tried_without_effect(anonymous: Environment) -> None:
    opened = anonymous.create()
    id_ = opened.generation.id
    tried = remove_from_feed(anonymous.context, None, id_, AuditContext("rude", dry_run=True))
    assert (tried.is_shown, tried.audit_id, status(anonymous, opened)) == (
        True,
        None,
        "processing",
    )
    done = remove_from_feed(anonymous.context, None, id_, NOTE)
    again = remove_from_feed(anonymous.context, None, id_, NOTE)
    assert (done.is_shown, again.is_shown, again.audit_id) == (True, False, None)
    (audit,) = [each.to_dict() or {} for each in anonymous.db.collection("auditLog").stream()]
    assert (audit["action"], audit["userId"], audit["note"]) == (
        AuditAction.REMOVE_FROM_FEED,
        "ada",
        "rude",
    )


def test_an_entry_whose_record_is_gone_can_be_removed(anonymous: Environment) -> None:
    opened = anonymous.create()
    anonymous.db.document(f"userGenerations/{opened.generation.id}").delete()
    assert remove_from_feed(anonymous.context, None, opened.generation.id, NOTE).user_id is None
    assert entries(anonymous) == 0


def test_only_admins_remove(anonymous: Environment) -> None:
    opened = anonymous.create()
    with pytest.raises(NotAllowed):
        remove_from_feed(anonymous.context, Caller("ada"), opened.generation.id, NOTE)
    with pytest.raises(GenerationNotFound):
        remove_from_feed(anonymous.context, None, "g0", NOTE)
    assert entries(anonymous) == 1


# Reading.


def test_the_newest_fifty_are_read_for_all_types_or_one(anonymous: Environment) -> None:
    anonymous.plan("free")
    for number in range(52):
        anonymous.create(type="video" if number % 10 == 0 else "image")
        anonymous.pass_time(seconds=1)
    feed = read_live_feed(anonymous.context, Caller("bob"), None)
    times = [to_utc_datetime(each.get("timestamp")) for each in feed.entries]
    assert (len(times), times == sorted(times, reverse=True)) == (50, True)
    videos = read_live_feed(anonymous.context, Caller("bob"), "video").entries
    assert [each.get("type") for each in videos] == ["video"] * 6


def test_what_has_ended_is_not_read_though_firestore_has_not_removed_it(
    anonymous: Environment,
) -> None:
    anonymous.create()
    anonymous.pass_time(hours=23)
    anonymous.create()
    anonymous.pass_time(hours=1)
    assert len(read_live_feed(anonymous.context, Caller("bob"), None).entries) == 1


# Costs.


def test_a_feed_that_is_on_costs_one_write_at_each_end(anonymous: Environment) -> None:
    anonymous.generate()
    with counting(anonymous.db) as calls:
        opened = anonymous.create()
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=3)
    with counting(anonymous.db) as calls:
        anonymous.report(opened, "success")
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=3)


def test_a_feed_that_is_off_costs_nothing(env: Environment) -> None:
    env.generate()
    with counting(env.db) as calls:
        opened = env.create()
        env.report(opened, "success")
        env.create()
        env.change_profile(preferences={"hideFromFeed": True})
        env.pass_time(hours=1)
        env.expire_generations()
        env.hide(opened)
    assert (calls.writes, calls.queries) == (2 + 2 + 2 + 1 + 2 + 1, 1)
    assert entries(env) == 0
    assert {"alias", "feedUntil"} & env.user()["quota"].keys() == set()


def test_the_feed_of_a_sweep_is_one_read_more(anonymous: Environment) -> None:
    for uid in ("ada", "bob", "cyd"):
        anonymous.create(uid)
    anonymous.pass_time(hours=1)
    with counting(anonymous.db) as calls:
        anonymous.expire_generations()
    assert (calls.read_rpcs, calls.commits, calls.writes) == (2, 1, 9)
