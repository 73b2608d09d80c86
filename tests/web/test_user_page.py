"""The tabs of one user's page: what they say, and what their verbs leave in the database."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.web.readability import WIDTHS, check
from tests.web.test_hostile_texts import SCRIPT
from tests.web.test_operators import NOTE, choose, entries, fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud import firestore
    from playwright.sync_api import Locator, Page

    from tests.web.person import Person
    from tests.web.visit import Visits

Facts = dict[str, Any]


def open_tab(visits: Visits, operator: Person, person: Person, tab: str, query: str = "") -> Page:
    return visits.open(f"/admin/users/{person.uid}?tab={tab}{query}", operator)


def stored(db: firestore.Client, path: str) -> Facts:
    return db.document(path).get().to_dict() or {}


def apply(page: Page, values: dict[str, str | bool] | None = None) -> None:
    """Fill in the dialog that is open, wait for its preview, and apply it."""
    fill(page, {**(values or {}), "Why": NOTE})
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_have_count(0)


def section(page: Page, title: str) -> Locator:
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


# Timeline


def test_the_timeline_explains_a_number(visits: Visits, operator: Person, newcomer: Person) -> None:
    newcomer.succeed(newcomer.begin("one that is charged"))
    newcomer.fail(newcomer.begin("one that fails"), SCRIPT)
    newcomer.begin("one that is open")
    page = open_tab(visits, operator, newcomer, "timeline")
    window = page.get_by_role("region", name="Window")
    expect(window).to_contain_text("1 used")
    expect(window).to_contain_text("1 held by open generations")
    expect(window).to_contain_text("Every credit is explained below.")
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("+1 open")
    expect(rows.nth(2)).to_contain_text(f"Error: {SCRIPT}")
    expect(rows.nth(4)).to_contain_text("+1 used, \N{MINUS SIGN}1 open")
    expect(rows.last).to_contain_text("Window began")
    page.get_by_role("button", name="Day", exact=True).click()
    expect(page).to_have_url(re.compile("window=day"))
    expect(window).to_contain_text("Adds up")
    page.get_by_role("link", name="generation", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_contain_text("one that is charged")


def test_the_timeline_shows_a_tampered_counter(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.succeed(newcomer.begin("one"))
    windows = json.loads(stored(db, f"users/{newcomer.uid}")["quota"]["windows"])
    windows["period"]["used"]["image"] += 3
    db.document(f"users/{newcomer.uid}").update({"quota.windows": json.dumps(windows)})
    page = open_tab(visits, operator, newcomer, "timeline")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Does not add up It shows 3 more used than its records say.")
    expect(page.get_by_role("row", name="No record explains this")).to_contain_text("+3 used")


def test_a_long_timeline_comes_in_pages_and_the_last_one_checks(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    record = stored(db, f"userGenerations/{newcomer.begin('the first')}")
    now, batch = datetime.now(UTC), db.batch()
    for number in range(70):
        facts = {"generationStatus": "cancelled", "refunded": True, "closedAt": now}
        copy = {**record, **facts, "id": f"copy{number}"}
        copy["createdAt"] = record["createdAt"] + timedelta(milliseconds=number)
        batch.set(db.document(f"userGenerations/{newcomer.uid}-{number}"), copy)
    batch.commit()
    page = open_tab(visits, operator, newcomer, "timeline")
    window = page.get_by_role("region", name="Window")
    expect(window).to_contain_text("Load all pages to see whether it adds up.")
    page.get_by_role("button", name="Load earlier changes").click()
    expect(window).to_contain_text("Adds up")
    expect(page.get_by_role("row")).to_have_count(2 * 70 + 1 + 1 + 1)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    with saved.value.path().open() as file:
        assert len(list(csv.DictReader(file))) == 2 * 70 + 2


# Grants and overrides

TERMS: dict[str, tuple[dict[str, str | bool], Callable[[Facts], object], object]] = {
    "a limit of a type": (
        {"Which": "Limit, Day", "Only of this type": "video", "Credits or": "4"},
        lambda override: override["limitsByType"],
        {"video": {"day": 4}},
    ),
    "no limit": (
        {"Which": "Limit, Quarter", "Credits or": "-1"},
        lambda override: override["limits"],
        {"quarter": -1},
    ),
    "a rate": (
        {"Which": "Starts per hour", "Credits or": "9"},
        lambda override: override["rates"],
        {"hour": 9},
    ),
    "how many are open": (
        {"Which": "Open at once", "Credits or": "2"},
        lambda override: override["rates"],
        {"maxOpen": 2},
    ),
    "the overage": (
        {"Which": "Overage", "Credits or": "5"},
        lambda override: override["overage"],
        5,
    ),
}


@pytest.mark.parametrize("term", TERMS)
def test_every_term_of_a_plan_is_overridden_and_the_override_ended(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client, term: str
) -> None:
    values, read, expected = TERMS[term]
    newcomer.call("get_usage")
    page = open_tab(visits, operator, newcomer, "grants")
    expect(page.get_by_text("No override is in force")).to_be_visible()
    page.get_by_role("button", name="Change a limit, a rate or the overage").click()
    apply(page, values)
    [override] = stored(db, f"users/{newcomer.uid}")["quota"]["overrides"].values()
    assert read(override) == expected
    section(page, "Overrides").get_by_role("button", name="End").click()
    apply(page)
    expect(page.get_by_text("No override is in force")).to_be_visible()
    assert not stored(db, f"users/{newcomer.uid}")["quota"].get("overrides")
    assert [each["action"] for each in entries(db, newcomer.uid)] == ["set-limits"] * 2


def test_the_override_of_a_plan_is_ended(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    page = open_tab(visits, operator, newcomer, "grants")
    choose(page, "Give a plan")
    until = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    apply(page, {"Plan id": "plus", "Until": until})
    head = page.get_by_role("main").locator("section").first
    expect(head).to_contain_text(re.compile("Plan in force: plus by an operator's override until"))
    section(page, "Overrides").get_by_role("button", name="End").click()
    apply(page)
    expect(head).to_contain_text("Plan in force: free the default plan")
    assert not stored(db, f"users/{newcomer.uid}")["quota"].get("overrides")


def test_grants_are_given_and_taken_back(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    page = open_tab(visits, operator, newcomer, "grants")
    expect(page.get_by_text("No grant was ever given.")).to_be_visible()
    page.get_by_role("button", name="Give extra credits").click()
    until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    apply(page, {"Credits": "5", "Bought": True, "Until": until})
    row = section(page, "Grants").get_by_role("row").nth(1)
    expect(row).to_contain_text("5 (0 used)")
    expect(row).to_contain_text("Bought")
    [grant] = db.collection(f"users/{newcomer.uid}/grants").stream()
    facts = grant.to_dict() or {}
    assert (facts["purchased"], facts["expiresAt"].date().isoformat()) == (True, until)
    page.get_by_role("button", name="Take back").click()
    apply(page)
    expect(row).to_contain_text("Taken back")
    assert stored(db, grant.reference.path)["revokedAt"]


# Subscriptions


def test_a_manual_subscription_is_given_changed_and_ended(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    page = open_tab(visits, operator, newcomer, "subscriptions")
    expect(page.get_by_text("No subscription.")).to_be_visible()
    page.get_by_role("button", name="Give a subscription").click()
    id_ = page.get_by_role("dialog").get_by_label("Subscription id").input_value()
    apply(page, {"Plan id": "plus", "Status": "trialing"})
    row = page.get_by_role("listitem").filter(has_text=id_)
    expect(row).to_contain_text("Decides now")
    head = page.get_by_role("main").locator("section").first
    expect(head).to_contain_text(f"Plan in force: plus by subscription {id_}")
    expect(head).to_contain_text("Trial")
    row.get_by_role("button", name="Change").click()
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    apply(page, {"Status": "active", "Period ends": until, "Ends with the period": True})
    facts = stored(db, f"subscriptions/{id_}")
    assert (facts["status"], facts["cancelAtPeriodEnd"]) == ("active", True)
    assert facts["currentPeriodEnd"].date().isoformat() == until
    choose(page, "Give a plan")
    apply(page, {"Plan id": "free", "Begin a new period now": True})
    expect(row).to_contain_text("Would decide, but an operator's override stands above it")
    row.get_by_role("button", name="End", exact=True).click()
    apply(page)
    expect(row).to_contain_text("Not in force")
    assert stored(db, f"subscriptions/{id_}")["status"] == "expired"


# Devices and notices


def test_devices_are_shown_without_their_tokens_and_notices_with_their_text(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    token = "a-push-token-that-nobody-may-see"
    newcomer.call("register_device", token=token, platform="ios", locale="de-DE")
    for number in range(10):
        newcomer.succeed(newcomer.begin(f"{number} of ten"))
    page = open_tab(visits, operator, newcomer, "devices")
    device = section(page, "Devices").get_by_role("row").nth(1)
    expect(device).to_contain_text("ios")
    expect(device).to_contain_text("de-DE")
    notices = section(page, "Notices")
    expect(notices).to_contain_text("This period: all of your credits are used.")
    assert token not in page.content()


# Audit


def test_the_audit_tab_shows_what_changed_and_is_saved(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    newcomer.call("get_usage")
    page = open_tab(visits, operator, newcomer, "audit")
    expect(page.get_by_text("Nothing was changed by an operator.")).to_be_visible()
    choose(page, "Change the time zone")
    fill(page, {"Time zone": "Asia/Tokyo", "Why": f"=1+1 {SCRIPT}"})
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    row = page.get_by_role("row").filter(has_text=f"=1+1 {SCRIPT}")
    row.get_by_role("button", name="Time zone changed").click()
    entry = page.get_by_role("dialog")
    expect(entry.get_by_role("row").last).to_have_text(re.compile("Time zone.*Asia/Tokyo"))
    entry.get_by_role("button", name="Close").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    with saved.value.path().open() as file:
        [saved_row] = csv.DictReader(file)
    assert (saved_row["action"], saved_row["note"]) == ("set-timezone", f"'=1+1 {SCRIPT}")
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.get_by_text("Nothing was changed by an operator.")).to_be_visible()
    expect(page).to_have_url(re.compile("until=2020-01-01"))


# Simulate


def test_another_time_is_shown_next_to_now(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    for number in range(10):
        newcomer.succeed(newcomer.begin(f"{number} of ten"))
    db.document(f"users/{newcomer.uid}").update({"timezone": "Asia/Tokyo"})
    page = open_tab(visits, operator, newcomer, "simulate")
    may = page.get_by_role("row", name="May generate")
    expect(may.get_by_role("cell").nth(0)).to_contain_text("No")
    expect(page.get_by_label("Date and time (Asia/Tokyo)")).to_be_visible()
    page.get_by_role("button", name="After “This period”").click()
    expect(may.get_by_role("cell").nth(1)).to_contain_text("Yes")
    local = (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=400)).replace(hour=14, minute=30)
    page.get_by_label("Date and time").fill(f"{local:%Y-%m-%dT%H:%M}")
    page.get_by_label("Outputs").fill("2")
    page.get_by_role("button", name="Show", exact=True).click()
    utc = local.astimezone(UTC)
    expect(page).to_have_url(re.compile(f"at={utc:%Y-%m-%d}T{utc:%H}%3A30"))
    expect(page.get_by_label("Date and time")).to_have_value(f"{local:%Y-%m-%dT%H:%M}")
    of_period = page.get_by_role("rowheader", name="This period", exact=True)
    period = page.get_by_role("row").filter(has=of_period)
    expect(period.get_by_role("cell").nth(0)).to_contain_text("0 of 10 left")
    expect(period.get_by_role("cell").nth(1)).to_contain_text("10 of 10 left")
    page.get_by_label("Date and time").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Pick a time between now and ten years from now.")).to_be_visible()
    visits.forgive("status of 400")


# View as


def test_a_user_is_viewed_without_being_one(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("update_profile", displayName=SCRIPT)
    newcomer.succeed(newcomer.begin("one"))
    before = stored(db, f"users/{newcomer.uid}")
    page = open_tab(visits, operator, newcomer, "view")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    page.reload()
    expect(page.get_by_role("note")).to_contain_text(f"the usage page as {SCRIPT} sees it.")
    expect(page.get_by_role("region", name="This period")).to_contain_text("9 left")
    expect(page.get_by_text("1 credits in 30 days")).to_be_visible()
    expect(page).to_have_title(re.compile("· Genquota$"))
    api = [each for each in requests if "/api/" in each]
    assert api
    assert all(each.startswith("GET ") for each in api)
    assert not [each for each in requests if "signInWithCustomToken" in each]
    assert stored(db, f"users/{newcomer.uid}") == before


# Head


def test_a_deleted_user_may_sign_up_again(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.begin("soon gone")
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    choose(page, "Delete the user")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("userGenerations: 1")).to_be_visible()
    apply(page, {"Type": newcomer.email})
    expect(page.get_by_text("Deleted", exact=True)).to_be_visible()
    choose(page, "Let sign up again")
    apply(page)
    expect(page.get_by_text("Deleted", exact=True)).to_have_count(0)
    assert stored(db, f"users/{newcomer.uid}").get("isDeleted", False) is False


# With something in every table


@pytest.fixture
def busy(newcomer: Person, operator: Person) -> Person:
    """Give somebody of whom there is something in each tab, with long words in it."""
    newcomer.call("update_profile", displayName="N" * 60, timezone="America/Argentina/Buenos_Aires")
    newcomer.fail(newcomer.begin("p" * 90, engine="e" * 60), "w" * 200)
    given = newcomer.begin("given back", count=2)
    newcomer.succeed(given)
    newcomer.begin("still open", type="video")
    newcomer.call("register_device", token="t" * 40, platform="android", locale="sr-Latn-RS")
    note, user = {"note": "n" * 200}, f"/users/{newcomer.uid}"
    terms = {"limits": {"day": 5}, "limitsByType": {"video": {"period": 3}}, "rates": {"hour": 99}}
    ends = {"expiresAt": (datetime.now(UTC) + timedelta(days=30)).isoformat()}
    for method, path, body in (
        ("POST", f"/generations/{given}/refund", {}),
        ("POST", f"{user}/grants", {"credits": 1_000_000_000, "purchased": True, **ends}),
        ("PUT", f"{user}/limits", {**terms, "overage": 7, **ends}),
        ("PUT", f"{user}/plan", {"planId": "plus", **ends}),
        ("PUT", f"{user}/subscriptions/{'s' * 40}-{newcomer.uid}", {"planId": "plus"}),
        ("POST", f"/usage-tracking/reset-period/{newcomer.uid}", {}),
    ):
        operator.send(method, path, **body, **note)
    return newcomer


def test_tabs_with_something_in_them_are_readable(
    visits: Visits, operator: Person, busy: Person
) -> None:
    page = visits.open(f"/admin/users/{busy.uid}", operator)
    tabs = page.get_by_role("navigation", name="About this user").get_by_role("link")
    for name in tabs.all_inner_texts():
        tabs.filter(has_text=re.compile(f"^{name}$")).click()
        expect(page.locator(".skeleton")).to_have_count(0)
        check(page, *WIDTHS)
    page.set_viewport_size({"width": 320, "height": 800})
    choose(page, "Change a limit, a rate or the overage")
    fill(page, {"Which": "Overage", "Credits or": "9"})
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Only of this type")).to_have_count(0)
    expect(dialog.get_by_role("row", name="Overage")).to_contain_text("9")
    check(page, 320)
