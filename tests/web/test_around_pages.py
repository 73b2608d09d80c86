"""What is beside the pages: the palette, word of one's own generations, devices, saved numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.readability import check

if TYPE_CHECKING:
    from google.cloud import firestore

    from tests.web.person import Person
    from tests.web.visit import Visits


def test_the_palette_goes_to_a_page_by_keys_alone(visits: Visits, paula: Person) -> None:
    page = visits.open("/usage", paula)
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    page.keyboard.press("Control+k")
    box = page.get_by_label("Page, action or user")
    expect(box).to_be_focused()
    expect(page.get_by_role("option")).to_have_count(5)
    check(page)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("History")
    page.keyboard.type("pro")
    expect(page.get_by_role("option")).to_have_text(re.compile("Profile"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    page.keyboard.type("nothing of that name")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")


def test_the_palette_finds_users_and_what_can_be_done_about_one(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    newcomer.call("get_usage")
    page = visits.open("/admin/users", operator)
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")
    page.keyboard.press("Control+k")
    box = page.get_by_label("Page, action or user")
    expect(box).to_be_focused()
    page.keyboard.type(newcomer.email)
    found = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(found).to_have_text(re.compile(re.escape(newcomer.email)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(newcomer.email)
    expect(page.get_by_label("Change something")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    page.keyboard.type("extra credits")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Give extra credits")


def test_a_generation_that_ends_is_told_on_any_page(visits: Visits, newcomer: Person) -> None:
    made = newcomer.begin("a lighthouse in fog")
    page = visits.open("/profile", newcomer)
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    newcomer.succeed(made)
    word = page.get_by_role("status").filter(has_text="Done: a lighthouse in fog")
    expect(word).to_be_visible()
    word.get_by_role("link", name="Open").click()
    expect(page.get_by_role("dialog")).to_contain_text("a lighthouse in fog")
    assert f"id={made}" in page.url


def test_a_browser_without_notifications_is_told_so(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/live", newcomer)
    wish = page.get_by_label("Notify me when mine are done")
    expect(wish).not_to_be_checked()
    wish.click()  # a browser without a display allows none
    word = page.get_by_role("status").filter(has_text="Your browser does not allow notifications")
    expect(word).to_be_visible()
    expect(wish).not_to_be_checked()


NOTIFICATIONS = """
  window.shown = [];
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, options) { window.shown.push([title, options.body]); }
    close() {}
  };
"""


def test_a_generation_that_ends_is_notified_while_the_page_is_hidden(
    visits: Visits, newcomer: Person
) -> None:
    first, second = newcomer.begin("a lighthouse in fog"), newcomer.begin("a boat that sank")
    page = visits.open("/live", newcomer, script=NOTIFICATIONS)
    page.context.grant_permissions(["notifications"])
    wish = page.get_by_label("Notify me when mine are done")
    wish.check()
    expect(wish).to_be_checked()
    page.reload()  # the wish is kept
    expect(wish).to_be_checked()
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    newcomer.succeed(first)
    expect(page.get_by_role("status").filter(has_text="Done: a lighthouse in fog")).to_be_visible()
    assert page.evaluate("window.shown") == []  # who sees the page is told there
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    newcomer.fail(second, "the engine was full")
    word = page.get_by_role("status").filter(has_text="Failed, and given back")
    expect(word).to_be_visible()
    answer = page.evaluate("window.shown")
    assert answer == [["Genquota", "Failed, and given back: a boat that sank"]]


def test_devices_are_listed_and_removed(
    visits: Visits, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    newcomer.call("register_device", token="t" * 40, platform="ios", locale="de-DE")
    page = visits.open("/profile", newcomer)
    region = page.get_by_role("region", name="Devices")
    expect(region.get_by_role("listitem")).to_contain_text("iPhone or iPad")
    assert "t" * 40 not in page.content()
    region.get_by_role("button", name="Remove").click()
    expect(region.get_by_text("No device has been registered by the app.")).to_be_visible()
    assert list(db.collection(f"users/{newcomer.uid}/devices").stream()) == []
    assert not db.document(f"users/{newcomer.uid}").get().get("quota.devices")


def test_numbers_are_written_as_the_locale_has_them(visits: Visits, newcomer: Person) -> None:
    newcomer.call("get_usage")
    page = visits.open("/profile", newcomer)
    page.get_by_label("Language of numbers and dates").select_option("ja-JP")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Your profile is saved.")).to_be_visible()
    page.goto("/usage")
    expect(page.get_by_role("region", name="This period")).to_contain_text(re.compile(r"年|日"))


@pytest.mark.parametrize(
    ("locale", "number"), [("de-DE", "1.234"), ("en-US", "1,234"), ("fr-FR", "1\u202f234")]
)
def test_numbers_have_the_separators_of_the_locale(
    visits: Visits, operator: Person, newcomer: Person, locale: str, number: str
) -> None:
    newcomer.call("get_usage")
    operator.send("PUT", f"/users/{newcomer.uid}/limits", limits={"period": 1234}, note="many")
    newcomer.call("update_profile", preferences={"locale": locale})
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_contain_text(f"{number} left")


def test_the_numbers_of_the_last_visit_are_shown_with_their_time(
    visits: Visits, newcomer: Person
) -> None:
    newcomer.succeed(newcomer.begin("one is used"))
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_contain_text("9 left")
    page.route("**/api/**", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("region", name="This period")).to_contain_text("9 left")
    expect(page.get_by_text(re.compile("These are the numbers of"))).to_be_visible()
    visits.forgive("ERR_FAILED|transport errored")


def test_the_history_says_how_it_went_and_what_it_cost(visits: Visits, newcomer: Person) -> None:
    failed = newcomer.begin("a boat that sank")
    newcomer.fail(failed, "the engine was full")
    page = visits.open(f"/history?id={failed}", newcomer)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("the engine was full")
    expect(dialog.get_by_role("listitem").first).to_contain_text("Waiting")
    expect(dialog.get_by_role("listitem").last).to_contain_text("Failed")
    expect(dialog).to_contain_text("Given back")


def test_an_entry_of_the_feed_opens(visits: Visits, paula: Person, newcomer: Person) -> None:
    newcomer.begin("a very small castle")
    page = visits.open("/live", paula)
    page.get_by_role("button", name="a very small castle").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("a very small castle")
    expect(dialog).to_contain_text("In progress")
    check(page)
