"""When a subscription counts, which plan it gives, and which of several is the best."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from genquota.domain.enums import SubscriptionStatus
from genquota.domain.plans.subscriptions import Subscription, best_of
from genquota.store.user.subscription_copy import subscription_from_text, subscription_to_text
from tests.unit.samples import NOW, POLICY, at, subscription

END = at("2026-12-10")
RANKS = {"free": 0, "plus": 1, "pro": 2}
TWO_DAYS = replace(POLICY, past_due_grace=timedelta(days=2))


def best(*candidates: Subscription) -> str | None:
    found = best_of(candidates, lambda plan_id: RANKS.get(plan_id, -1), NOW)
    return found.id if found else None


def test_a_downgrade_waits_for_the_end_of_the_paid_period() -> None:
    sub = subscription(next_plan_id="plus")
    assert sub.plan_at(END - timedelta(seconds=1)) == "pro"
    assert sub.plan_at(END) == "plus"


def test_without_a_next_plan_it_gives_the_same_one_after_its_period() -> None:
    assert subscription().plan_at(END) == "pro"


def test_without_an_end_a_next_plan_never_comes() -> None:
    assert subscription(end=None, next_plan_id="plus").plan_at(at("2099-01-01")) == "pro"


def test_an_unpaid_one_counts_like_a_paid_one_unless_there_is_a_setting() -> None:
    sub = subscription(status=SubscriptionStatus.PAST_DUE, unpaid_since=at("2026-11-10"))
    assert sub.is_in_force(NOW, POLICY)


def test_an_unpaid_one_counts_as_long_as_the_setting_says() -> None:
    sub = subscription(status=SubscriptionStatus.PAST_DUE, unpaid_since=at("2026-11-16T12:00:01"))
    assert sub.is_in_force(NOW, TWO_DAYS)
    assert not sub.is_in_force(NOW + timedelta(seconds=1), TWO_DAYS)


def test_an_unpaid_one_does_not_outlast_its_period_however_long_the_setting() -> None:
    patient = replace(POLICY, past_due_grace=timedelta(days=365))
    sub = subscription(status=SubscriptionStatus.PAST_DUE, unpaid_since=NOW)
    assert sub.is_in_force(END + timedelta(hours=23), patient)
    assert not sub.is_in_force(END + timedelta(hours=24), patient)


def test_the_highest_rank_is_the_best() -> None:
    plus, pro = subscription(id="a", plan_id="plus"), subscription(id="b", plan_id="pro")
    assert best(plus, pro) == best(pro, plus) == "b"


def test_the_rank_is_that_of_the_plan_which_it_gives_now() -> None:
    waiting = subscription("2026-10-10", "2026-11-10", id="a", next_plan_id="free")
    assert best(waiting, subscription(id="b", plan_id="plus")) == "b"


def test_of_one_rank_the_one_that_ends_last_is_the_best_and_no_end_is_later_than_any() -> None:
    soon, late = subscription(id="a", end="2026-12-01"), subscription(id="b", end="2026-12-02")
    never = subscription(id="c", end=None)
    assert best(soon, late) == best(late, soon) == "b"
    assert best(late, never) == best(never, late) == "c"


def test_of_one_rank_and_end_the_smallest_id_is_the_best() -> None:
    first, second = subscription(id="a"), subscription(id="b")
    assert best(first, second) == best(second, first) == "a"


def test_a_plan_that_nobody_knows_is_worse_than_any() -> None:
    assert best(subscription(id="a", plan_id="gone"), subscription(id="b", plan_id="free")) == "b"


def test_of_none_none_is_the_best() -> None:
    assert best() is None


@pytest.mark.parametrize(
    "sub",
    [
        subscription(),
        subscription(None, None, SubscriptionStatus.CANCELED),
        subscription(next_plan_id="plus", unpaid_since=NOW, cancel_at_period_end=True),
    ],
)
def test_its_text_in_the_user_document_says_all_of_it(sub: Subscription) -> None:
    assert subscription_from_text("s1", subscription_to_text(sub)) == sub
