"""Which plan a user has, and how overrides change its terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from genquota.domain.enums import SubscriptionStatus, Window
from genquota.domain.plans.plans import SHIPPED_PLANS, Override, Rates, apply_overrides
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account
from tests.unit.samples import NOW, POLICY, at, limits, plan, subscription

SECOND = timedelta(seconds=1)
END = at("2026-12-10")
DAY_AFTER = at("2026-12-11")
NO_DEFAULT = Policy(default_plan=None)


class TestThePlanInForce:
    def test_is_the_default_for_who_has_nothing(self) -> None:
        assert Account("alice").plan_in_force(NOW, POLICY) == "free"
        assert Account("alice").plan_in_force(NOW, Policy(default_plan="basic")) == "basic"

    def test_is_none_without_a_default(self) -> None:
        assert Account("alice").plan_in_force(NOW, NO_DEFAULT) is None

    def test_is_the_users_own_before_the_default(self) -> None:
        assert Account("alice", plan_id="plus").plan_in_force(NOW, POLICY) == "plus"
        assert Account("alice", plan_id="plus").plan_in_force(NOW, NO_DEFAULT) == "plus"

    def test_is_the_subscriptions_before_the_users_own(self) -> None:
        alice = Account("alice", plan_id="plus", subscription=subscription())
        assert alice.plan_in_force(NOW, POLICY) == "pro"

    def test_is_the_users_own_again_when_the_subscription_is_over(self) -> None:
        alice = Account("alice", plan_id="plus", subscription=subscription())
        assert alice.plan_in_force(DAY_AFTER, POLICY) == "plus"
        assert alice.plan_in_force(DAY_AFTER - SECOND, POLICY) == "pro"

    def test_is_the_overrides_before_the_subscriptions(self) -> None:
        override = Override("o1", plan_id="vip")
        alice = Account("alice", plan_id="plus", subscription=subscription(), overrides=(override,))
        assert alice.plan_in_force(NOW, POLICY) == "vip"

    def test_is_that_of_the_latest_live_override_which_names_a_plan(self) -> None:
        first = Override("o1", plan_id="vip")
        second = Override("o2", plan_id="team", expires_at=NOW)
        third = Override("o3", overage=5)
        alice = Account("alice", overrides=(first, second, third))
        assert alice.plan_in_force(NOW - SECOND, POLICY) == "team"
        assert alice.plan_in_force(NOW, POLICY) == "vip"


class TestASubscription:
    @pytest.mark.parametrize(
        "status",
        [SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE],
    )
    def test_is_in_force_until_its_end_and_a_day_of_grace(self, status: SubscriptionStatus) -> None:
        sub = subscription(status=status)
        assert sub.is_in_force(END, POLICY)
        assert sub.is_in_force(DAY_AFTER - SECOND, POLICY)
        assert not sub.is_in_force(DAY_AFTER, POLICY)

    @pytest.mark.parametrize(
        "status",
        [SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE],
    )
    def test_that_will_not_renew_has_no_grace(self, status: SubscriptionStatus) -> None:
        sub = subscription(status=status, cancel_at_period_end=True)
        assert sub.is_in_force(END - SECOND, POLICY)
        assert not sub.is_in_force(END, POLICY)

    def test_that_was_canceled_is_in_force_while_paid_for_and_not_longer(self) -> None:
        sub = subscription(status=SubscriptionStatus.CANCELED)
        assert sub.is_in_force(END - SECOND, POLICY)
        assert not sub.is_in_force(END, POLICY)

    @pytest.mark.parametrize(
        "status",
        [SubscriptionStatus.EXPIRED, SubscriptionStatus.PAUSED, SubscriptionStatus.INCOMPLETE],
    )
    def test_of_another_status_is_not_in_force(self, status: SubscriptionStatus) -> None:
        assert not subscription(status=status).is_in_force(NOW, POLICY)
        assert not subscription(end=None, status=status).is_in_force(NOW, POLICY)

    def test_without_an_end_is_in_force_until_further_notice(self) -> None:
        for status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED):
            sub = subscription(end=None, status=status)
            assert sub.is_in_force(at("2126-01-01"), POLICY)

    def test_until_the_end_of_time_is_in_force(self) -> None:
        sub = subscription(end="9999-12-31T23:59:59")
        assert sub.is_in_force(NOW, POLICY)

    def test_has_as_much_grace_as_the_policy_gives(self) -> None:
        assert not subscription().is_in_force(END, replace(POLICY, renewal_grace=timedelta()))
        two_days = replace(POLICY, renewal_grace=timedelta(hours=48))
        assert subscription().is_in_force(END + timedelta(hours=47), two_days)

    def test_names_a_paid_period_only_while_it_is_active(self) -> None:
        assert {
            status: subscription(status=status).paid_period_start for status in SubscriptionStatus
        } == {
            SubscriptionStatus.ACTIVE: at("2026-11-10"),
            SubscriptionStatus.TRIALING: None,
            SubscriptionStatus.PAST_DUE: None,
            SubscriptionStatus.CANCELED: None,
            SubscriptionStatus.EXPIRED: None,
            SubscriptionStatus.PAUSED: None,
            SubscriptionStatus.INCOMPLETE: None,
        }


class TestOverrides:
    TERMS = plan(
        limits(day=3, period=100, video={"day": 1}),
        rates={"minute": 5, "hour": 50},
        max_open=4,
        overage=10,
    )

    def test_replace_what_they_name_up_or_down_and_leave_the_rest(self) -> None:
        override = Override(
            "o1",
            limits=limits(day=30, video={"day": 0}, month=500),
            rates=Rates({Window.MINUTE: 1}),
            overage=0,
        )
        assert apply_overrides(self.TERMS, [override], NOW) == plan(
            limits(day=30, period=100, video={"day": 0}, month=500),
            rates={"minute": 1, "hour": 50},
            max_open=4,
            overage=0,
        )

    def test_replace_the_number_of_open_generations(self) -> None:
        override = Override("o1", rates=Rates(max_open=0))
        assert apply_overrides(self.TERMS, [override], NOW).rates.max_open == 0

    def test_the_later_wins_over_the_earlier(self) -> None:
        both = [
            Override("o1", limits=limits(day=30, period=7), overage=1),
            Override("o2", limits=limits(day=20), overage=2),
        ]
        changed = apply_overrides(self.TERMS, both, NOW)
        assert changed.limits == limits(day=20, period=7, video={"day": 1})
        assert changed.overage == 2

    def test_end_at_their_expiry(self) -> None:
        override = Override("o1", limits=limits(day=30), expires_at=NOW)
        assert apply_overrides(self.TERMS, [override], NOW) == self.TERMS
        assert apply_overrides(self.TERMS, [override], NOW - SECOND).limits == limits(
            day=30, period=100, video={"day": 1}
        )


def test_the_shipped_plans_are_free_plus_and_pro() -> None:
    assert {
        name: (shipped.limits, shipped.rank, shipped.overage, shipped.name, shipped.tier)
        for name, shipped in SHIPPED_PLANS.items()
    } == {
        "free": ({(Window.PERIOD, None): 10}, 0, 0, "Free", "free"),
        "plus": ({(Window.PERIOD, None): 100}, 1, 0, "Plus", "plus"),
        "pro": ({(Window.PERIOD, None): 1000}, 2, 0, "Pro", "pro"),
    }
