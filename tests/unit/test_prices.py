"""What a generation costs, and how long its hold lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.plans.plans import Price
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import Decision, QuotaRequest, decide
from tests.unit.samples import (
    NOW,
    POLICY,
    account,
    limits,
    plan,
)

if TYPE_CHECKING:
    from genquota.domain.plans.plans import Plan
    from genquota.domain.quota.account import Account

VIDEO = QuotaRequest("video")


def ask_for(alice: Account, terms: Plan, quota_request: QuotaRequest) -> Decision:
    return decide(alice, terms, "test", quota_request, NOW, POLICY)


class TestThePrice:
    PRICES = (
        Price(20, type="video", engine="grand", quality="hd", hold=timedelta(minutes=40)),
        Price(8, type="video"),
        Price(3, quality="hd"),
        Price(0, engine="tiny"),
    )

    @pytest.mark.parametrize(
        ("quota_request", "credits"),
        [
            (QuotaRequest("image"), 1),
            (QuotaRequest("image", count=10), 10),
            (QuotaRequest("image", quality="hd"), 3),
            (QuotaRequest("image", quality="hd", count=4), 12),
            (QuotaRequest("video"), 8),
            (QuotaRequest("video", quality="hd"), 8),
            (QuotaRequest("video", "grand"), 8),
            (QuotaRequest("video", "grand", "hd"), 20),
            (QuotaRequest("video", "grand", "hd", 2), 40),
            (QuotaRequest("image", "tiny", count=5), 0),
            (QuotaRequest("image", "tiny", "hd"), 3),
            (QuotaRequest("audio", "other"), 1),
        ],
    )
    def test_is_that_of_the_first_rule_whose_named_fields_all_match_times_count(
        self, quota_request: QuotaRequest, credits: int
    ) -> None:
        terms = plan({}, prices=self.PRICES)
        assert ask_for(account(terms), terms, quota_request).credits == credits

    def test_that_a_service_names_stands_as_it_is(self) -> None:
        terms = plan(limits(period=100), prices=self.PRICES)
        decision = ask_for(account(terms), terms, QuotaRequest("video", count=4, credits=7))
        assert (decision.credits, decision.allocation.windows) == (7, 7)

    def test_of_zero_is_always_payable(self) -> None:
        terms = plan(limits(period=0), prices=self.PRICES)
        assert ask_for(account(terms), terms, QuotaRequest("image", "tiny")).can_generate

    def test_rule_may_name_how_long_the_hold_lasts(self) -> None:
        terms = plan({}, prices=self.PRICES)
        long = ask_for(account(terms), terms, QuotaRequest("video", "grand", "hd"))
        assert long.hold == timedelta(minutes=40)
        assert ask_for(account(terms), terms, VIDEO).hold == timedelta(minutes=15)
        slow = Policy(hold=timedelta(minutes=30))
        assert decide(account(), terms, "test", VIDEO, NOW, slow).hold == timedelta(minutes=30)
