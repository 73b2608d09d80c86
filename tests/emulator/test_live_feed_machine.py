"""Any history of generations, goodbyes and settings: what left the feed is never seen in it again.

Each action may come alone, or between the reading and the commit of another one, as from another
instance. The model knows which generations may be shown; the entries in the store are compared with it.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from genquota.domain.enums import Status
from genquota.domain.feed import FeedRules, LiveFeed
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.operators.remove_from_feed import remove_from_feed
from tests.emulator.rpc_faults import overtaking

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from genquota.use_cases.generations.create_generation import CreatedGeneration
    from tests.emulator.environment import Environment

USERS = ("ada", "bob")
FINAL = ("success", "failed", "cancelled")
EMAIL = "ada@example.com"
LENGTH = timedelta(hours=24)
GOODBYES = ("hide", "hide one", "moderate", "nothing")
NAME = re.compile(r"[a-z]+ [a-z]+ \d\d|Ada L\.|Bob B\.")


@dataclass
class Made:
    """A generation, and what the model knows of it."""

    opened: CreatedGeneration
    uid: str
    mode: str
    """Of the feed when it was created; hidden users are `off`."""
    status: Status = Status.PENDING
    is_gone: bool = False


class FeedMachine(RuleBasedStateMachine):
    """Two users, one feed."""

    made = Bundle("made")

    def __init__(self, env: Environment, other: Environment, prefix: str) -> None:
        super().__init__()
        self.env, self.other, self.prefix = env, other, prefix
        self.hidden: set[str] = set()
        self.all: list[Made] = []
        self._set_mode("anonymous")
        for left in env.db.collection("live_generations").list_documents():
            left.delete()
        for uid, name in zip(USERS, ("Ada L.", "Bob B."), strict=True):
            env.edit(self._uid(uid), displayName=name, email=EMAIL)

    def _uid(self, uid: str) -> str:
        return f"{uid}-{self.prefix}"

    def _set_mode(self, mode: str) -> None:
        self.mode = mode
        for env in (self.env, self.other):
            env.set_policy(feed=FeedRules(LiveFeed(mode), LENGTH))

    @rule(target=made, uid=st.sampled_from(USERS), type_=st.sampled_from(("image", "video")))
    def create(self, uid: str, type_: str) -> Made:
        opened = self.env.create(self._uid(uid), type=type_, prompt=f"a fox, {EMAIL}")
        mode = "off" if uid in self.hidden else self.mode
        self.all.append(Made(opened, uid, mode))
        return self.all[-1]

    @rule(
        made=made,
        status=st.sampled_from((*FINAL, "processing")),
        meanwhile=st.sampled_from(GOODBYES),
    )
    def report(self, made: Made, status: str, meanwhile: str) -> None:
        is_open = made.status.is_open
        is_late = made.status is Status.EXPIRED or (is_open and self._has_ended(made))
        if not is_open and not (is_late and status == "success"):
            return
        if is_late and status != "success":
            return
        with self._overtaken_by(meanwhile, made):
            reported = self.env.report(made.opened, status, self._uid(made.uid))
        # Whatever the feed has to forget, the report is taken and charged.
        assert reported.generation.status == status
        assert reported.generation.charged == int(status == "success")
        made.status = Status(status)
        self._is_shown_as_of_now(made)

    def _overtaken_by(self, meanwhile: str, made: Made) -> AbstractContextManager[None]:
        if meanwhile == "nothing":
            return nullcontext()
        return overtaking(self.env.db, lambda: self._say_goodbye(self.other, meanwhile, made))

    def _is_shown_as_of_now(self, made: Made) -> None:
        """Take note that a final report has removed what may not be shown any more."""
        if made.status.is_open:
            return
        is_over = self.env.now >= made.opened.generation.created_at + LENGTH
        if self.mode == "off" or is_over or (made.mode == "named" and self.mode == "anonymous"):
            made.is_gone = True

    def _has_ended(self, made: Made) -> bool:
        return self.env.now >= made.opened.generation.hold.end

    @rule(made=made, how=st.sampled_from(("hide", "hide one", "moderate")))
    def say_goodbye(self, made: Made, how: str) -> None:
        self._say_goodbye(self.env, how, made)

    def _say_goodbye(self, env: Environment, how: str, made: Made) -> None:
        if how == "hide":
            env.change_profile(self._uid(made.uid), preferences={"hideFromFeed": True})
            self.hidden.add(made.uid)
            for each in self.all:
                each.is_gone |= each.uid == made.uid
        elif how == "hide one":
            env.hide(made.opened, self._uid(made.uid))
            made.is_gone = True
        else:
            remove_from_feed(env.context, None, made.opened.generation.id, AuditContext("rude"))
            made.is_gone = True

    @rule(uid=st.sampled_from(USERS))
    def come_back(self, uid: str) -> None:
        self.env.change_profile(self._uid(uid), preferences={"hideFromFeed": False})
        self.hidden.discard(uid)

    @rule(mode=st.sampled_from(("off", "anonymous", "named")))
    def set_mode(self, mode: str) -> None:
        self._set_mode(mode)

    @rule(minutes=st.sampled_from((1, 20, 600, 1500)))
    def let_time_pass(self, minutes: int) -> None:
        self.env.pass_time(minutes=minutes)
        self.other.now = self.env.now
        for entry in self._entries():  # as Firestore does, sooner or later
            if entry.get("deleteAt") <= self.env.now:
                entry.reference.delete()
        for made in self.all:
            made.is_gone |= self.env.now >= made.opened.generation.created_at + LENGTH

    @rule(made=made, meanwhile=st.sampled_from(GOODBYES))
    def sweep(self, made: Made, meanwhile: str) -> None:
        with self._overtaken_by(meanwhile, made):
            report = self.env.expire_generations()
        assert report.failed == 0
        for each in self.all:
            if each.status.is_open and self._has_ended(each):
                each.status = Status.EXPIRED
                each.is_gone |= each.mode == "named" and self.mode != "named"

    def _entries(self) -> list[Any]:
        mine = {each.opened.generation.id for each in self.all}
        everything = self.env.db.collection("live_generations").stream()
        return [snapshot for snapshot in everything if snapshot.id in mine]

    @invariant()
    def nothing_that_is_gone_is_there_and_nobody_is_given_away(self) -> None:
        by_id = {each.opened.generation.id: each for each in self.all}
        shown = {snapshot.id: snapshot.to_dict() or {} for snapshot in self._entries()}
        pseudonyms: dict[tuple[str, str], set[str]] = {}
        for id_, made in by_id.items():
            may_be_shown = made.mode != "off" and not made.is_gone
            assert (id_ in shown) == may_be_shown, (made, shown.get(id_))
        for id_, entry in shown.items():
            made = by_id[id_]
            assert entry.keys() >= {"userName", "type", "prompt", "status", "timestamp", "deleteAt"}
            assert EMAIL not in str(entry)
            assert NAME.fullmatch(entry["userName"])
            assert ("userId" in entry) == (made.mode == "named")
            if made.mode == "anonymous":
                day = made.opened.generation.created_at.date().isoformat()
                pseudonyms.setdefault((made.uid, day), set()).add(entry["userName"])
            if made.status.is_open:
                assert entry["status"] in ("processing", "failed")
            else:
                expected = "completed" if made.status is Status.SUCCESS else "failed"
                assert entry["status"] == expected
        assert all(len(names) == 1 for names in pseudonyms.values())


@pytest.mark.usefixtures("without_lock_stripes")
def test_what_left_the_feed_is_never_seen_again(env: Environment, other: Environment) -> None:
    count = iter(range(10_000))
    env.plan("free")

    def machine() -> FeedMachine:
        return FeedMachine(env, other, str(next(count)))

    run_state_machine_as_test(
        machine,  # type: ignore[arg-type] # a factory is documented, too
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
