"""Each state of a page says what is so, and everybody can read it: slow, failed, empty, not for you."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.test_pages import check

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.web.person import Person
    from tests.web.visit import Visits

THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
PATHS = ["/usage", "/history", "/admin", "/admin/users", "/admin/plans", "/admin/system"]


def readable(page: Page) -> None:
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        check(page, width)


@THEMES
@pytest.mark.parametrize("path", PATHS)
def test_a_server_that_does_not_answer(
    visits: Visits, operator: Person, path: str, *, dark: bool
) -> None:
    page = visits.open("/profile", operator, dark=dark)
    page.route("**/api/**", lambda route: route.abort())
    page.goto(path)
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("The server cannot be reached.")
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()
    readable(page)
    page.unroute("**/api/**")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    visits.forgive("ERR_FAILED")


@THEMES
def test_a_server_that_says_it_is_down(visits: Visits, paula: Person, *, dark: bool) -> None:
    body = '{"error": {"message": "down", "details": {"reason": "unavailable", "requestId": "r1"}}}'
    page = visits.open("/profile", paula, dark=dark)
    page.route(
        "**/api/**",
        lambda route: route.fulfill(status=503, body=body, content_type="application/json"),
    )
    page.goto("/history")
    expect(page.get_by_role("alert")).to_contain_text("The database did not answer.")
    expect(page.get_by_role("alert")).to_contain_text("request r1")
    readable(page)
    visits.forgive("status of 503")


@THEMES
def test_a_server_that_takes_long(visits: Visits, paula: Person, *, dark: bool) -> None:
    page = visits.open("/profile", paula, dark=dark)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/generations?**", hold)
    page.goto("/history")
    expect(page.get_by_text("Loading…")).to_be_visible()
    readable(page)
    expect(page.get_by_text("Still loading…")).to_be_visible(timeout=8000)
    readable(page)
    for route in held:
        route.continue_()
    expect(page.get_by_role("row").nth(1)).to_be_visible()


@THEMES
@pytest.mark.parametrize("path", ["/usage", "/history", "/live", "/inbox"])
def test_nothing_there_yet(visits: Visits, newcomer: Person, path: str, *, dark: bool) -> None:
    page = visits.open(path, newcomer, dark=dark)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("oading…")).to_have_count(0)
    readable(page)


@THEMES
def test_a_project_without_a_web_app(visits: Visits, paula: Person, *, dark: bool) -> None:
    page = visits.open("/profile", paula, dark=dark)
    page.route("**/__/firebase/init.json", lambda route: route.fulfill(status=404))
    page.goto("/usage")
    expect(page.get_by_text("This Firebase project has no web app")).to_be_visible()
    readable(page)
    visits.forgive("status of 404")


@THEMES
def test_a_page_for_admins(visits: Visits, newcomer: Person, *, dark: bool) -> None:
    page = visits.open("/admin/users", newcomer, dark=dark)
    expect(page.get_by_role("alert")).to_contain_text("This is for admins only.")
    readable(page)
    visits.forgive("status of 403")


def test_a_session_that_was_ended_elsewhere(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    other = page.context.new_page()
    other.goto("/profile")
    other.get_by_role("button", name="Sign out").last.click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_token_that_is_no_longer_taken(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/profile", newcomer)
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    page.route(
        "**/api/**",
        lambda route: route.continue_(
            headers={**route.request.headers, "authorization": "Bearer no.longer.valid"}
        ),
    )
    page.goto("/history")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    visits.forgive("status of 401")
