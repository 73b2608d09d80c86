"""Each page, in both themes and three widths: it comes up, and everybody can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import expect

from dev.setup import NODE_MODULES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.person import Person
    from tests.web.visit import Visits

AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text()
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
    "/admin/users/nobody": "nobody",
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
WIDTHS = (320, 800, 1400)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


FAULTS = """
async () => (await axe.run()).violations.map(({ id, nodes }) => ({
  [id]: nodes.map(({ html }) => html),
}))
"""
BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


def faults(page: Page) -> list[dict[str, Any]]:
    """Return what axe-core finds, by rule, each with the elements that break it."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    return list(page.evaluate(FAULTS))


def check(page: Page, width: int) -> None:
    assert faults(page) == []
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0, f"{page.url} is {too_wide} px too wide for {width}"


def check_all(page: Page) -> None:
    """Check a page in both themes and all widths."""
    backgrounds = set()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            backgrounds.add(page.evaluate(BACKGROUND))
            check(page, width)
    assert len(backgrounds) == len(THEMES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable(visits: Visits, paula: Person, path: str) -> None:
    page = visits.open(path, paula)
    expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
    expect(page.get_by_text("oading…")).to_have_count(0)
    check_all(page)


@pytest.mark.parametrize("path", OPERATORS_PAGES)
def test_an_operators_page_is_readable(visits: Visits, operator: Person, path: str) -> None:
    page = visits.open(path, operator)
    expect(page.get_by_role("heading", level=1)).to_have_text(OPERATORS_PAGES[path])
    if path.endswith("nobody"):
        expect(page.get_by_role("alert")).to_be_visible()
        visits.forgive("status of 404")
    expect(page.get_by_text("oading…")).to_have_count(0)
    check_all(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_way_in_is_readable(visits: Visits, *, dark: bool) -> None:
    page = visits.open("/usage", dark=dark, width=320)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    check(page, 320)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_tables_and_dialogs_are_readable(visits: Visits, paula: Person, *, dark: bool) -> None:
    page = visits.open("/usage", paula, dark=dark)
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
