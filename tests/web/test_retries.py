"""A server that is away for a moment is asked again, by itself: for what is read, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.web.person import Person
    from tests.web.visit import Visits

USAGE = "**/api/usage-tracking/comprehensive/**"
DOWN = {"error": {"message": "down", "details": {"reason": "unavailable", "requestId": "r1"}}}
FAILURES: dict[str, Callable[[Route], None]] = {
    "the server says it is down": lambda route: route.fulfill(status=503, json=DOWN),
    "somebody before the server does": lambda route: route.fulfill(status=502, body="<html>"),
    "nothing answers": lambda route: route.abort(),
}


def fail(page: Page, address: str, how: Callable[[Route], None], times: int) -> list[str]:
    """Let the first few requests to an address fail. Return all of them, as they come."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= times:
            how(route)
        else:
            route.continue_()

    page.route(address, answer)
    return asked


def forgive(visits: Visits) -> None:
    visits.forgive("status of 50[023]|ERR_FAILED")


@pytest.mark.parametrize("how", FAILURES.values(), ids=FAILURES)
def test_numbers_that_could_not_be_renewed_recover(
    visits: Visits, newcomer: Person, how: Callable[[Route], None]
) -> None:
    page = visits.open("/usage", newcomer)
    period = page.get_by_role("region", name="This period")
    expect(period).to_contain_text("10 left")
    asked = fail(page, USAGE, how, 1)
    newcomer.begin("what changes the own document")
    expect(page.get_by_role("alert")).to_contain_text("These are the numbers of")
    expect(period).to_contain_text("1 open")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(asked) == 2
    forgive(visits)


def test_a_first_load_recovers(visits: Visits, paula: Person) -> None:
    page = visits.prepare(paula)
    fail(page, "**/api/generations?**", FAILURES["the server says it is down"], 2)
    page.goto("/history")
    expect(page.get_by_role("alert")).to_contain_text("The database did not answer.")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    forgive(visits)


@pytest.mark.parametrize(("status", "times"), [(503, 4), (429, 1), (403, 1)])
def test_it_is_asked_four_times_at_most(
    visits: Visits, paula: Person, status: int, times: int
) -> None:
    page = visits.prepare(paula)
    page.clock.install()
    address = "**/api/generations?**"
    asked = fail(page, address, lambda route: route.fulfill(status=status, json=DOWN), 9)
    page.goto("/history")
    expect(page.get_by_role("alert")).to_be_visible()
    for _ in range(8):
        page.clock.fast_forward(30_000)
        page.wait_for_timeout(300)
    assert len(asked) == times
    page.get_by_role("button", name="Try again").click()
    page.wait_for_timeout(300)
    assert len(asked) == times + 1
    # The moved clock lets the Firebase SDK believe that it waited ten seconds for an answer.
    visits.forgive(f"status of {status}|Could not reach Cloud Firestore")


def test_a_page_that_nobody_sees_asks_once_it_is_seen(visits: Visits, paula: Person) -> None:
    page = visits.prepare(paula)
    asked = fail(page, "**/api/generations?**", FAILURES["the server says it is down"], 1)
    page.goto("/history")
    expect(page.get_by_role("alert")).to_be_visible()
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(4000)
    assert len(asked) == 1
    page.evaluate("""() => {
      delete document.hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    forgive(visits)


def test_who_has_gone_to_another_page_asks_no_more(visits: Visits, paula: Person) -> None:
    page = visits.prepare(paula)
    asked = fail(page, "**/api/generations?**", FAILURES["the server says it is down"], 9)
    page.goto("/history")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    before = len(asked)
    page.wait_for_timeout(5000)
    assert len(asked) == before
    forgive(visits)


def test_what_changes_something_is_sent_once(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/profile", newcomer)
    sent = fail(page, "**/functions/update_profile", FAILURES["the server says it is down"], 9)
    page.get_by_label("Name", exact=True).fill("Nora New")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("The database did not answer.")
    page.wait_for_timeout(5000)
    assert len(sent) == 1
    forgive(visits)
