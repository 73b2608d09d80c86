"""No sequence of a provider's periods mints allowances: one for each that is paid and not cut short."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.enums import Anchor, SubscriptionStatus, Unit, Window
from genquota.domain.plans.plans import PeriodRule
from genquota.domain.plans.subscriptions import Subscription
from genquota.domain.quota.account import Account
from genquota.domain.quota.rolling import roll_windows
from genquota.domain.windows import AnchoredGrid, ProviderGrid, Span, is_about_one_window
from tests.unit.samples import POLICY, at, plan, span

if TYPE_CHECKING:
    from datetime import datetime

DAY = timedelta(days=1)
MONTH, YEAR, WEEK = 31 * DAY, 365 * DAY, 7 * DAY
LIMIT = 100
TERMS = plan({})


@dataclass
class Shop:
    """A user who spends all that they may at once, whatever their provider does to their periods."""

    now: datetime
    alice: Account = field(default_factory=lambda: Account("alice"))
    allowances: int = 0
    """How often all of the limit could be spent anew."""

    def buy(self, start: datetime, length: timedelta, **fields: object) -> None:
        bought = Subscription(
            id="s1",
            plan_id="pro",
            status=SubscriptionStatus.ACTIVE,
            anchor=start,
            current_period_start=start,
            current_period_end=start + length,
        )
        self.alice = replace(self.alice, subscription=replace(bought, **fields))  # type: ignore[arg-type]

    def spend(self) -> None:
        """Use whatever is left of the period."""
        rolled = roll_windows(self.alice, TERMS, self.now, POLICY)
        period = rolled.account.windows[Window.PERIOD]
        assert period.span.start <= self.now < period.span.end
        if not period.used:
            self.allowances += 1
        spent = replace(period, used={"image": LIMIT})
        windows = {**rolled.account.windows, Window.PERIOD: spent}
        self.alice = replace(rolled.account, windows=windows)


@given(
    switches=st.lists(
        st.tuples(st.sampled_from((WEEK, MONTH, YEAR)), st.floats(0.001, 0.89)),
        min_size=1,
        max_size=12,
    )
)
def test_periods_that_are_all_cut_short_give_as_many_allowances_as_months_pass(
    switches: list[tuple[timedelta, float]],
) -> None:
    shop = Shop(at("2027-03-15T09:00"))
    begun = shop.now
    for length, part in switches:
        shop.buy(shop.now.replace(microsecond=0), length)
        shop.spend()
        shop.now += length * part
        shop.spend()
    elapsed = shop.now - begun
    assert shop.allowances <= 1 + elapsed / (28 * DAY * 0.9)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from((WEEK, MONTH, YEAR)),
            st.sampled_from((0.01, 0.3, 0.89, 0.91, 1.0)),
            st.sampled_from(("active", "trialing", "past_due", "cancelled at once")),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_sequence_of_provider_periods_mints(steps: list[tuple[timedelta, float, str]]) -> None:
    """Allowances <= paid periods that were not cut short, one to begin with, and the months that pass."""
    shop = Shop(at("2027-03-15T09:00"))
    begun, whole = shop.now, 0
    for length, part, how in steps:
        start = shop.now.replace(microsecond=0)
        status = (
            SubscriptionStatus.ACTIVE if how == "cancelled at once" else SubscriptionStatus(how)
        )
        early = {"current_period_end": start + DAY, "provider_period_end": start + length}
        shop.buy(start, length, status=status, **(early if how == "cancelled at once" else {}))
        shop.spend()
        shop.now += length * part
        shop.spend()
        whole += part > 0.9
    months = (shop.now - begun) / (28 * DAY * 0.9)
    assert shop.allowances <= 2 + whole + months


def test_a_paid_period_of_which_a_tenth_is_left_counts_as_a_whole_one() -> None:
    shop = Shop(at("2027-03-01"))
    shop.buy(shop.now, 30 * DAY)
    shop.spend()
    shop.now += 27 * DAY
    shop.buy(shop.now, 30 * DAY)
    shop.spend()
    assert shop.allowances == 2
    shop.now += 27 * DAY - timedelta(seconds=1)
    shop.buy(shop.now, 30 * DAY)
    shop.spend()
    assert shop.allowances == 2


def test_a_period_that_began_earlier_and_ends_later_is_not_taken_for_the_newest() -> None:
    shop = Shop(at("2027-03-15T09:00"))
    begun = shop.now
    shop.buy(begun, MONTH)
    shop.spend()
    shop.now += DAY
    for start, length in ((begun - 60 * DAY, YEAR), (begun, WEEK)):
        shop.buy(start, length)
        shop.spend()
        assert (shop.alice.paid_from, shop.alice.paid_until) == (begun, begun + MONTH)
    assert shop.allowances == 1


def test_a_month_after_a_month_that_was_cut_short_ends_with_the_new_one() -> None:
    shop = Shop(at("2027-03-15T09:00"))
    shop.buy(shop.now, MONTH)
    shop.spend()
    shop.now += 10 * DAY
    shop.buy(shop.now, YEAR)
    shop.spend()
    period = shop.alice.windows[Window.PERIOD]
    assert (period.span, period.used) == (
        span("2027-03-15T09:00", "2027-04-25T09:00"),
        {"image": LIMIT},
    )


def test_an_account_of_an_older_release_that_knows_no_end_goes_by_its_running_period() -> None:
    shop = Shop(at("2027-03-15T09:00"))
    shop.buy(shop.now, MONTH)
    shop.spend()
    shop.alice = replace(shop.alice, paid_until=None)
    shop.now += DAY
    shop.buy(shop.now, MONTH)
    shop.spend()
    assert shop.allowances == 1


def test_a_late_renewal_does_not_stretch_a_period_that_has_ended() -> None:
    patient = replace(POLICY, renewal_grace=timedelta(days=30))
    weekly = plan({}, period=PeriodRule(anchor=Anchor.SUBSCRIPTION, unit=Unit.WEEK))
    shop = Shop(at("2027-03-01"))
    shop.buy(shop.now, WEEK)
    for day in (1, 9):
        shop.alice = roll_windows(shop.alice, weekly, at(f"2027-03-{day:02}"), patient).account
    spent = replace(shop.alice.windows[Window.PERIOD], used={"image": LIMIT})
    assert spent.span == span("2027-03-08", "2027-03-15")
    shop.alice = replace(shop.alice, windows={**shop.alice.windows, Window.PERIOD: spent})
    shop.buy(at("2027-03-16"), WEEK)
    rolled = roll_windows(shop.alice, weekly, at("2027-03-16T01:00"), patient)
    period = rolled.account.windows[Window.PERIOD]
    assert (period.span, period.used) == (span("2027-03-16", "2027-03-23"), {})
    assert rolled.closed[0].counter == spent


@pytest.mark.parametrize("anchor", [Anchor.CALENDAR, Anchor.SIGNUP])
def test_a_period_that_does_not_follow_the_subscription_is_not_laid_anew_by_it(
    anchor: Anchor,
) -> None:
    terms = plan({}, period=PeriodRule(anchor=anchor))
    alice = Account("alice", created_at=at("2027-03-10"))
    for day in (15, 16, 17):
        now = at(f"2027-03-{day}")
        bought = Subscription("s1", "pro", SubscriptionStatus.ACTIVE, now, now, now + MONTH)
        alice = roll_windows(replace(alice, subscription=bought), terms, now, POLICY).account
    first = "01" if anchor is Anchor.CALENDAR else "10"
    assert alice.windows[Window.PERIOD].span == span(f"2027-03-{first}", f"2027-04-{first}")


FEBRUARY = Span(at("2027-02-28T09:00"), at("2027-03-31T09:00"))


def test_a_providers_windows_step_from_what_it_says() -> None:
    grid = ProviderGrid(FEBRUARY, AnchoredGrid(Unit.MONTH, FEBRUARY.start))
    assert grid.window_at(at("2027-03-29")) == FEBRUARY
    assert grid.window_at(at("2027-04-01")) == span("2027-03-31T09:00", "2027-04-30T09:00")
    assert grid.window_at(at("2027-02-01")) == span("2027-01-28T09:00", "2027-02-28T09:00")


def test_an_anchor_that_agrees_with_the_providers_end_goes_on_counting() -> None:
    january = Span(at("2027-01-31"), at("2027-02-28"))
    grid = ProviderGrid(january, AnchoredGrid(Unit.MONTH, january.start))
    assert grid.window_at(at("2027-03-05")) == span("2027-02-28", "2027-03-31")


@pytest.mark.parametrize(
    ("days", "unit", "count", "is_about"),
    [
        (28, Unit.MONTH, 1, True),
        (31, Unit.MONTH, 1, True),
        (34, Unit.MONTH, 1, True),
        (35, Unit.MONTH, 1, False),
        (14, Unit.MONTH, 1, False),
        (365, Unit.MONTH, 1, False),
        (92, Unit.MONTH, 3, True),
        (7, Unit.WEEK, 1, True),
        (31, Unit.WEEK, 1, False),
    ],
)
def test_which_periods_of_a_provider_are_about_one_of_a_plan(
    days: int, unit: Unit, count: int, *, is_about: bool
) -> None:
    start = at("2027-03-15")
    assert is_about_one_window(Span(start, start + days * DAY), unit, count) is is_about
