"""Overrides and the copy of the subscription, as they stand in the user document."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from genquota.domain.enums import SubscriptionStatus, Window
from genquota.domain.plans.plans import Override, Rates
from genquota.domain.plans.subscriptions import Subscription
from genquota.store.plans.plan_terms import MalformedTerms, read_overrides
from genquota.store.user.subscription_copy import read_public_copy
from tests.unit.samples import at, limits

EARLY, LATE = at("2026-11-01"), at("2026-11-02")
SUBSCRIPTION = {
    "id": "s1",
    "planId": "pro",
    "status": "active",
    "anchor": at("2026-01-31T08:00:00.9"),
    "currentPeriodStart": at("2026-10-31T08:00:00.9"),
    "currentPeriodEnd": at("2026-11-30T08:00:00.9"),
    "cancelAtPeriodEnd": True,
}


class TestOverrides:
    def test_no_overrides_are_none(self) -> None:
        assert read_overrides(None) == ()
        assert read_overrides({}) == ()

    def test_an_override_may_say_everything(self) -> None:
        entry = {
            "planId": "pro",
            "limits": {"day": 5.0},
            "limitsByType": {"video": {"period": 3}},
            "rates": {"minute": 2, "maxOpen": 1},
            "overage": 4.0,
            "expiresAt": at("2026-12-24T18:00:00.5"),
            "createdAt": EARLY,
            "note": "a good customer",
        }
        assert read_overrides({"o1": entry}) == (
            Override(
                "o1",
                "pro",
                limits(day=5, video={"period": 3}),
                Rates({Window.MINUTE: 2}, 1),
                4,
                at("2026-12-24T18:00"),
            ),
        )

    def test_the_oldest_is_first_and_of_the_same_age_the_smallest_id(self) -> None:
        entries = {
            "c": {"createdAt": LATE},
            "b": {"createdAt": EARLY},
            "a": {"createdAt": LATE + timedelta(seconds=1)},
            "d": {"createdAt": EARLY},
        }
        assert [each.id for each in read_overrides(entries)] == ["b", "d", "c", "a"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"limits": {"day": "5"}},
            {"limits": {"hour": 5}},
            {"limits": 5},
            {"rates": {"day": 1}},
            {"overage": "5"},
            {"overage": 1.5},
            {"overage": -2},
            {"planId": 5},
            {"planId": ["pro"]},
            {"expiresAt": "2026-12-24"},
            {"expiresAt": 0},
            {"createdAt": None},
            {"createdAt": "2026-11-01"},
        ],
        ids=str,
    )
    def test_what_cannot_be_understood_is_refused_and_not_taken_for_everlasting(
        self, fields: dict[str, Any]
    ) -> None:
        with pytest.raises(MalformedTerms):
            read_overrides({"o1": {"createdAt": EARLY, **fields}})

    def test_an_entry_that_is_no_map_is_refused(self) -> None:
        with pytest.raises(MalformedTerms):
            read_overrides({"o1": 5})


class TestTheSubscription:
    def test_is_read_with_its_times_in_whole_seconds(self) -> None:
        assert read_public_copy(SUBSCRIPTION) == Subscription(
            "s1",
            "pro",
            SubscriptionStatus.ACTIVE,
            at("2026-01-31T08:00"),
            at("2026-10-31T08:00"),
            at("2026-11-30T08:00"),
            cancel_at_period_end=True,
        )

    def test_may_lack_all_but_its_plan_and_status(self) -> None:
        found = read_public_copy({"planId": "pro", "status": "trialing"})
        assert found == Subscription("", "pro", SubscriptionStatus.TRIALING, None, None, None)

    @pytest.mark.parametrize("status", SubscriptionStatus)
    def test_may_have_any_status_of_the_contract(self, status: str) -> None:
        found = read_public_copy({**SUBSCRIPTION, "status": str(status)})
        assert found
        assert found.status is SubscriptionStatus(status)

    @pytest.mark.parametrize(
        "data",
        [
            None,
            "pro",
            5,
            [],
            {},
            {"status": "active"},
            {"planId": "pro"},
            {**SUBSCRIPTION, "status": "ACTIVE"},
            {**SUBSCRIPTION, "status": None},
            {**SUBSCRIPTION, "status": ["active"]},
            {**SUBSCRIPTION, "planId": ""},
            {**SUBSCRIPTION, "planId": 5},
            {**SUBSCRIPTION, "currentPeriodEnd": "2099-01-01"},
            {**SUBSCRIPTION, "currentPeriodEnd": 0},
        ],
        ids=str,
    )
    def test_that_cannot_be_understood_is_none(self, data: object) -> None:
        assert read_public_copy(data) is None

    @pytest.mark.parametrize("wrong", ["2026-01-31", 5, {}])
    def test_without_an_understandable_anchor_or_start_steps_from_what_is_left(
        self, wrong: object
    ) -> None:
        found = read_public_copy(
            {**SUBSCRIPTION, "anchor": wrong, "currentPeriodStart": wrong, "cancelAtPeriodEnd": 1}
        )
        assert found
        assert (found.anchor, found.current_period_start) == (None, None)
        assert found.cancel_at_period_end is False
