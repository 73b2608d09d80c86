"""A model of the use-cases without a store.

Each step rolls the account to the instant, decides, and keeps what would be written: the records of all
generations, and what closed windows ended with, as the store would add them up.
"""

from __future__ import annotations

from collections import Counter as Tally
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import RATE_WINDOWS, Status, Window
from genquota.domain.errors import GenerationClosed, QuotaExceeded
from genquota.domain.plans.plans import LimitKey, Plan, apply_overrides
from genquota.domain.quota.decision import Decision, QuotaRequest, decide
from genquota.domain.quota.generation import expire_holds, report, reserve
from genquota.domain.quota.rolling import roll_windows
from tests.unit.samples import plan

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from genquota.domain.policy import Policy
    from genquota.domain.quota.account import Account
    from genquota.domain.quota.generation import Generation
    from genquota.domain.quota.usage_counters import ClosedWindowIncrement

SUCCESS, FAILED = "success", "failed"


@dataclass
class QuotaModel:
    """All that is known of one user."""

    now: datetime
    policy: Policy
    plans: dict[str, Plan]
    alice: Account
    records: dict[str, Generation] = field(default_factory=dict)
    outputs: int = 0
    kept: dict[tuple[Window, datetime], Tally[str]] = field(default_factory=dict)
    """What was written of closed windows, by window and start."""
    dates: dict[tuple[Window, datetime], str] = field(default_factory=dict)
    """What closed days are named by; empty for other windows."""
    adjusted: dict[tuple[Window, datetime], Tally[str]] = field(default_factory=dict)
    outputs_of: dict[str, int] = field(default_factory=dict)
    asked: dict[str, QuotaRequest] = field(default_factory=dict)
    credits: dict[str, int] = field(default_factory=dict)
    """What each cost when it was opened."""
    all_of: dict[str, int] = field(default_factory=dict)
    """How many outputs were made of those whose report said that this is all."""
    closed: set[tuple[Window, datetime]] = field(default_factory=set)
    excess: dict[tuple[LimitKey, datetime], int] = field(default_factory=dict)
    """By how much limits are exceeded, for reasons that the contract names."""

    def create(self, quota_request: QuotaRequest) -> None:
        """Open a generation, or see that the refusal is right and changes nothing."""
        self.to_present()
        decision, name = self.decide(quota_request), f"g{len(self.records)}"
        before = deepcopy(self.alice)
        if decision.refusal:
            with pytest.raises(type(decision.refusal)):
                reserve(self.alice, decision, name, quota_request.type, self.now)
            _is_right(decision)
        else:
            begun = reserve(self.alice, decision, name, quota_request.type, self.now)
            assert self.alice == before  # what was read is data, and stays as it was
            self.alice, self.records[name] = begun.account, begun.generation
            self.asked[name], self.credits[name] = quota_request, begun.generation.credits
            self._has_room(decision, quota_request)
            return
        assert self.alice == before

    def report(self, name: str, reported: Status, outputs: int, *, is_all: bool = False) -> None:
        """Report on a generation, or see that the refusal changes nothing."""
        self.to_present()
        asked = self.asked[name].count
        outputs = min(outputs, asked) if is_all else outputs
        record, before = self.records[name], deepcopy(self.alice)
        try:
            done = report(
                *(self.alice, record, reported, outputs, self.now, self.policy),
                asked if is_all else None,
            )
        except GenerationClosed:
            assert self.alice == before
            return
        assert self.alice == before
        if done.generation is record:
            assert (done.account, done.increments) == (before, ())
            return
        self.alice, self.records[name] = done.account, done.generation
        self._add(done.increments)
        if done.generation.status is Status.SUCCESS:
            self.outputs += outputs
            self.outputs_of[name] = outputs
            if is_all:
                self.all_of[name] = outputs
        if done.generation.late:
            self._excuse()

    def expire_holds(self) -> None:
        """Close the records of holds that have passed their end."""
        self.to_present()
        done = expire_holds(self.alice, self.now)
        self.alice = done.account
        self._add(done.increments)
        for name in done.generation_ids:
            record = self.records[name]
            assert record.status_at(self.now) is Status.EXPIRED
            self.records[name] = replace(record, status=Status.EXPIRED, refunded=True)

    def wait(self, pause: timedelta) -> None:
        before = self._terms()
        self.now += pause
        self.to_present()
        if self._terms() != before:
            self._excuse()  # an override or a subscription has ended

    def change(self, alice: Account) -> None:
        """Take over what an operator or a provider has changed of the user or the plans."""
        self.alice = alice
        self.to_present()
        self._excuse()

    def to_present(self) -> None:
        terms = self._terms() or plan({})
        rolled = roll_windows(self.alice, terms, self.now, self.policy)
        self.alice = rolled.account
        for each in rolled.closed:
            place = (each.window, each.counter.span.start)
            assert place not in self.closed
            self.closed.add(place)
            tally = self.kept.setdefault(place, Tally())
            tally.update(each.counter.used)
            tally.update({SUCCESS: each.counter.success, FAILED: each.counter.failed})
            self.dates[place] = each.counter.date or ""
            self.adjusted[place] = Tally(each.counter.adjusted)
        assert roll_windows(self.alice, terms, self.now, self.policy).account == self.alice

    def decide(self, quota_request: QuotaRequest) -> Decision:
        return decide(self.alice, self._terms(), "test", quota_request, self.now, self.policy)

    def exceeded(self) -> dict[tuple[LimitKey, datetime], int]:
        """Return the limits that are exceeded, and by how much."""
        decision = self.decide(QuotaRequest())
        if decision.plan is None or decision.plan.overage < 0:
            return {}
        return {
            ((row.window, row.type), row.start): by
            for row in decision.usages
            if row.window not in RATE_WINDOWS and not row.is_unlimited
            if (by := row.used + row.reserved - row.limit - decision.plan.overage) > 0
        }

    def _excuse(self) -> None:
        self.excess = self.exceeded()

    def _terms(self) -> Plan | None:
        found = self.plans.get(self.alice.plan_in_force(self.now, self.policy) or "")
        return apply_overrides(found, self.alice.overrides, self.now) if found else None

    def _add(self, increments: tuple[ClosedWindowIncrement, ...]) -> None:
        for each in increments:
            place = (each.window, each.start)
            tally = self.kept.setdefault(place, Tally())
            self.dates.setdefault(place, each.date if each.window is Window.DAY else "")
            tally[each.type] += each.credits
            tally[SUCCESS] += each.success
            tally[FAILED] += each.failed

    def _has_room(self, decision: Decision, quota_request: QuotaRequest) -> None:
        """Every limit, rate and ceiling that speaks of a generation has room for what was reserved."""
        after = self.decide(quota_request)
        assert after.plan
        for row in after.usages:
            if row.is_unlimited or row.type not in (None, quota_request.type):
                continue
            if row.window in RATE_WINDOWS:
                assert row.used <= row.limit
            elif decision.allocation.windows and after.plan.overage >= 0:
                assert row.used + row.reserved <= row.limit + after.plan.overage
        most = after.plan.rates.max_open
        assert len(self.alice.active_holds(self.now)) <= (200 if most is None else most)


def _is_right(decision: Decision) -> None:
    """A quota refuses only what plan, grants and overage together cannot pay."""
    if isinstance(decision.refusal, QuotaExceeded):
        assert decision.plan
        no = decision.refusal
        beyond = decision.plan.overage + decision.grants_remaining
        assert no.used + no.reserved + no.requested > no.limit + beyond
