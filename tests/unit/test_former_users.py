"""Coming back under the same email: what is kept of the former self, and what it means for the next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genquota.domain.enums import Window
from genquota.domain.quota.account import Account, Counter
from genquota.domain.users.former_users import email_hash, restore_counters, running_counters
from tests.unit.samples import NOW, account, at, counter, holding, span, used_in, using

KEY = "a-long-and-random-key"
PERIOD = span("2026-11-01", "2026-12-01")


@pytest.mark.parametrize("same", ["ada@example.com", "  Ada@Example.COM\n", "ADA@EXAMPLE.COM"])
def test_an_email_is_known_again_whatever_its_case_and_surrounding_blanks(same: str) -> None:
    assert email_hash(same, KEY) == email_hash("ada@example.com", KEY)
    assert len(email_hash(same, KEY)) == 64


def test_another_email_and_another_key_are_another_hash() -> None:
    known = email_hash("ada@example.com", KEY)
    assert email_hash("ada@example.org", KEY) != known
    assert email_hash("ada@example.com", "another") != known
    assert "ada" not in known


def test_only_windows_that_run_and_in_which_something_was_used_are_kept() -> None:
    """E12"""
    alice = used_in(account(), Window.PERIOD, image=7, video=0)
    assert running_counters(alice, NOW) == {
        Window.PERIOD: Counter(PERIOD, {"image": 7}, adjusted={"image": -7})
    }
    assert running_counters(alice, at("2026-12-01")) == {}
    assert running_counters(Account("new"), NOW) == {}


def test_what_is_held_counts_as_used_for_its_generations_may_have_been_delivered() -> None:
    """E12"""
    alice = holding(used_in(account(), Window.PERIOD, image=7), 2, type_="video")
    kept = running_counters(alice, NOW)
    assert kept[Window.PERIOD].used == {"image": 7, "video": 2}
    assert kept[Window.DAY].used == {"video": 2}
    assert kept[Window.DAY].date == "2026-11-18"
    later = at("2026-11-18T13:00")
    assert running_counters(alice, later)[Window.PERIOD].used == {"image": 7}, "the hold has ended"


def test_a_new_account_starts_with_the_windows_of_the_former_one() -> None:
    """E12"""
    kept = running_counters(using(account(), image=7), NOW)
    started = restore_counters(account(), kept, NOW)
    assert started.windows == kept
    assert started.windows[Window.PERIOD].adjusted == {"image": -7}


def test_windows_that_have_ended_meanwhile_are_forgotten() -> None:
    kept = {
        Window.PERIOD: counter("2026-10-01", "2026-11-01", image=7),
        Window.MONTH: counter("2026-11-01", "2026-11-18T12:00", image=7),
    }
    assert restore_counters(account(), kept, NOW) == account()


def test_a_window_that_has_begun_to_count_keeps_its_span_and_gets_the_sum() -> None:
    own = used_in(account(), Window.PERIOD, image=1, audio=1)
    kept = {
        Window.PERIOD: Counter(
            span("2026-11-10", "2026-12-10"), {"image": 7}, adjusted={"image": -7}
        )
    }
    period = restore_counters(own, kept, NOW).windows[Window.PERIOD]
    assert (period.span, period.used) == (PERIOD, {"image": 8, "audio": 1})
    assert period.adjusted == {"image": -7}
    held = restore_counters(holding(account(), 1), kept, NOW).windows[Window.PERIOD]
    assert (held.span, held.used) == (PERIOD, {"image": 7})
    fresh = restore_counters(account(), kept, NOW).windows[Window.PERIOD]
    assert fresh == replace(kept[Window.PERIOD])


def test_what_an_account_counts_already_is_not_taken_over_again() -> None:
    """E12"""
    included = {Window.PERIOD: Counter(PERIOD, {"image": 5}, adjusted={"image": -5})}
    used = {"image": 7, "video": 2}
    kept = {Window.PERIOD: Counter(PERIOD, used, adjusted={"image": -7, "video": -2})}
    own = used_in(account(), Window.PERIOD, image=6)
    period = restore_counters(own, kept, NOW, included).windows[Window.PERIOD]
    assert (period.used, period.adjusted) == (
        {"image": 8, "video": 2},
        {"image": -2, "video": -2},
    )
    fresh = restore_counters(account(), kept, NOW, included).windows[Window.PERIOD]
    assert fresh.used == {"image": 2, "video": 2}, "an operator has set it to zero since"
    assert restore_counters(own, included, NOW, kept) == own, (
        "less than was known takes nothing away"
    )


def test_what_was_included_in_a_window_that_has_ended_does_not_count_any_more() -> None:
    over = {Window.PERIOD: Counter(span("2026-10-01", "2026-11-01"), {"image": 5})}
    kept = {Window.PERIOD: Counter(PERIOD, {"image": 7}, adjusted={"image": -7})}
    period = restore_counters(account(), kept, NOW, over).windows[Window.PERIOD]
    assert period.used == {"image": 7}
