"""Resets and refunds by operators: what was charged less what was adjusted is what is used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.changes.adjustments import refund, reset_window
from genquota.domain.enums import LIMIT_WINDOWS, Status, Window
from genquota.domain.errors import GenerationClosed, InvalidArgument
from genquota.domain.quota.account import Account, Grant
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.generation import Generation, GenerationOutcome, report, reserve
from genquota.domain.quota.rolling import roll_windows
from tests.unit.samples import NOW, POLICY, account, limits, plan, used_in, using

TERMS = plan(limits(period=10))
LATER = NOW + timedelta(days=1)


def generate(alice: Account, type_: str = "image", credits: int = 1) -> GenerationOutcome:
    quota_request = QuotaRequest(type_, credits=credits)
    decision = decide(alice, TERMS, "test", quota_request, NOW, POLICY)
    opened = reserve(alice, decision, f"g{alice.success}", type_, NOW)
    return report(opened.account, opened.generation, Status.SUCCESS, 1, NOW, POLICY)


def used(alice: Account, window: Window = Window.PERIOD) -> dict[str, int]:
    return dict(alice.windows[window].used)


def adjusted(alice: Account, window: Window = Window.PERIOD) -> dict[str, int]:
    return dict(alice.windows[window].adjusted)


class TestAReset:
    def test_sets_one_window_to_zero_and_remembers_what_it_took_off(self) -> None:
        alice = reset_window(using(account(), image=3, video=2), Window.DAY)
        assert (used(alice, Window.DAY), adjusted(alice, Window.DAY)) == (
            {},
            {"image": 3, "video": 2},
        )
        assert used(alice) == {"image": 3, "video": 2}

    def test_adds_to_what_was_taken_off_before(self) -> None:
        alice = reset_window(used_in(account(), Window.PERIOD, image=3), Window.PERIOD)
        counter = replace(alice.windows[Window.PERIOD], used={"image": 4})
        alice = replace(alice, windows={**alice.windows, Window.PERIOD: counter})
        assert adjusted(reset_window(alice, Window.PERIOD)) == {"image": 7}

    def test_leaves_open_holds_alone(self) -> None:
        decision = decide(account(), TERMS, "test", QuotaRequest(), NOW, POLICY)
        opened = reserve(account(), decision, "g", "image", NOW).account
        assert reset_window(opened, Window.PERIOD).holds == opened.holds


class TestARefund:
    def test_gives_back_in_every_window_that_it_was_charged_in(self) -> None:
        done = generate(using(account(), image=4), credits=2)
        back = refund(done.account, done.generation)
        assert all(used(back.account, window) == {"image": 4} for window in LIMIT_WINDOWS)
        assert (back.generation.status, back.generation.charged) == (Status.SUCCESS, 0)
        assert back.generation.refunded
        assert back.increments == ()

    def test_happens_once(self) -> None:
        done = generate(account())
        back = refund(done.account, done.generation)
        again = refund(back.account, back.generation)
        assert again.account is back.account
        assert again.generation is back.generation

    def test_keeps_the_counts_of_successes(self) -> None:
        done = generate(account())
        back = refund(done.account, done.generation)
        assert (back.account.success, back.account.windows[Window.DAY].success) == (1, 1)

    def test_after_midnight_makes_no_room_in_the_new_day(self) -> None:
        done = generate(account())
        tomorrow = roll_windows(done.account, TERMS, LATER, POLICY).account
        back = refund(using(tomorrow, image=5), done.generation)
        assert used(back.account, Window.DAY) == {"image": 5}
        assert used(back.account) == {"image": 4}
        assert [(each.window, each.date, each.credits) for each in back.increments] == [
            (Window.DAY, "2026-11-18", -1)
        ]

    def test_after_a_reset_takes_nothing_off_twice(self) -> None:
        done = generate(account())
        back = refund(reset_window(done.account, Window.PERIOD), done.generation)
        assert (used(back.account), adjusted(back.account)) == ({}, {})

    def test_gives_back_to_the_grants_that_paid(self) -> None:
        alice = replace(using(account(TERMS), image=9), grants={"gift": Grant(5)})
        done = generate(alice, credits=3)
        assert done.account.grants == {"gift": Grant(5, used=2)}
        back = refund(done.account, done.generation)
        assert back.account.grants == {"gift": Grant(5)}
        assert used(back.account) == {"image": 9}

    def test_loses_what_a_grant_paid_that_is_gone(self) -> None:
        alice = replace(using(account(TERMS), image=10), grants={"gift": Grant(5)})
        done = generate(alice, credits=3)
        back = refund(replace(done.account, grants={}), done.generation)
        assert back.account.grants == {}
        assert used(back.account) == {"image": 10}

    def test_of_an_open_generation_is_refused(self) -> None:
        decision = decide(account(), TERMS, "test", QuotaRequest(), NOW, POLICY)
        opened = reserve(account(), decision, "g", "image", NOW)
        with pytest.raises(InvalidArgument):
            refund(opened.account, opened.generation)

    @pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED, Status.EXPIRED])
    def test_of_what_was_never_charged_is_refused(self, status: Status) -> None:
        done = generate(account())
        with pytest.raises(GenerationClosed):
            refund(done.account, replace(done.generation, status=status, charged=0))


@given(st.lists(st.sampled_from(["generate", "reset", "refund"]), max_size=20))
def test_whatever_operators_do_what_was_charged_less_what_was_adjusted_is_used(
    deeds: list[str],
) -> None:
    alice, made = account(), list[Generation]()
    for audit in deeds:
        if audit == "generate" and alice.windows[Window.PERIOD].used_by(None) < 10:
            done = generate(alice)
            alice, made = done.account, [*made, done.generation]
        elif audit == "reset":
            alice = reset_window(alice, Window.PERIOD)
        elif audit == "refund" and made:
            back = refund(alice, made[len(made) // 2])
            alice = back.account
            made = [back.generation if each.id == back.generation.id else each for each in made]
        charged = sum(each.charged for each in made)
        counter = alice.windows[Window.PERIOD]
        assert charged - sum(counter.adjusted.values()) == counter.used_by(None) >= 0
