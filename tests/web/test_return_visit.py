"""A reader who comes back sees their numbers at once; Firebase Auth then confirms the session, or ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

    from tests.web.person import Person
    from tests.web.visit import Visits

NUMBERS = "**/api/usage-tracking/comprehensive/*"
PROJECT = "**/__/firebase/init.json"
LOOKUP = "**/v1/accounts:lookup?**"
SAVED = "JSON.parse(localStorage.getItem('saved-session'))"


def come_back(visits: Visits, person: Person) -> Page:
    """Open a page that asks for no numbers, as a visit before the one that a test is about."""
    page = visits.open("/profile", person)
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    page.wait_for_function(f"{SAVED} !== null")
    return page


def test_the_numbers_do_not_wait_for_firebase(visits: Visits, newcomer: Person) -> None:
    page = come_back(visits, newcomer)
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if "/comprehensive/" in each.url else None)
    page.route(PROJECT, lambda _: None)  # never answered
    page.goto("/usage")
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    assert len(asked) == 1  # what was sent early is not sent again


def test_a_slow_server_does_not_hold_up_the_rest(visits: Visits, newcomer: Person) -> None:
    page = come_back(visits, newcomer)
    page.route(NUMBERS, lambda _: None)
    page.goto("/usage")
    expect(page).to_have_title("Usage · Genquota")  # the settings are there
    expect(page.get_by_role("heading", name="Credits per day")).to_be_visible()


def test_auth_ends_a_session_that_is_no_more(visits: Visits, newcomer: Person) -> None:
    page = come_back(visits, newcomer)
    page.route(LOOKUP, lambda route: route.fulfill(status=400, json=error("USER_NOT_FOUND")))
    page.goto("/usage")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("status")).to_have_text("You have been signed out.")
    assert page.evaluate(SAVED) is None
    visits.forgive("status of 400")


def test_a_token_that_is_about_to_end_is_not_used(visits: Visits, newcomer: Person) -> None:
    page = come_back(visits, newcomer)
    page.evaluate(
        f"localStorage.setItem('saved-session', JSON.stringify({{...{SAVED}, data: "
        f"{{...{SAVED}.data, token: 'old', endsAt: Date.now() + 59_000}}}}))"
    )
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.headers.get("authorization", "")))
    page.goto("/usage")
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    assert "Bearer old" not in sent
    assert page.evaluate(SAVED)["data"]["token"] != "old"


def test_who_signs_out_leaves_no_token(visits: Visits, newcomer: Person) -> None:
    page = come_back(visits, newcomer)
    token = page.evaluate(SAVED)["data"]["token"]
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert token not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


def error(message: str) -> dict[str, object]:
    """Return an error of Google's Identity Toolkit."""
    return {"error": {"code": 400, "message": message}}
