"""What an operator leaves out of a subscription, and where it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from genquota.domain.changes.manual_subscriptions import (
    PutSubscriptionCommand,
    build_subscription,
    put_subscription,
    remove_subscription,
)
from genquota.domain.enums import SubscriptionStatus
from genquota.domain.errors import InvalidArgument
from genquota.domain.plans.subscriptions import Subscription
from tests.unit.samples import NOW, account, at

BEFORE = NOW - timedelta(days=9)
TRIALING, PAST_DUE = SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE


def command(
    earlier: Subscription | None = None,
    days: int | None = None,
    **values: Any,  # noqa: ANN401 - fields of the command
) -> Subscription:
    return build_subscription("m1", PutSubscriptionCommand("plus", **values), earlier, days, NOW)


def test_a_plan_alone_is_a_subscription_from_now_on_until_further_notice() -> None:
    assert command() == Subscription("m1", "plus", SubscriptionStatus.ACTIVE, NOW, NOW, None)


def test_start_and_anchor_stay_until_they_are_said_anew() -> None:
    earlier = replace(command(), anchor=at("2026-01-31"), current_period_start=BEFORE)
    assert command(earlier) == earlier
    later = command(earlier, current_period_start=NOW)
    assert (later.anchor, later.current_period_start) == (at("2026-01-31"), NOW)
    assert command(earlier, anchor=BEFORE).anchor == BEFORE


def test_a_trial_ends_after_the_plans_days_or_when_the_operator_says_and_has_no_grace() -> None:
    trial = command(days=7, status=TRIALING)
    assert (trial.current_period_end, trial.cancel_at_period_end) == (NOW + timedelta(days=7), True)
    end = NOW + timedelta(days=2)
    assert command(status=TRIALING, current_period_end=end).current_period_end == end
    assert not command(days=7, status=TRIALING, cancel_at_period_end=False).cancel_at_period_end
    with pytest.raises(InvalidArgument):
        command(status=TRIALING)


@pytest.mark.parametrize(
    "values", [{"status": SubscriptionStatus.CANCELED}, {"cancel_at_period_end": True}]
)
def test_what_is_cancelled_ends_when_it_would_have_and_never_goes_on_for_good(
    values: dict[str, Any],
) -> None:
    end = NOW + timedelta(days=2)
    assert command(command(current_period_end=end), **values).current_period_end == end
    assert command(current_period_end=end, **values).current_period_end == end
    for earlier in (None, command()):
        with pytest.raises(InvalidArgument) as refused:
            command(earlier, **values)
        assert refused.value.fields == (("currentPeriodEnd", "say when it ends"),)


def test_what_is_past_due_is_so_since_it_was_first_said() -> None:
    unpaid = command(status=PAST_DUE)
    assert unpaid.unpaid_since == NOW
    assert command(replace(unpaid, unpaid_since=BEFORE), status=PAST_DUE).unpaid_since == BEFORE
    assert command(unpaid).unpaid_since is None


@pytest.mark.parametrize(
    "values",
    [
        {"current_period_start": NOW + timedelta(seconds=1)},
        {"current_period_end": NOW},
        {"current_period_end": BEFORE},
    ],
)
def test_a_period_that_cannot_be_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        command(**values)


def test_a_removed_one_no_longer_counts_though_it_counted_before() -> None:
    both = put_subscription(put_subscription(account(), command()), replace(command(), id="m2"))
    chosen = replace(both, subscription=both.subscriptions["m1"])
    left = remove_subscription(chosen, "m1")
    assert (set(left.subscriptions), left.subscription) == ({"m2"}, None)
    assert remove_subscription(left, "m1") is left
    assert put_subscription(left, left.subscriptions["m2"]) is left


def test_there_are_at_most_20() -> None:
    alice = account()
    for number in range(20):
        alice = put_subscription(alice, replace(command(), id=f"m{number}"))
    with pytest.raises(InvalidArgument):
        put_subscription(alice, replace(command(), id="m20"))
