"""A hold: how it is taken, kept alive, and given back when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from genquota.domain.enums import Status, Window
from genquota.domain.errors import QuotaExceeded
from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.generation import (
    Generation,
    expire_holds,
    report,
    reserve,
)
from tests.limit_windows import starts_on
from tests.unit.opened_generation import AT_THE_END, IN_TIME, TERMS, opened
from tests.unit.samples import NOW, POLICY, account, at, plan

PENDING, PROCESSING, EXPIRED = Status.PENDING, Status.PROCESSING, Status.EXPIRED


class TestOpening:
    def test_takes_a_hold_and_charges_nothing(self) -> None:
        begun = opened(quota_request=QuotaRequest("video", count=3))
        hold = begun.account.holds["g1"]
        assert (hold.type, hold.allocation.windows, hold.allocation.grants) == ("video", 3, ())
        assert (hold.end, hold.date) == (AT_THE_END, "2026-11-18")
        assert hold.starts == starts_on("2026-11-18")
        assert begun.account.windows == account(TERMS).windows
        assert begun.generation == Generation(
            "g1", "alice", PENDING, hold, timedelta(minutes=15), NOW
        )
        assert begun.increments == ()

    def test_counts_one_generation_in_the_rates_whatever_it_costs(self) -> None:
        terms = plan({}, rates={"minute": 9, "hour": 9})
        alice = account(terms)
        decision = decide(alice, terms, "test", QuotaRequest(count=10), NOW, POLICY)
        windows = reserve(alice, decision, "g1", "image", NOW).account.windows
        assert windows[Window.MINUTE].used == {"image": 1}
        assert windows[Window.HOUR].used == {"image": 1}
        assert windows[Window.DAY].used == {}

    def test_is_refused_with_the_decisions_own_refusal(self) -> None:
        alice = account(TERMS)
        decision = decide(alice, TERMS, "test", QuotaRequest(credits=11), NOW, POLICY)
        with pytest.raises(QuotaExceeded) as refused:
            reserve(alice, decision, "g1", "image", NOW)
        assert refused.value is decision.refusal
        assert alice == account(TERMS)

    def test_at_a_fraction_of_a_second_rounds_the_end_of_the_hold_up(self) -> None:
        alice = account(TERMS)
        decision = decide(alice, TERMS, "test", QuotaRequest(), NOW, POLICY)
        late = NOW + timedelta(microseconds=1)
        assert reserve(alice, decision, "g1", "image", late).generation.hold.end == at(
            "2026-11-18T12:15:01"
        )


class TestAHold:
    def test_lasts_to_its_end_and_is_expired_from_then_on(self) -> None:
        begun = opened().generation
        assert begun.status_at(AT_THE_END - timedelta(microseconds=1)) is PENDING
        assert begun.status_at(AT_THE_END) is EXPIRED

    def test_starts_anew_with_each_report_of_processing(self) -> None:
        begun = opened()
        first = report(begun.account, begun.generation, PROCESSING, 0, IN_TIME, POLICY)
        assert first.generation.hold.end == at("2026-11-18T12:29:59")
        assert first.account.holds["g1"] == first.generation.hold
        again = report(
            first.account, first.generation, PROCESSING, 0, at("2026-11-18T12:29"), POLICY
        )
        assert again.generation.hold.end == at("2026-11-18T12:44")
        assert again.generation.status is PROCESSING

    def test_is_never_shortened(self) -> None:
        begun = opened()
        early = report(
            begun.account, begun.generation, PROCESSING, 0, NOW - timedelta(minutes=1), POLICY
        )
        assert early.generation.hold.end == AT_THE_END

    def test_starts_anew_for_as_long_as_its_price_rule_said(self) -> None:
        begun = opened()
        generation = replace(begun.generation, hold_length=timedelta(hours=2))
        kept = report(begun.account, generation, PROCESSING, 0, IN_TIME, POLICY)
        assert kept.generation.hold.end == at("2026-11-18T14:14:59")

    def test_is_kept_alive_for_a_day_at_most(self) -> None:
        standing, now = opened(), NOW
        while standing.generation.hold.end > now:
            standing = report(standing.account, standing.generation, PROCESSING, 0, now, POLICY)
            now += timedelta(minutes=14)
            if standing.generation.status_at(now) is EXPIRED:
                break
        assert standing.generation.hold.end == at("2026-11-19T12:00")
        last = at("2026-11-19T11:59:59")
        at_last = report(standing.account, standing.generation, PROCESSING, 0, last, POLICY)
        assert at_last.generation.hold.end == at("2026-11-19T12:00")

    def test_keeps_its_windows_credits_and_day_when_it_starts_anew(self) -> None:
        begun = opened(quota_request=QuotaRequest(count=4))
        kept = report(begun.account, begun.generation, PROCESSING, 0, IN_TIME, POLICY)
        assert replace(kept.generation.hold, end=AT_THE_END) == begun.generation.hold
        assert kept.account.windows == begun.account.windows


class TestExpiring:
    def test_gives_back_the_holds_that_have_ended_and_no_others(self) -> None:
        begun = opened()
        later = reserve(
            begun.account,
            decide(begun.account, TERMS, "test", QuotaRequest(), NOW, POLICY),
            "g2",
            "image",
            NOW + timedelta(minutes=1),
        )
        done = expire_holds(later.account, AT_THE_END)
        assert done.generation_ids == ("g1",)
        assert set(done.account.holds) == {"g2"}
        assert (done.account.failed, done.account.success) == (1, 0)
        assert done.account.windows[Window.PERIOD].failed == 1
        assert done.account.windows[Window.PERIOD].used == {}
        assert done.increments == ()

    def test_before_any_end_changes_nothing(self) -> None:
        begun = opened()
        done = expire_holds(begun.account, IN_TIME)
        assert (done.account, done.generation_ids, done.increments) == (begun.account, (), ())

    def test_twice_gives_back_once(self) -> None:
        once = expire_holds(opened().account, AT_THE_END)
        twice = expire_holds(once.account, AT_THE_END)
        assert (twice.account, twice.generation_ids) == (once.account, ())
