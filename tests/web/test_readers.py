"""What readers do: sign up, see numbers move, find something again, be told of trouble."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.person import PASSWORD
from tests.web.visit import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.person import Person
    from tests.web.visit import Visits


def period(page: Page) -> str:
    return page.get_by_role("region", name="This period").inner_text()


def test_a_newcomer_signs_up_and_sees_the_plan(visits: Visits) -> None:
    page = visits.open("/history")
    page.get_by_role("button", name="New here? Create an account").click()
    page.get_by_label("Email").fill("first@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account", exact=True).click()
    expect(page.get_by_text("No generations here.")).to_be_visible()
    assert page.url.endswith("/history")  # where they wished to go
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("region", name="This period")).to_contain_text("10 left")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_wrong_password_is_told_in_words(visits: Visits, paula: Person) -> None:
    page = visits.open("/sign-in")
    page.get_by_label("Email").fill(paula.email)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Email or password is wrong.")
    visits.forgive("status of 400")


def test_two_browsers_see_a_generation_within_two_seconds(
    visits: Visits, paula: Person, newcomer: Person
) -> None:
    newcomer.call(
        "get_usage"
    )  # nothing is written while listeners start: the emulator can lose that
    mine, theirs = visits.open("/usage", newcomer), visits.open("/live", paula)
    expect(mine.get_by_role("region", name="This period")).to_contain_text("10 left")
    expect(theirs.get_by_role("status").filter(has_text="live")).to_be_visible()
    newcomer.call("check_limit")  # whatever an emulator starts is started
    generation = newcomer.begin("a lighthouse that both of us see")
    began = time.monotonic()
    entry = theirs.get_by_role("listitem").filter(has_text="a lighthouse that both of us see")
    expect(entry).to_contain_text("In progress")
    assert time.monotonic() - began < 2
    expect(mine.get_by_role("region", name="This period")).to_contain_text("1 open")
    newcomer.succeed(generation)
    expect(entry).to_contain_text("Done")
    expect(mine.get_by_role("region", name="This period")).to_contain_text("1 used")
    assert "9 left" in period(mine).replace("\n", " ")


def test_numbers_of_days_follow_what_ends(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/usage", newcomer)
    page.clock.install()
    page.goto("/usage")
    expect(page.get_by_text("Nothing was generated in these 30 days.")).to_be_visible()
    newcomer.succeed(newcomer.begin("while the page is open"))
    expect(page.get_by_role("region", name="This period")).to_contain_text("1 used")
    page.clock.fast_forward(30_000)
    expect(page.get_by_text("1 credits in 30 days")).to_be_visible()


def test_who_has_credits_left_is_not_told_that_they_are_used_up(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    for number in range(10):
        newcomer.succeed(newcomer.begin(f"number {number}"))
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_contain_text("0 left")
    path = f"/users/{newcomer.uid}/grants"
    operator.send("POST", path, credits=5, note="for the wait")
    expect(page.get_by_text("0 of 10 credits left this period, and 5 extra.")).to_be_visible()
    expect(page.get_by_text("At this pace")).to_have_count(0)


def test_a_held_feed_counts_what_is_new(visits: Visits, paula: Person, newcomer: Person) -> None:
    page = visits.open("/live", paula)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()
    newcomer.begin("something that waits")
    page.get_by_role("button", name="Resume (1 new)").click()
    expect(page.get_by_role("listitem").filter(has_text="something that waits")).to_be_visible()


def test_the_history_is_filtered_by_the_address(visits: Visits, newcomer: Person) -> None:
    newcomer.succeed(newcomer.begin("a red house", engine="flux-1"))
    newcomer.fail(newcomer.begin("a blue boat", type="video"), "the engine was full")
    page = visits.open("/history?status=failed", newcomer)
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="a blue boat").click()
    expect(page.get_by_role("dialog")).to_contain_text("the engine was full")
    expect(page.get_by_role("dialog")).to_contain_text("Given back")
    page.get_by_role("button", name="Close").click()
    page.get_by_label("Status").select_option("All")
    expect(page.get_by_role("row")).to_have_count(3)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("red")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile("words=red"))
    page.get_by_role("button", name="a red house").click()
    page.get_by_role("button", name="Remove from history").click()
    page.get_by_role("button", name="Remove it?").click()
    expect(page.get_by_role("status").filter(has_text="Removed")).to_be_visible()


def test_offline_is_said_and_ends(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/usage", newcomer)
    expect(page.get_by_role("region", name="This period")).to_contain_text("10 left")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.get_by_role("button", name="7 days").click()
    # Of the block that was asked for, and of another one if its numbers were to be renewed just now.
    alerts, reason = page.get_by_role("alert"), "The server cannot be reached."
    expect(alerts.first).to_contain_text(reason)
    expect(alerts.filter(has_not_text=reason)).to_have_count(0)
    page.context.set_offline(False)
    expect(alerts).to_have_count(0)
    expect(page.get_by_text("Nothing was generated in these 7 days.")).to_be_visible()
    # Which of these lines the Firebase SDK writes depends on what it was doing at that moment.
    visits.forgive("ERR_INTERNET_DISCONNECTED|transport errored|Could not reach Cloud Firestore")


def test_the_profile_is_changed_and_kept(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/profile", newcomer)
    page.get_by_label("Name", exact=True).fill("Nora New")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Your profile is saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Nora New")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")


def test_the_own_data_is_taken_along_and_deleted(visits: Visits, newcomer: Person) -> None:
    newcomer.begin("to be taken along")
    page = visits.open("/profile", newcomer)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export my data").click()
    assert "to be taken along" in saved.value.path().read_text()
    page.get_by_role("button", name="Delete my account").click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Delete my account")
    expect(sure).to_be_disabled()
    page.get_by_role("dialog").get_by_label("Type").fill(newcomer.email)
    sure.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page, newcomer)
    expect(page.get_by_text("This account was deleted.")).to_be_visible()
    visits.forgive("status of 403")
