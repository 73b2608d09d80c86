"""What a subscription gives after what its provider has told: upgrades, downgrades, ends, unpaid periods."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from genquota.billing.domain.entitlements import Entitlement, entitlement
from genquota.billing.domain.subscription_reducer import has_timestamp_conflict
from genquota.domain.enums import Provider, SubscriptionStatus
from tests.unit.provider_histories import (
    MONTH,
    PLUS,
    PRO,
    START,
    Life,
    after,
    announced,
    paid,
    snapshot,
)

if TYPE_CHECKING:
    from genquota.billing.domain.provider_events import ProviderEvent
    from genquota.billing.domain.subscription_facts import SubscriptionUpdate

HOUR = timedelta(hours=1)


def comes_to(*events: ProviderEvent) -> Entitlement:
    """Return what the events come to; each is told an hour after the one before."""
    timed = [replace(event, at=START + n * HOUR) for n, event in enumerate(events)]
    found = entitlement(after(timed))
    assert found is not None
    return found


def of_transaction(event: ProviderEvent) -> SubscriptionUpdate:
    """Return what RevenueCat's event says of a subscription: all of one transaction."""
    update = event.subscription
    assert update is not None
    assert update.period is not None
    return replace(update, transaction_at=update.period.start)


BEGUN = Life()
ON_PRO = replace(BEGUN, plan=PRO)
RENEWED = replace(BEGUN, period=1)


def test_an_upgrade_is_there_at_once() -> None:
    """D12"""
    found = comes_to(snapshot(BEGUN, 1), snapshot(ON_PRO, 2))
    assert (found.plan_id, found.next_plan_id) == ("pro", None)


def test_a_downgrade_waits_for_the_end_of_the_paid_period() -> None:
    """D11"""
    found = comes_to(snapshot(ON_PRO, 1), snapshot(BEGUN, 2))
    assert (found.plan_id, found.next_plan_id) == ("pro", "plus")
    assert found.period_end == START + MONTH


def test_the_renewal_brings_the_lower_plan() -> None:
    """D11"""
    found = comes_to(snapshot(ON_PRO, 1), snapshot(BEGUN, 2), snapshot(RENEWED, 3))
    assert (found.plan_id, found.next_plan_id) == ("plus", None)


def test_up_down_and_up_again_is_one_period_of_the_higher_plan() -> None:
    """D10"""
    found = comes_to(
        snapshot(BEGUN, 1), snapshot(ON_PRO, 2), snapshot(BEGUN, 3), snapshot(ON_PRO, 4)
    )
    assert (found.plan_id, found.next_plan_id) == ("pro", None)
    assert (found.period_start, found.period_end) == (START, START + MONTH)


def test_a_plan_that_was_never_paid_for_is_not_kept() -> None:
    unpaid = replace(ON_PRO, status=SubscriptionStatus.PAST_DUE)
    assert comes_to(snapshot(BEGUN, 1), snapshot(unpaid, 2), snapshot(BEGUN, 3)).plan_id == "plus"


def test_a_change_in_a_trial_takes_effect_at_once_either_way() -> None:
    trial = replace(BEGUN, status=SubscriptionStatus.TRIALING)
    found = comes_to(snapshot(replace(trial, plan=PRO), 1), snapshot(trial, 2))
    assert (found.plan_id, found.next_plan_id) == ("plus", None)


def test_an_announced_plan_waits_for_the_renewal_which_settles_it() -> None:
    found = comes_to(snapshot(ON_PRO, 1), announced(ON_PRO, 2, PLUS))
    assert (found.plan_id, found.next_plan_id) == ("pro", "plus")
    found = comes_to(snapshot(BEGUN, 1), announced(BEGUN, 2, PRO), snapshot(RENEWED, 3))
    assert (found.plan_id, found.next_plan_id) == ("plus", None)


def test_an_announced_plan_outlives_news_that_do_not_speak_of_it() -> None:
    leaving = snapshot(replace(ON_PRO, renews=False), 3, says_renewal=False)
    found = comes_to(snapshot(ON_PRO, 1), announced(ON_PRO, 2, PLUS), leaving)
    assert (found.plan_id, found.next_plan_id) == ("pro", "plus")


def test_a_failed_payment_makes_it_past_due_since_the_start_of_its_period() -> None:
    found = comes_to(snapshot(RENEWED, 1), paid(RENEWED, 2, is_paid=False))
    assert (found.status, found.unpaid_since) == (SubscriptionStatus.PAST_DUE, START + MONTH)


def test_a_payment_lifts_past_due() -> None:
    unpaid = replace(RENEWED, status=SubscriptionStatus.PAST_DUE)
    found = comes_to(snapshot(unpaid, 1), paid(RENEWED, 2))
    assert (found.status, found.unpaid_since) == (SubscriptionStatus.ACTIVE, None)


def test_an_old_invoice_that_is_paid_late_lifts_nothing() -> None:
    unpaid = replace(RENEWED, status=SubscriptionStatus.PAST_DUE)
    assert comes_to(snapshot(unpaid, 1), paid(BEGUN, 2)).status is SubscriptionStatus.PAST_DUE


def test_a_payment_brings_nothing_back_that_has_ended() -> None:
    ended = replace(BEGUN, status=SubscriptionStatus.CANCELED)
    assert comes_to(snapshot(ended, 1), paid(BEGUN, 2)).status is SubscriptionStatus.CANCELED


def test_a_paid_renewal_counts_before_the_subscription_itself_was_heard_of_again() -> None:
    found = comes_to(snapshot(ON_PRO, 1), announced(ON_PRO, 2, PLUS), paid(RENEWED, 3))
    assert (found.period_start, found.period_end) == (START + MONTH, START + 2 * MONTH)
    assert (found.plan_id, found.next_plan_id) == ("plus", None)


@pytest.mark.parametrize(
    "over",
    [SubscriptionStatus.CANCELED, SubscriptionStatus.EXPIRED, SubscriptionStatus.PAUSED],
)
def test_an_invoice_that_is_paid_after_the_end_brings_no_further_period(
    over: SubscriptionStatus,
) -> None:
    """The last invoice of what was cancelled may still be collected."""
    found = comes_to(snapshot(replace(BEGUN, status=over), 1), paid(RENEWED, 2))
    assert (found.status, found.period_end) == (over, START + MONTH)


def test_what_is_bought_within_one_second_is_active_whatever_ids_its_events_have() -> None:
    """Stripe tells it as incomplete, as active and as paid in the second of the purchase."""
    waiting = replace(BEGUN, status=SubscriptionStatus.INCOMPLETE)
    for ids in permutations(range(3)):
        history = [snapshot(waiting, ids[0]), snapshot(BEGUN, ids[1]), paid(BEGUN, ids[2])]
        for order in (
            *permutations(history),
            history[:2],
            history[1::-1],
            history[::2],
            history[::-2],
        ):
            found = entitlement(after(order))
            assert found is not None
            assert found.status is SubscriptionStatus.ACTIVE


def test_an_invoice_alone_gives_nothing() -> None:
    assert entitlement(after([paid(BEGUN, 1)])) is None


def test_it_ends_with_its_period_if_it_will_not_renew() -> None:
    leaving = replace(BEGUN, renews=False)
    assert comes_to(snapshot(BEGUN, 1), snapshot(leaving, 2)).cancel_at_period_end is True
    back = comes_to(snapshot(leaving, 1), snapshot(BEGUN, 2))
    assert back.cancel_at_period_end is False


def test_an_event_that_does_not_speak_of_renewal_leaves_it_as_it_is() -> None:
    leaving = snapshot(replace(BEGUN, renews=False), 1)
    found = comes_to(leaving, snapshot(BEGUN, 2, says_renewal=False))
    assert found.cancel_at_period_end is True


def test_events_of_one_instant_are_tied_unless_they_are_the_same() -> None:
    first, second = snapshot(BEGUN, 1), snapshot(ON_PRO, 2)
    assert has_timestamp_conflict(after([first]), second) is True
    assert has_timestamp_conflict(after([first]), first) is False
    assert has_timestamp_conflict(after([first]), replace(second, at=START + HOUR)) is False
    assert has_timestamp_conflict(None, first) is False
    waiting = snapshot(replace(BEGUN, status=SubscriptionStatus.INCOMPLETE), 3)
    assert (
        has_timestamp_conflict(after([waiting]), first)
        is has_timestamp_conflict(after([first]), waiting)
        is False
    )
    assert has_timestamp_conflict(after([first]), paid(BEGUN, 3)) is False


def test_of_two_events_at_one_instant_the_greater_id_counts_and_what_was_asked_for_beats_both() -> (
    None
):
    first, second = snapshot(BEGUN, 1), snapshot(replace(BEGUN, renews=False), 2)
    asked = replace(snapshot(ON_PRO, 0), tie_break="~2027-03-15T09:00:05~")
    for history in ([first, second, asked], [asked, second, first], [second, asked, first]):
        found = entitlement(after(history))
        assert found is not None
        assert (found.plan_id, found.cancel_at_period_end) == ("pro", False)
    settled = entitlement(after([second, first]))
    assert settled is not None
    assert settled.cancel_at_period_end is True


def test_the_refund_of_an_old_period_ends_nothing_that_was_bought_since() -> None:
    """RevenueCat's news of an old transaction may be the newest news of all."""
    refunded = replace(BEGUN, status=SubscriptionStatus.CANCELED)
    history = [snapshot(BEGUN, 1), snapshot(RENEWED, 2), snapshot(refunded, 3)]
    history = [
        replace(
            each,
            provider=Provider.REVENUECAT,
            at=START + n * HOUR,
            subscription=of_transaction(each),
        )
        for n, each in enumerate(history)
    ]
    for order in permutations(history):
        found = entitlement(after(order))
        assert found is not None
        assert (found.status, found.period_end) == (SubscriptionStatus.ACTIVE, START + 2 * MONTH)
