"""Any sequence of calls, changes and waits: limits hold, and counters are what generations say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from genquota.domain.plans.plans import Override, PeriodRule, Plan, Price, Rates
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.policy import Policy
from genquota.domain.quota.account import Account, Grant
from genquota.domain.quota.decision import Ask
from genquota.domain.words import Anchor, Status, SubscriptionStatus, Unit, Window
from tests.unit.quota_invariants import INVARIANTS
from tests.unit.quota_model import Books
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
    books: Books

    @initialize(basic=plans, pro=plans, charges=st.booleans())
    def begin(self, basic: Plan, pro: Plan, *, charges: bool) -> None:
        self.books = Books(
            at("2026-01-30T23:40"),
            Policy(charge_late_success=charges),
            {"basic": basic, "pro": replace(pro, id="pro")},
            Account("alice", plan_id="basic", created_at=at("2025-10-31T07:00")),
        )
        self.books.to_present()

    # What users, engines and jobs do.

    @rule(
        type_=st.sampled_from(("image", "video")),
        quality=st.sampled_from(("standard", "hd")),
        count=st.integers(1, 3),
        credits=st.sampled_from((None, None, 0, 1, 5)),
    )
    def create(self, type_: str, quality: str, count: int, credits: int | None) -> None:
        self.books.create(Ask(type_, None, quality, count, credits))

    @precondition(lambda self: self.books.records)
    @rule(
        data=st.data(),
        news=st.sampled_from(REPORTS),
        outputs=st.integers(1, 3),
        is_all=st.booleans(),
    )
    def report(self, data: st.DataObject, news: Status, outputs: int, *, is_all: bool) -> None:
        name = data.draw(st.sampled_from(list(self.books.records)[-6:]))
        self.books.report(name, news, outputs, is_all=is_all)

    @rule()
    def expire_generations(self) -> None:
        self.books.expire()

    @rule(pause=st.sampled_from(PAUSES) | st.timedeltas(timedelta(), 40 * DAY))
    def wait(self, pause: timedelta) -> None:
        self.books.wait(pause)

    # What operators, providers and journeys change.

    @rule(zone=st.sampled_from((*ZONES, None, "Mars/Olympus")))
    def travel(self, zone: str | None) -> None:
        self.books.alice = replace(self.books.alice, timezone=zone)
        self.books.to_present()

    @rule(name=st.sampled_from(("basic", "pro", "unknown")))
    def change_plan(self, name: str) -> None:
        self.books.change(replace(self.books.alice, plan_id=name))

    @rule(name=st.sampled_from(("basic", "pro")), terms=plans)
    def edit_plan(self, name: str, terms: Plan) -> None:
        self.books.plans[name] = replace(terms, id=name)
        self.books.change(self.books.alice)

    @rule(
        status=st.sampled_from(SubscriptionStatus),
        begun=st.timedeltas(-40 * DAY, DAY),
        days=st.sampled_from((1, 30, 365)),
    )
    def subscribe(self, status: SubscriptionStatus, begun: timedelta, days: int) -> None:
        start = (self.books.now + begun).replace(microsecond=0)
        bought = Subscription("s1", "pro", status, start, start, start + days * DAY)
        self.books.change(replace(self.books.alice, subscription=bought))

    @rule(overage=st.sampled_from((None, 0, 5)), named=some_limits, lasts=st.integers(0, 50))
    def override(self, overage: int | None, named: dict[LimitKey, int], lasts: int) -> None:
        alice = self.books.alice
        expires_at = self.books.now + lasts * HOUR
        made = Override("o1", limits=named, overage=overage, expires_at=expires_at)
        self.books.change(replace(alice, overrides=(*alice.overrides, made)))

    @rule(credits=st.integers(0, 6), lasts=st.sampled_from((None, 10 * MINUTE, 20 * DAY)))
    def grant(self, credits: int, lasts: timedelta | None) -> None:
        alice = self.books.alice
        expires_at = None if lasts is None else (self.books.now + lasts).replace(microsecond=0)
        gifts = {**alice.grants, f"gift{len(alice.grants)}": Grant(credits, 0, expires_at)}
        self.books.alice = replace(alice, grants=gifts)

    @invariant()
    def all_that_must_hold_holds(self) -> None:
        for holds_of in INVARIANTS:
            holds_of(self.books)


TestQuota = Quota.TestCase
TestQuota.settings = settings(max_examples=60, stateful_step_count=30)
