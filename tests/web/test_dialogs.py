"""Everybody can read each kind of operator's dialog, the palette with results, and pages while offline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.readability import check
from tests.web.test_operations import unmatched_event
from tests.web.test_operators import choose

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.web.person import Person
    from tests.web.visit import Visits

OF_A_USER = 14
"""Verbs in the list on a user's page."""


def look(page: Page, button: Locator) -> None:
    """Open a dialog, wait for what the server says, have a look, and close it."""
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="What it does")).to_be_visible()
    expect(dialog.get_by_text("Asking the server")).to_have_count(0)
    page.wait_for_timeout(400)
    check(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_every_verb_of_a_user(visits: Visits, operator: Person, newcomer: Person) -> None:
    newcomer.call("get_usage")
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    verbs = page.get_by_label("Change something").locator("option:not([value=''])")
    expect(verbs).to_have_count(OF_A_USER)
    for verb in verbs.all_inner_texts():
        choose(page, verb)
        page.wait_for_timeout(600)  # a preview is asked for 250 ms after the last key
        check(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    visits.forgive("status of 40")  # a user who is there cannot be let in again


def test_what_ends_something_of_a_user(visits: Visits, operator: Person, newcomer: Person) -> None:
    newcomer.call("get_usage")
    user = f"/users/{newcomer.uid}"
    ends = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    operator.send("POST", f"{user}/grants", credits=5, note="n")
    operator.send("PUT", f"{user}/limits", limits={"day": 5}, expiresAt=ends, note="n")
    operator.send("PUT", f"{user}/subscriptions/s-{newcomer.uid}", planId="plus", note="n")
    page = visits.open(f"/admin/users/{newcomer.uid}?tab=grants", operator)
    look(page, page.get_by_role("button", name="Take back"))
    look(page, page.get_by_role("main").get_by_role("button", name="End", exact=True))
    page.get_by_role("link", name="Subscriptions", exact=True).last.click()
    look(page, page.get_by_role("main").get_by_role("button", name="Change", exact=True))
    look(page, page.get_by_role("main").get_by_role("button", name="End", exact=True))


def test_what_is_done_about_a_generation(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    made = newcomer.begin("a fox in the snow")
    newcomer.succeed(made)
    page = visits.open(f"/admin/generations/{made}", operator)
    for verb in ("Give credits back…", "Hide from the history…", "Remove from the live feed…"):
        look(page, page.get_by_role("button", name=verb))


def test_what_is_done_elsewhere(visits: Visits, operator: Person, newcomer: Person) -> None:
    newcomer.call("get_usage")
    receipt = unmatched_event(visits, newcomer)
    page = visits.open("/admin/system", operator)
    look(page, page.get_by_role("button", name="Run now… Reset periods"))
    row = page.get_by_role("row").filter(has_text=receipt)
    look(page, row.get_by_role("button", name="Resolve the event…"))
    page.goto("/admin/plans/plus")
    page.get_by_label("Rank").fill("9")
    look(page, page.get_by_role("button", name="Preview and apply…"))
    page.goto("/admin/subscriptions")
    look(page, page.get_by_role("button", name="Give a subscription…"))
    visits.forgive("status of 40")  # nothing is chosen yet, so the preview is refused


def test_the_palette_of_an_admin(visits: Visits, operator: Person, newcomer: Person) -> None:
    newcomer.call("get_usage")
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    expect(page.get_by_label("Change something")).to_be_visible()
    page.keyboard.press("Control+k")
    box = page.get_by_label("Page, action or user")
    expect(box).to_be_focused()
    results = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(results.filter(has_text="Give extra credits")).to_be_visible()
    check(page)
    page.keyboard.type(newcomer.email)
    expect(results).to_have_count(1)
    expect(results).to_contain_text(newcomer.email)
    check(page)


@pytest.mark.parametrize("path", ["/usage", "/history", "/live", "/admin", "/admin/users"])
def test_while_offline(visits: Visits, operator: Person, path: str) -> None:
    page = visits.prepare(operator)
    with page.expect_response("**/accounts:lookup**"):  # who was here before sees the page sooner
        page.goto(path)
    expect(page.get_by_role("navigation", name="Pages", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("oading…")).to_have_count(0)
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        check(page)
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_have_count(0)
    visits.forgive("ERR_INTERNET_DISCONNECTED|transport errored|Could not reach Cloud Firestore")
