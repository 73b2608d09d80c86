"""Each page, in both themes and three widths: it comes up, and everybody can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.readability import WIDTHS, check

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Page

    from tests.web.person import Person
    from tests.web.visit import Visits

PAGES = {
    "/usage": "Usage",
    "/history": "History",
    "/live": "Live",
    "/inbox": "Inbox",
    "/profile": "Profile",
    "/nowhere": "Page not found",
}
OPERATORS_PAGES = {
    "/admin?range=90": "Overview",
    "/admin/live": "Live",
    "/admin/generations": "Generations",
    "/admin/generations?userId=user_test_plus_1&status=failed": "Generations",
    "/admin/generations?view=stalled": "Generations",
    "/admin/plans": "Plans",
    "/admin/plans/plus": "Plus",
    "/admin/subscriptions": "Subscriptions",
    "/admin/audit": "Audit log",
    "/admin/system": "System",
    "/admin/users": "Users",
    "/admin/users/user_test_plus_1": "Paula Plus",
    "/admin/users/user_test_plus_1?tab=generations": "Paula Plus",
    **{
        f"/admin/users/user_test_plus_1?tab={tab}": "Paula Plus"
        for tab in (
            "timeline",
            "grants",
            "subscriptions",
            "devices",
            "audit",
            "simulate",
            "view",
        )
    },
}


def test_pages_are_readable(visits: Visits, paula: Person, subtests: pytest.Subtests) -> None:
    page = visits.prepare(paula)
    for path, title in PAGES.items():
        with subtests.test(path):
            _read(page, path, title)


def test_operators_pages_are_readable(
    visits: Visits, operator: Person, subtests: pytest.Subtests
) -> None:
    page = visits.prepare(operator)
    for path, title in OPERATORS_PAGES.items():
        with subtests.test(path):
            _read(page, path, title)


def test_the_page_of_nobody_is_readable(visits: Visits, operator: Person) -> None:
    page = visits.prepare(operator)
    _read(page, "/admin/users/nobody", "nobody", alerts=1)
    visits.forgive("status of 404")


def _read(page: Page, path: str, title: str, alerts: int = 0) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("alert")).to_have_count(alerts)
    expect(page.get_by_text("oading…")).to_have_count(0)
    check(page, *WIDTHS)


def test_the_way_in_is_readable(visits: Visits) -> None:
    page = visits.open("/usage", width=320)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    check(page, 320)


def test_tables_and_dialogs_are_readable(visits: Visits, paula: Person) -> None:
    page = visits.open("/usage", paula)
    page.get_by_text("As a table").click()
    expect(page.get_by_role("columnheader", name="Credits")).to_be_visible()
    check(page, 1280)
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard")
    check(page, 1280)
    page.keyboard.press("Escape")
    page.get_by_role("row").nth(1).get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("Copy prompt")
    check(page, 1280)
    assert "id=" in page.url
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
