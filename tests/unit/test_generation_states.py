"""The states of a generation: each stored status, each report, in time and late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genquota.domain.enums import Status, Window
from genquota.domain.errors import GenerationClosed
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import QuotaRequest
from genquota.domain.quota.generation import GenerationOutcome, expire_holds, report
from tests.unit.opened_generation import AT_THE_END, IN_TIME, opened
from tests.unit.samples import NOW, POLICY, at

PENDING, PROCESSING, SUCCESS = Status.PENDING, Status.PROCESSING, Status.SUCCESS
FAILED, CANCELLED, EXPIRED = Status.FAILED, Status.CANCELLED, Status.EXPIRED
REPORTS = (PROCESSING, SUCCESS, FAILED, CANCELLED)
SAME = "the same"
"""Nothing changes, and the answer is as before."""

IN_TIME_TABLE: dict[Status, dict[Status, Status | str]] = {
    PENDING: {
        PROCESSING: PROCESSING, SUCCESS: SUCCESS, FAILED: FAILED, CANCELLED: CANCELLED,
    },
    PROCESSING: {
        PROCESSING: PROCESSING, SUCCESS: SUCCESS, FAILED: FAILED, CANCELLED: CANCELLED,
    },
    SUCCESS: {SUCCESS: SAME},
    FAILED: {FAILED: SAME},
    CANCELLED: {CANCELLED: SAME},
    EXPIRED: {SUCCESS: SUCCESS},
}  # fmt: skip
LATE_TABLE: dict[Status, dict[Status, Status | str]] = {
    PENDING: {SUCCESS: SUCCESS},
    PROCESSING: {SUCCESS: SUCCESS},
    SUCCESS: {SUCCESS: SAME},
    FAILED: {FAILED: SAME},
    CANCELLED: {CANCELLED: SAME},
    EXPIRED: {SUCCESS: SUCCESS},
}


def stored(status: Status) -> GenerationOutcome:
    """Return a generation that stands so, and its holder."""
    begun = opened()
    if status is PENDING:
        return begun
    if status is EXPIRED:
        closed = expire_holds(begun.account, AT_THE_END)
        expired = replace(begun.generation, status=EXPIRED, refunded=True)
        return GenerationOutcome(closed.account, expired)
    return report(begun.account, begun.generation, status, 1, NOW, POLICY)


@pytest.mark.parametrize("when", [IN_TIME, AT_THE_END])
@pytest.mark.parametrize("reported", REPORTS)
@pytest.mark.parametrize("status", Status)
def test_every_report_on_every_status_does_what_the_table_says(
    status: Status, reported: Status, when: object
) -> None:
    table = IN_TIME_TABLE if when is IN_TIME else LATE_TABLE
    before = stored(status)
    instant = IN_TIME if when is IN_TIME else AT_THE_END
    if status is PROCESSING and when is AT_THE_END:
        instant = before.generation.hold.end
    expected = table[status].get(reported)
    if expected is None:
        with pytest.raises(GenerationClosed) as refusal:
            report(before.account, before.generation, reported, 1, instant, POLICY)
        assert refusal.value.status is before.generation.status_at(instant)
        return
    after = report(before.account, before.generation, reported, 1, instant, POLICY)
    if expected is SAME:
        assert after == GenerationOutcome(before.account, before.generation)
        assert after.generation is before.generation
    else:
        assert after.generation.status is expected


@pytest.mark.parametrize("final", [SUCCESS, FAILED, CANCELLED])
def test_reporting_the_final_status_again_changes_nothing(final: Status) -> None:
    first = stored(final)
    again = report(first.account, first.generation, final, 7, AT_THE_END, POLICY)
    assert again == GenerationOutcome(first.account, first.generation)


def test_a_generation_that_has_ended_never_expires() -> None:
    for status in (SUCCESS, FAILED, CANCELLED):
        assert stored(status).generation.status_at(at("2030-01-01")) is status


@pytest.mark.parametrize("reported", [FAILED, CANCELLED])
def test_a_release_gives_everything_back_and_says_so(reported: Status) -> None:
    done = stored(reported)
    assert done.account.holds == {}
    assert (done.generation.charged, done.generation.refunded, done.generation.late) == (
        0, True, False,
    )  # fmt: skip
    assert (done.account.success, done.account.failed, done.account.outputs) == (0, 1, 0)
    for window in ("day", "week", "month", "period"):
        counter = done.account.windows[Window(window)]
        assert (counter.used, counter.success, counter.failed) == ({}, 0, 1)


def test_a_success_charges_the_hold_and_counts_its_outputs() -> None:
    begun = opened(quota_request=QuotaRequest("video", count=3))
    done = report(begun.account, begun.generation, SUCCESS, 2, IN_TIME, POLICY)
    assert done.account.holds == {}
    assert (done.generation.charged, done.generation.refunded, done.generation.late) == (
        3, False, False,
    )  # fmt: skip
    assert (done.account.success, done.account.failed, done.account.outputs) == (1, 0, 2)
    for window in ("day", "week", "month", "period"):
        counter = done.account.windows[Window(window)]
        assert (counter.used, counter.success, counter.failed) == ({"video": 3}, 1, 0)


def test_a_success_that_cost_nothing_is_counted_and_charges_nothing() -> None:
    begun = opened(quota_request=QuotaRequest(credits=0))
    done = report(begun.account, begun.generation, SUCCESS, 1, IN_TIME, POLICY)
    assert done.generation.charged == 0
    assert done.account.windows[Window.DAY].used == {}
    assert done.account.windows[Window.DAY].success == 1


@pytest.mark.parametrize("was_closed", [False, True])
def test_a_late_success_is_recorded_and_charged(was_closed: bool) -> None:  # noqa: FBT001
    before = stored(EXPIRED) if was_closed else stored(PENDING)
    done = report(before.account, before.generation, SUCCESS, 4, at("2026-11-18T18:00"), POLICY)
    assert done.generation.status is SUCCESS
    assert (done.generation.charged, done.generation.refunded, done.generation.late) == (
        1, False, True,
    )  # fmt: skip
    assert done.account.holds == {}
    assert (done.account.success, done.account.failed, done.account.outputs) == (1, 0, 4)
    counter = done.account.windows[Window.DAY]
    assert (counter.used, counter.success, counter.failed) == ({"image": 1}, 1, 0)


@pytest.mark.parametrize("was_closed", [False, True])
def test_a_late_success_is_recorded_and_forgiven_if_the_policy_forgives(
    was_closed: bool,  # noqa: FBT001
) -> None:
    forgiving = Policy(charge_late_success=False)
    before = stored(EXPIRED) if was_closed else stored(PENDING)
    done = report(before.account, before.generation, SUCCESS, 4, at("2026-11-18T18:00"), forgiving)
    assert done.generation.status is SUCCESS
    assert (done.generation.charged, done.generation.refunded, done.generation.late) == (
        0, True, True,
    )  # fmt: skip
    assert (done.account.success, done.account.failed, done.account.outputs) == (1, 0, 4)
    counter = done.account.windows[Window.DAY]
    assert (counter.used, counter.success, counter.failed) == ({}, 1, 0)
