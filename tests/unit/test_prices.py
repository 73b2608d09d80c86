"""What a generation costs, and how long its hold lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.plans.plans import Price
from genquota.domain.policy import Policy
from genquota.domain.quota.decision import Ask, Decision, decide
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

VIDEO = Ask("video")


def ask_for(alice: Account, terms: Plan, ask: Ask) -> Decision:
    return decide(alice, terms, "test", ask, NOW, POLICY)


class TestThePrice:
    PRICES = (
        Price(20, type="video", engine="grand", quality="hd", hold=timedelta(minutes=40)),
        Price(8, type="video"),
        Price(3, quality="hd"),
        Price(0, engine="tiny"),
    )

    @pytest.mark.parametrize(
        ("ask", "credits"),
        [
            (Ask("image"), 1),
            (Ask("image", count=10), 10),
            (Ask("image", quality="hd"), 3),
            (Ask("image", quality="hd", count=4), 12),
            (Ask("video"), 8),
            (Ask("video", quality="hd"), 8),
            (Ask("video", "grand"), 8),
            (Ask("video", "grand", "hd"), 20),
            (Ask("video", "grand", "hd", 2), 40),
            (Ask("image", "tiny", count=5), 0),
            (Ask("image", "tiny", "hd"), 3),
            (Ask("audio", "other"), 1),
        ],
    )
    def test_is_that_of_the_first_rule_whose_named_fields_all_match_times_count(
        self, ask: Ask, credits: int
    ) -> None:
        terms = plan({}, prices=self.PRICES)
        assert ask_for(account(terms), terms, ask).credits == credits

    def test_that_a_service_names_stands_as_it_is(self) -> None:
        terms = plan(limits(period=100), prices=self.PRICES)
        decision = ask_for(account(terms), terms, Ask("video", count=4, credits=7))
        assert (decision.credits, decision.split.windows) == (7, 7)

    def test_of_zero_is_always_payable(self) -> None:
        terms = plan(limits(period=0), prices=self.PRICES)
        assert ask_for(account(terms), terms, Ask("image", "tiny")).can_generate

    def test_rule_may_name_how_long_the_hold_lasts(self) -> None:
        terms = plan({}, prices=self.PRICES)
        long = ask_for(account(terms), terms, Ask("video", "grand", "hd"))
        assert long.hold == timedelta(minutes=40)
        assert ask_for(account(terms), terms, VIDEO).hold == timedelta(minutes=15)
        slow = Policy(hold=timedelta(minutes=30))
        assert decide(account(), terms, "test", VIDEO, NOW, slow).hold == timedelta(minutes=30)
