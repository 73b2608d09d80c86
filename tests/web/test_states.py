"""Each state of a page says what is so, and everybody can read it: slow, failed, empty, not for you."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.readability import check

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.web.person import Person
    from tests.web.visit import Visits

PATHS = ["/usage", "/history", "/admin", "/admin/users", "/admin/plans", "/admin/system"]


def readable(page: Page) -> None:
    check(page, 320, 1280)


def test_a_server_that_does_not_answer(
    visits: Visits, operator: Person, subtests: pytest.Subtests
) -> None:
    page = visits.prepare(operator)
    page.clock.install()
    visits.forgive("ERR_FAILED")
    for path in PATHS:
        with subtests.test(path):
            page.route("**/api/**", lambda route: route.abort())
            page.goto(path)
            alerts = page.get_by_role("alert")
            expect(alerts.first).to_contain_text("The server cannot be reached.")
            readable(page)
            admin = page.get_by_role("link", name="Admin", exact=True)
            expect(admin).to_be_visible()  # Firestore is connected
            for _ in range(2):
                _stop_clock_in(page, 20)  # it tries by itself no more
            page.wait_for_timeout(1000)  # what it has asked at these times is answered
            page.unroute("**/api/**")
            assert alerts.count() > 0
            while failed := alerts.count():  # one button may be that of several parts
                alerts.first.get_by_role("button", name="Try again").click()
                expect(alerts).not_to_have_count(failed)
            page.clock.resume()
            expect(alerts).to_have_count(0)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_text("oading…")).to_have_count(0)


def _stop_clock_in(page: Page, seconds: int) -> None:
    now = page.evaluate("Date.now()") / 1000
    page.clock.pause_at(datetime.fromtimestamp(now + seconds, UTC))


def test_a_server_that_says_it_is_down(visits: Visits, paula: Person) -> None:
    body = '{"error": {"message": "down", "details": {"reason": "unavailable", "requestId": "r1"}}}'
    page = visits.prepare(paula)
    page.route(
        "**/api/**",
        lambda route: route.fulfill(status=503, body=body, content_type="application/json"),
    )
    page.goto("/history")
    expect(page.get_by_role("alert")).to_contain_text("The database did not answer.")
    expect(page.get_by_role("alert")).to_contain_text("request r1")
    readable(page)
    visits.forgive("status of 503")


@pytest.mark.parametrize(
    ("path", "asked"), [("/history", "generations"), ("/admin/users", "users")]
)
def test_a_server_that_takes_long(
    visits: Visits, operator: Person, paula: Person, path: str, asked: str
) -> None:
    person = operator if path.startswith("/admin") else paula
    page = visits.prepare(person)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/api/{asked}?**", hold)
    page.goto(path)
    expect(page.get_by_text("Loading…")).to_be_visible()
    readable(page)
    expect(page.get_by_text("Still loading…")).to_be_visible(timeout=8000)
    readable(page)
    for route in held:
        route.continue_()
    expect(page.get_by_role("row").nth(1)).to_be_visible()


EMPTY = {
    "/usage": "Nothing was generated in these 30 days.",
    "/history": "No generations here.",
    "/history?status=failed": "No generation matches these filters.",
    "/live?type=none": "Nothing is being generated right now.",
    "/inbox": "No notices.",
    "/profile": "No device has been registered by the app.",
}
OPERATORS_EMPTY = {
    "/admin/live?type=none": "No generations yet.",
    "/admin/generations?userId={uid}": "No generation matches these filters.",
    "/admin/generations?view=stalled&userId={uid}": "Nothing is stalled.",
    "/admin/users?email=nobody@example.com": "No such user.",
    "/admin/subscriptions?planId=none": "No subscriptions here.",
    "/admin/audit?userId=nobody": "Nothing was changed by an operator.",
    "/admin/users/{uid}?tab=generations": "No generations here.",
    "/admin/users/{uid}?tab=grants": "No grant was ever given.",
    "/admin/users/{uid}?tab=subscriptions": "No subscription.",
    "/admin/users/{uid}?tab=devices": "No device is registered for push notices.",
    "/admin/users/{uid}?tab=grants#overrides": "No override is in force: the plan alone decides.",
    "/admin/users/{uid}?tab=devices#notices": "No notice was sent in the windows that are kept.",
    "/admin/users/{uid}?tab=audit": "Nothing was changed by an operator.",
    "/admin/users/{uid}?tab=view": "Nothing was generated in these 30 days.",
}
ROUTED = {
    "/admin/generations": ("**/api/generations?**", "No generations here."),
    "/admin/plans": ("**/api/plans?**", "No plans."),
    "/admin/system": ("**/api/webhook-events?**", "Every event was placed."),
}
"""What the seeds have something of: there, the server says that there is nothing."""


def test_nothing_there_yet(visits: Visits, newcomer: Person, subtests: pytest.Subtests) -> None:
    page = visits.prepare(newcomer)
    for path, text in EMPTY.items():
        with subtests.test(path):
            _is_empty(page, path, text)


def test_nothing_there_for_an_operator(
    visits: Visits, operator: Person, newcomer: Person, subtests: pytest.Subtests
) -> None:
    newcomer.call("get_usage")
    page = visits.prepare(operator)
    for path, text in OPERATORS_EMPTY.items():
        with subtests.test(path):
            _is_empty(page, path.format(uid=newcomer.uid), text)


def test_nothing_there_at_all(visits: Visits, operator: Person, subtests: pytest.Subtests) -> None:
    page = visits.prepare(operator)
    for path, (address, text) in ROUTED.items():
        with subtests.test(path):
            page.route(address, lambda route: route.fulfill(json={"items": [], "cursor": None}))
            _is_empty(page, path, text)
            page.unroute(address)


def _is_empty(page: Page, path: str, text: str) -> None:
    page.goto(path)
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_text("oading…")).to_have_count(0)
    readable(page)


def test_no_statistics_yet(visits: Visits, operator: Person) -> None:
    page = visits.prepare(operator)

    def nothing(route: Route) -> None:
        answer = route.fetch().json()
        route.fulfill(json={**answer, "totals": {**answer["totals"], "total": 0}, "processing": 0})

    page.route("**/api/analytics?**", nothing)
    page.goto("/admin?range=30")
    expect(page.get_by_text("No generation has ended in these 30 days.")).to_be_visible()
    readable(page)


def test_nobody_in_a_ranking_yet(visits: Visits, operator: Person) -> None:
    page = visits.prepare(operator)

    def nobody(route: Route) -> None:
        answer = route.fetch().json()
        route.fulfill(json={**answer, "topUsers": {**answer["topUsers"], "items": []}})

    page.route("**/api/analytics?**", nobody)
    page.goto("/admin?range=30")
    ranking = page.get_by_role("region", name="Most active users")
    expect(ranking.get_by_text("Nothing yet.")).to_be_visible()
    readable(page)


def test_a_project_without_a_web_app(visits: Visits, paula: Person) -> None:
    page = visits.prepare(paula)
    page.route("**/__/firebase/init.json", lambda route: route.fulfill(status=404))
    page.goto("/usage")
    expect(page.get_by_text("This Firebase project has no web app")).to_be_visible()
    readable(page)
    visits.forgive("status of 404")


def test_a_page_for_admins(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/admin/users", newcomer)
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
    expect(other.get_by_role("status")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("status")).to_have_text("You have been signed out.")


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


def test_an_account_that_is_deleted_elsewhere(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    newcomer.call("delete_my_data")
    expect(page.get_by_text("This account was deleted.")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)  # it says so in place of all pages
    readable(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    visits.forgive("status of 40")  # the listener is ended with the account


def test_a_session_that_was_revoked(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    page.clock.install()
    page.reload()
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    page.wait_for_timeout(1000)
    revoked = {"error": {"code": 400, "message": "TOKEN_EXPIRED"}}  # what Google answers then
    page.route("**/v1/token?**", lambda route: route.fulfill(status=400, json=revoked))
    page.clock.fast_forward("01:05:00")  # a token is valid for an hour, revoked or not
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("status")).to_have_text("You have been signed out.")
    assert page.url.endswith("/usage")
    visits.forgive("status of 400")
