"""Invariants of a user's counters after every step, whatever the steps were."""

from __future__ import annotations

from collections import Counter as Tally
from typing import TYPE_CHECKING

from genquota.domain.enums import RATE_WINDOWS, Status, Window
from genquota.store.user.quota_state import (
    hold_from_text,
    hold_to_text,
    windows_from_text,
    windows_to_text,
)
from tests.unit.quota_model import FAILED, SUCCESS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.unit.quota_model import QuotaModel

OF_FAILURE = (Status.FAILED, Status.CANCELLED, Status.EXPIRED)


def no_limit_is_exceeded_further_than_the_contract_excuses(model: QuotaModel) -> None:
    excess = model.exceeded()
    assert all(by <= model.excess.get(key, 0) for key, by in excess.items())
    model.excess = excess


def counters_say_what_the_generations_say(model: QuotaModel) -> None:
    expected: dict[tuple[Window, datetime], Tally[str]] = {}
    for record in model.records.values():
        for place in record.hold.starts.items():
            tally = expected.setdefault(place, Tally())
            if record.status is Status.SUCCESS:
                tally[SUCCESS] += 1
                if not record.refunded:
                    tally[record.hold.type] += record.hold.allocation.windows
            tally[FAILED] += record.status in OF_FAILURE
    counted = {place: Tally(tally) for place, tally in model.kept.items()}
    for window, counter in model.alice.windows.items():
        if window in RATE_WINDOWS:
            continue
        place = (window, counter.span.start)
        assert place not in counted
        counts = {**counter.used, SUCCESS: counter.success, FAILED: counter.failed}
        counted[place] = Tally(counts)
    # A tally may fall and rise again, but it ends nowhere below zero.
    assert all(each >= 0 for tally in counted.values() for each in tally.values())
    assert {place: +tally for place, tally in counted.items() if +tally} == {
        place: +tally for place, tally in expected.items() if +tally
    }


def lifetime_counts_and_holds_are_those_of_the_generations(model: QuotaModel) -> None:
    alice = model.alice
    statuses = Tally(record.status for record in model.records.values())
    assert alice.success == statuses[Status.SUCCESS]
    assert alice.failed == sum(statuses[each] for each in OF_FAILURE)
    assert alice.outputs == model.outputs
    assert alice.holds == {
        name: record.hold for name, record in model.records.items() if record.status.is_open
    }


def grants_are_spent_by_successes_and_never_below_zero(model: QuotaModel) -> None:
    spent: Tally[str] = Tally()
    for record in model.records.values():
        if record.charged:
            spent.update({each.grant_id: each.credits for each in record.hold.allocation.grants})
    reserved: Tally[str] = Tally()
    for hold in model.alice.active_holds(model.now):
        reserved.update({each.grant_id: each.credits for each in hold.allocation.grants})
    for name, gift in model.alice.grants.items():
        assert gift.used == spent[name]
        assert gift.used + reserved[name] <= gift.credits


def a_success_is_charged_for_what_was_made_or_refunded(model: QuotaModel) -> None:
    for name, record in model.records.items():
        assert record.credits == model.credits[name]
        if record.status is Status.SUCCESS:
            asked = model.asked[name].count
            due = record.credits * model.all_of.get(name, asked) // asked
            assert record.charged == (0 if record.refunded else due)
        else:
            assert record.charged == 0
            assert record.refunded is not record.status.is_open


def all_of_it_can_be_written_and_read(model: QuotaModel) -> None:
    windows = model.alice.windows
    assert windows_from_text(windows_to_text(windows)) == windows
    for hold in model.alice.holds.values():
        assert hold_from_text(hold_to_text(hold)) == hold


INVARIANTS = (
    no_limit_is_exceeded_further_than_the_contract_excuses,
    counters_say_what_the_generations_say,
    lifetime_counts_and_holds_are_those_of_the_generations,
    grants_are_spent_by_successes_and_never_below_zero,
    a_success_is_charged_for_what_was_made_or_refunded,
    all_of_it_can_be_written_and_read,
)
