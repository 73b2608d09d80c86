"""Any sequence of calls, changes and waits: limits hold, and counters are what generations say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from genquota.domain.enums import Anchor, Status, SubscriptionStatus, Unit, Window
from genquota.domain.plans.plans import Override, PeriodRule, Plan, Price, Rates
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account, Grant
from genquota.domain.quota.decision import QuotaRequest
from tests.unit.quota_invariants import INVARIANTS
from tests.unit.quota_model import QuotaModel
from tests.unit.samples import ZONES, at, limits

if TYPE_CHECKING:
    from genquota.domain.plans.plans import LimitKey

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REPORTS = (Status.PROCESSING, Status.SUCCESS, Status.FAILED, Status.CANCELLED)
PAUSES = (timedelta(seconds=1), MINUTE, 14 * MINUTE, 16 * MINUTE, 5 * HOUR, 26 * HOUR, 8 * DAY)
PRICES = ((), (Price(2, type="video"), Price(0, quality="hd")), (Price(3, hold=5 * HOUR),))

limit = st.sampled_from((-1, 0, 1, 3, 8, 20))
windows = st.dictionaries(st.sampled_from(("day", "week", "month", "period")), limit)
some_limits = st.builds(
    lambda named, video: limits(**named, video=video),
    windows,
    st.sampled_from(({}, {"day": 2, "period": 5})),
)
rates = st.builds(
    Rates,
    st.sampled_from(({}, {Window.MINUTE: 2}, {Window.HOUR: 6})),
    st.sampled_from((None, 1, 4)),
)
periods = st.builds(PeriodRule, st.sampled_from(Unit), st.just(1), st.sampled_from(Anchor))
plans = st.builds(
    Plan,
    st.just("basic"),
    some_limits,
    rates,
    st.sampled_from(PRICES),
    st.sampled_from((0, 0, 2, -1)),
    periods,
)


class Quota(RuleBasedStateMachine):
    model: QuotaModel

    @initialize(basic=plans, pro=plans, charges=st.booleans())
    def begin(self, basic: Plan, pro: Plan, *, charges: bool) -> None:
        self.model = QuotaModel(
            at("2026-01-30T23:40"),
            Policy(charge_late_success=charges),
            {"basic": basic, "pro": replace(pro, id="pro")},
            Account("alice", plan_id="basic", created_at=at("2025-10-31T07:00")),
        )
        self.model.to_present()

    # What users, engines and jobs do.

    @rule(
        type_=st.sampled_from(("image", "video")),
        quality=st.sampled_from(("standard", "hd")),
        count=st.integers(1, 3),
        credits=st.sampled_from((None, None, 0, 1, 5)),
    )
    def create(self, type_: str, quality: str, count: int, credits: int | None) -> None:
        self.model.create(QuotaRequest(type_, None, quality, count, credits))

    @precondition(lambda self: self.model.records)
    @rule(
        data=st.data(),
        reported=st.sampled_from(REPORTS),
        outputs=st.integers(1, 3),
        is_all=st.booleans(),
    )
    def report(self, data: st.DataObject, reported: Status, outputs: int, *, is_all: bool) -> None:
        name = data.draw(st.sampled_from(list(self.model.records)[-6:]))
        self.model.report(name, reported, outputs, is_all=is_all)

    @rule()
    def expire_generations(self) -> None:
        self.model.expire_holds()

    @rule(pause=st.sampled_from(PAUSES) | st.timedeltas(timedelta(), 40 * DAY))
    def wait(self, pause: timedelta) -> None:
        self.model.wait(pause)

    # What operators, providers and journeys change.

    @rule(zone=st.sampled_from((*ZONES, None, "Mars/Olympus")))
    def travel(self, zone: str | None) -> None:
        self.model.alice = replace(self.model.alice, timezone=zone)
        self.model.to_present()

    @rule(name=st.sampled_from(("basic", "pro", "unknown")))
    def change_plan(self, name: str) -> None:
        self.model.change(replace(self.model.alice, plan_id=name))

    @rule(name=st.sampled_from(("basic", "pro")), terms=plans)
    def edit_plan(self, name: str, terms: Plan) -> None:
        self.model.plans[name] = replace(terms, id=name)
        self.model.change(self.model.alice)

    @rule(
        status=st.sampled_from(SubscriptionStatus),
        begun=st.timedeltas(-40 * DAY, DAY),
        days=st.sampled_from((1, 30, 365)),
    )
    def subscribe(self, status: SubscriptionStatus, begun: timedelta, days: int) -> None:
        start = (self.model.now + begun).replace(microsecond=0)
        bought = Subscription("s1", "pro", status, start, start, start + days * DAY)
        self.model.change(replace(self.model.alice, subscription=bought))

    @rule(overage=st.sampled_from((None, 0, 5)), named=some_limits, lasts=st.integers(0, 50))
    def override(self, overage: int | None, named: dict[LimitKey, int], lasts: int) -> None:
        alice = self.model.alice
        expires_at = self.model.now + lasts * HOUR
        made = Override("o1", limits=named, overage=overage, expires_at=expires_at)
        self.model.change(replace(alice, overrides=(*alice.overrides, made)))

    @rule(credits=st.integers(0, 6), lasts=st.sampled_from((None, 10 * MINUTE, 20 * DAY)))
    def grant(self, credits: int, lasts: timedelta | None) -> None:
        alice = self.model.alice
        expires_at = None if lasts is None else (self.model.now + lasts).replace(microsecond=0)
        gifts = {**alice.grants, f"gift{len(alice.grants)}": Grant(credits, 0, expires_at)}
        self.model.alice = replace(alice, grants=gifts)

    @invariant()
    def all_that_must_hold_holds(self) -> None:
        for holds_of in INVARIANTS:
            holds_of(self.model)


TestQuota = Quota.TestCase
TestQuota.settings = settings(max_examples=60, stateful_step_count=30)
