"""The operators' pages about generations, plans, subscriptions, the audit log and the system."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import expect

from tests.web.conftest import make_admin
from tests.web.readability import check
from tests.web.test_hostile_texts import SCRIPT
from tests.web.test_operators import NOTE, choose, entries, fill

if TYPE_CHECKING:
    from google.cloud import firestore
    from playwright.sync_api import Locator, Page

    from tests.web.person import Person
    from tests.web.visit import Visits

Facts = dict[str, Any]


def read(db: firestore.Client, path: str) -> Facts:
    return db.document(path).get().to_dict() or {}


def apply(page: Page) -> Facts:
    """Apply what is previewed; follow the link to its audit entry, and return what that says."""
    fill(page, {"Why": NOTE})
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    page.get_by_role("link", name="Show the audit entry").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(NOTE)
    facts = dialog.evaluate(
        "it => Object.fromEntries([...it.querySelectorAll('dt')]"
        ".map((dt) => [dt.innerText, dt.nextElementSibling.innerText]))"
    )
    return {"title": dialog.get_by_role("heading").inner_text(), **facts}


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog")


@pytest.fixture
def made(newcomer: Person) -> str:
    made = newcomer.begin("a fox in the snow", engine="flux")
    newcomer.succeed(made)
    return made


def test_a_generation_explains_its_hold_and_is_refunded(
    visits: Visits, operator: Person, newcomer: Person, made: str, db: firestore.Client
) -> None:
    page = visits.open(f"/admin/generations/{made}", operator)
    expect(page.get_by_text("Charged: 1 credit, all that was held.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Limits of the plan")
    expect(row.get_by_role("cell").last).to_have_text("1")
    page.get_by_role("button", name="Give credits back…").click()
    expect(dialog_of(page).get_by_role("row").filter(has_text="Given back")).to_be_visible()
    fields = apply(page)
    assert fields["title"] == "Generation refunded"
    assert read(db, f"userGenerations/{made}")["refunded"] is True
    page.get_by_role("link", name="The generation").click()
    expect(page.get_by_text("Given back by an operator: 1 credit.")).to_be_visible()
    page.get_by_role("button", name="Generation refunded").click()
    expect(dialog_of(page).get_by_role("row").filter(has_text="Charged")).to_contain_text("1")
    check(page, 1280)
    assert newcomer.uid


def test_an_open_hold_says_until_when(visits: Visits, operator: Person, newcomer: Person) -> None:
    made = newcomer.begin("soon")
    page = visits.open(f"/admin/generations/{made}", operator)
    expect(page.get_by_text(re.compile(r"Held until .*: 1 credit\."))).to_be_visible()
    page.get_by_text("As JSON").click()
    expect(page.locator("pre")).to_contain_text(f'"id": "{made}"')


def test_a_generation_is_hidden(
    visits: Visits, operator: Person, newcomer: Person, made: str, db: firestore.Client
) -> None:
    page = visits.open(f"/admin/generations/{made}", operator)
    page.get_by_role("button", name="Hide from the history…").click()
    expect(dialog_of(page)).to_contain_text("Quota is not touched.")
    assert read(db, f"userGenerations/{made}")["isDeleted"] is False
    assert apply(page)["title"] == "Generation hidden"
    assert read(db, f"userGenerations/{made}")["isDeleted"] is True
    [entry] = entries(db, newcomer.uid)
    assert (entry["action"], entry["note"]) == ("hide-generation", NOTE)


def test_a_generation_is_removed_from_the_feed(
    visits: Visits, operator: Person, newcomer: Person, made: str, db: firestore.Client
) -> None:
    assert read(db, f"live_generations/{made}")
    page = visits.open(f"/admin/generations/{made}", operator)
    page.get_by_role("button", name="Remove from the live feed…").click()
    expect(dialog_of(page)).to_contain_text("for good")
    assert apply(page)["title"] == "Removed from the feed"
    assert read(db, f"live_generations/{made}") == {}
    assert [each["action"] for each in entries(db, newcomer.uid)] == ["remove-from-feed"]


def test_a_job_is_run(visits: Visits, operator: Person, db: firestore.Client) -> None:
    page = visits.open("/admin/system", operator)
    page.get_by_role("button", name="Run now… Reset periods").click()
    expect(
        dialog_of(page).get_by_role("listitem").filter(has_text="To the end: yes")
    ).to_be_visible()
    expect(dialog_of(page).get_by_role("heading", level=2)).to_have_text("Run a job: Reset periods")
    before = read(db, "jobs/runs").get("reset_periods", {})
    assert apply(page)["title"] == "Job run"
    run = read(db, "jobs/runs")["reset_periods"]
    assert run["byHand"] is True
    assert run["at"] != before.get("at")
    page.get_by_role("link", name="The jobs").click()
    row = page.get_by_role("row").filter(has_text="Reset periods")
    expect(row).to_contain_text("Finished")


def test_a_plan_is_edited(visits: Visits, operator: Person, db: firestore.Client) -> None:
    plan = f"try-{secrets.token_hex(3)}"
    page = visits.open("/admin/plans", operator)
    page.get_by_label("Id of a new plan").fill(plan)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text(f"There is no plan {plan} yet.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(SCRIPT)
    page.get_by_role("group", name="Limits (credits)", exact=True).get_by_label("Period").fill("7")
    page.get_by_label("add type").fill("video")
    page.get_by_role("group", name="Limits by type").get_by_role("button", name="Add").click()
    page.get_by_role("group", name="Video").get_by_label("Day").fill("2")
    prices = page.get_by_role("group", name="Prices")
    prices.get_by_role("button", name="Add").click()
    prices.get_by_label("Credits each").fill("3")
    prices.get_by_label("Type").select_option("video")
    page.get_by_label("Stripe").fill("price_a\nprice_b")
    page.get_by_role("button", name="Preview and apply…").click()
    row = dialog_of(page).get_by_role("row").filter(has_text="Limits, period")
    expect(row.get_by_role("cell").last).to_have_text("7")
    assert read(db, f"plans/{plan}") == {}
    check(page, 1280)
    assert apply(page)["title"] == "Plan edited"
    assert read(db, f"plans/{plan}") == {
        "active": True,
        "name": SCRIPT,
        "limits": {"period": 7},
        "limitsByType": {"video": {"day": 2}},
        "prices": [{"credits": 3, "type": "video"}],
        "products": {"stripe": ["price_a", "price_b"]},
        "version": 1,
    }
    page.get_by_role("link", name="The plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SCRIPT)
    assert page.locator("main script, main img[src=x]").count() == 0
    # Somebody else edits it meanwhile; nothing of theirs is overwritten.
    db.document(f"plans/{plan}").update({"rank": 5, "version": 2})
    page.get_by_label("Rank").fill("9")
    page.get_by_role("button", name="Preview and apply…").click()
    expect(dialog_of(page).get_by_role("alert")).to_be_visible()
    expect(dialog_of(page).get_by_role("button", name="Apply")).to_be_disabled()
    visits.forgive("status of 409")
    # A plan cannot say this.
    db.document(f"plans/{plan}").delete()


def test_what_if_finds_who_would_be_over(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    plan = f"try-{secrets.token_hex(3)}"
    db.document(f"plans/{plan}").set({"limits": {"period": 5}})
    newcomer.call("get_usage")
    db.document(f"users/{newcomer.uid}").update({"planId": plan})
    for _ in range(2):
        newcomer.succeed(newcomer.begin("used"))
    page = visits.open("/admin/plans", operator)
    card = page.get_by_role("region", name=plan)
    expect(card).to_contain_text("1 user")
    card.get_by_role("link").click()
    page.get_by_role("button", name="Check 1 user").click()
    expect(page.get_by_text("None of 1 would be over a limit.")).to_be_visible()
    page.get_by_role("group", name="Limits (credits)", exact=True).get_by_label("Period").fill("1")
    page.get_by_role("button", name="Check 1 user").click()
    row = page.get_by_role("row").filter(has_text=newcomer.email)
    expect(row).to_contain_text("This period: 2 taken of 1")
    assert read(db, f"plans/{plan}")["limits"] == {"period": 5}
    check(page, 1280)
    db.document(f"users/{newcomer.uid}").update({"planId": None})
    db.document(f"plans/{plan}").delete()


def test_a_manual_subscription_is_put_changed_and_ended(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    page = visits.open("/admin/subscriptions", operator)
    page.get_by_role("button", name="Give a subscription…").click()
    end = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    fill(page, {"User id": newcomer.uid, "Plan id": "plus", "Period ends": end})
    key = dialog_of(page).get_by_label("Subscription id").input_value()
    row = dialog_of(page).get_by_role("row").filter(has_text="This period")
    expect(row).to_contain_text("0 of 100 used")
    assert apply(page)["title"] == "Subscription put"
    subscription = read(db, f"subscriptions/{key}")
    assert (subscription["planId"], subscription["status"]) == ("plus", "active")
    assert subscription["currentPeriodEnd"].date().isoformat() == end
    page.goto(f"/admin/subscriptions?planId=plus&endsBefore={end}")
    row = page.get_by_role("row").filter(has_text=newcomer.email)
    expect(page.get_by_text("subscriptions").first).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_label("Ends before").fill("2099-01-01")
    expect(row.get_by_role("button", name="Change…")).to_be_visible()
    check(page, 320, 1280)
    row.get_by_role("button", name="Change…").click()
    fill(page, {"Plan id": "pro"})
    assert apply(page)["title"] == "Subscription put"
    assert read(db, f"subscriptions/{key}")["planId"] == "pro"
    page.go_back()
    page.get_by_label("Plan").fill("pro")
    page.keyboard.press("Enter")
    row.get_by_role("button", name="End…").click()
    assert apply(page)["title"] == "Subscription ended"
    assert read(db, f"users/{newcomer.uid}")["subscription"] is None


def test_an_event_is_resolved(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    receipt = unmatched_event(visits, newcomer)
    page = visits.open("/admin/system", operator)
    row = page.get_by_role("row").filter(has_text=receipt)
    expect(row).to_contain_text("the plan or pack of its products")
    expect(row).to_contain_text(newcomer.email)
    row.get_by_role("button", name="Resolve the event…").click()
    fill(page, {"Plan that its products are": "plus"})
    assert apply(page)["title"] == "Event resolved"
    assert read(db, f"webhookEvents/{receipt}")["status"] == "processed"
    assert read(db, f"users/{newcomer.uid}")["subscription"]["planId"] == "plus"


def unmatched_event(visits: Visits, person: Person) -> str:
    """Let a provider report a purchase of what no plan names; return the receipt's id."""
    from google.cloud.firestore import Client  # noqa: PLC0415

    from genquota.billing.domain.provider_events import ProviderEvent  # noqa: PLC0415
    from genquota.billing.domain.subscription_facts import (  # noqa: PLC0415
        PlanItem,
        StatusReport,
        SubscriptionUpdate,
    )
    from genquota.billing.use_cases.apply_event import apply_event  # noqa: PLC0415
    from genquota.domain.enums import Provider, SubscriptionStatus  # noqa: PLC0415
    from genquota.domain.policy import Policy  # noqa: PLC0415
    from genquota.store.documents import Clock  # noqa: PLC0415
    from genquota.use_cases.core.context import Context  # noqa: PLC0415

    now = datetime.now(UTC)
    update = SubscriptionUpdate(
        f"sub_{person.uid}",
        status=StatusReport(SubscriptionStatus.ACTIVE, "active"),
        items=(PlanItem(("price_unlisted",), now, now + timedelta(days=31)),),
    )
    event = ProviderEvent(
        Provider.STRIPE,
        f"evt_{person.uid}",
        "customer.subscription.created",
        now,
        customer_id=f"cus_{person.uid}",
        user_id=person.uid,
        subscription=update,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", visits.suite.host("firestore"))
        client = Client(project=visits.suite.project)
    assert apply_event(Context(client, Clock(), Policy()), event).problem == "unknown-product"
    client.close()
    return f"stripe_evt_{person.uid}"


def test_a_deleted_user_is_let_in_again(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.begin("soon gone")
    newcomer.call("delete_my_data")
    assert read(db, f"users/{newcomer.uid}")["isDeleted"] is True
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    choose(page, "Let sign up again")
    assert apply(page)["title"] == "User restored"
    visits.forgive("status of 404")  # until they sign up, there is no such user
    assert not read(db, f"users/{newcomer.uid}").get("isDeleted")
    found = db.collection("auditLog").where(filter=FieldFilter("userId", "==", newcomer.uid))
    assert "restore-user" in [(each.to_dict() or {})["action"] for each in found.stream()]


def test_all_that_is_kept_of_a_user_is_exported(
    visits: Visits, operator: Person, newcomer: Person, made: str
) -> None:
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    with page.expect_download() as saved:
        page.get_by_role("button", name="All their data as JSON").click()
    documents = json.loads(saved.value.path().read_text())
    paths = {each["path"] for each in documents}
    assert {f"users/{newcomer.uid}", f"userGenerations/{made}"} <= paths


def test_filters_reach_the_list_the_bars_and_the_export(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    newcomer.succeed(newcomer.begin("=1+1", engine=SCRIPT))
    newcomer.fail(newcomer.begin(f"{SCRIPT} failed", engine=SCRIPT), SCRIPT)
    page = visits.open(f"/admin/generations?userId={newcomer.uid}", operator)
    expect(page.get_by_role("row").filter(has_text="=1+1")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=f"{SCRIPT} failed")).to_be_visible()
    expect(page.get_by_role("region", name="Not done")).to_contain_text("1")
    expect(page.get_by_role("region", name="Success rate")).to_contain_text("50%")
    expect(page.get_by_role("link", name=newcomer.email).first).to_be_visible()
    assert page.locator("main script, main img[src=x]").count() == 0
    page.get_by_label("Status").select_option("failed")
    expect(page.get_by_role("row").filter(has_text="=1+1")).to_have_count(0)
    rows = exported(page)
    assert [(row["promptText"], row["errorMessage"]) for row in rows] == [
        (f"{SCRIPT} failed", SCRIPT)
    ]
    page.get_by_label("Status").select_option("success")
    expect(page.get_by_role("row").filter(has_text="=1+1")).to_be_visible()
    [row] = exported(page)
    assert row["promptText"] == "'=1+1"
    page.get_by_label("Status").select_option("")
    # A bar leads to its day.
    page.locator(".bars a").last.click()
    today = datetime.now(UTC).date().isoformat()
    expect(page.get_by_label("From")).to_have_value(today)
    expect(page.get_by_role("row").filter(has_text="=1+1")).to_be_visible()
    assert "zone=" in page.url
    page.get_by_role("row").filter(has_text=f"{SCRIPT} failed").get_by_role("link").first.click()
    expect(page.get_by_text(f"Error: {SCRIPT}")).to_be_visible()
    expect(page.get_by_text("Nothing was charged. Came back: 1 credit.")).to_be_visible()
    assert page.locator("main script, main img[src=x]").count() == 0


def exported(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    return list(csv.DictReader(io.StringIO(saved.value.path().read_text())))


def test_each_table_of_the_overview_is_saved(visits: Visits, operator: Person) -> None:
    page = visits.open("/admin?range=30", operator)
    choice = page.get_by_label("Table to save")
    choice.select_option("Days")
    rows = exported(page)
    assert len(rows) == 30
    shown = sum(int(row["total"]) for row in rows)
    choice.select_option("Types")
    assert sum(int(row["total"]) for row in exported(page)) == shown > 100


def test_an_export_follows_the_list_to_its_end_and_can_be_stopped(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.call("get_usage")
    now = datetime.now(UTC)
    batch = db.batch()
    for number in range(120):
        entry = {"at": now - timedelta(minutes=number), "userId": newcomer.uid, "note": "-2+3"}
        entry |= {"actorId": operator.uid, "action": "set-plan", "before": {}, "after": {"n": 1}}
        batch.set(db.document(f"auditLog/many-{newcomer.uid}-{number:03}"), entry)
    batch.commit()
    page = visits.open(f"/admin/audit?userId={newcomer.uid}", operator)
    expect(page.get_by_text("The latest 100 entries")).to_be_visible()
    rows = exported(page)
    assert len(rows) == 120
    assert {row["note"] for row in rows} == {"'-2+3"}
    assert rows[0]["after"] == '{"n":1}'
    held: list[Any] = []
    page.route(re.compile(r"audit-log.*cursor="), lambda route: held.append(route))  # noqa: PLW0108
    page.get_by_role("button", name="Save as CSV").click()
    expect(page.get_by_text("100 so far…")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. Nothing was saved.")).to_be_visible()
    for route in held:
        route.continue_()
    for number in range(120):
        db.document(f"auditLog/many-{newcomer.uid}-{number:03}").delete()


def test_what_is_stalled_is_listed(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    made = newcomer.begin("never reported")
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    db.document(f"userGenerations/{made}").update({"createdAt": long_ago})
    page = visits.open("/admin/system", operator)
    expect(page.get_by_role("region", name="Stalled generations")).to_contain_text("1")
    page.get_by_role("link", name="Show them").click()
    expect(page.get_by_role("row").filter(has_text="never reported")).to_be_visible()
    check(page, 1280)
    db.document(f"userGenerations/{made}").delete()


def test_an_operator_sees_a_generation_within_two_seconds_and_can_pause(
    visits: Visits, operator: Person, newcomer: Person
) -> None:
    page = visits.open("/admin/live", operator)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    newcomer.call("get_usage")
    made = newcomer.begin(f"{SCRIPT} live", engine=SCRIPT)
    row = page.get_by_role("row").filter(has_text=f"{SCRIPT} live")
    expect(row).to_be_visible(timeout=2000)
    expect(row.get_by_role("link", name=newcomer.email)).to_be_visible()
    assert page.locator("main script, main img[src=x]").count() == 0
    page.get_by_role("button", name="Pause", exact=True).click()
    newcomer.begin("while it is paused")
    expect(page.get_by_role("button", name="Resume (1 new)")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="while it is paused")).to_have_count(0)
    newcomer.succeed(made)
    expect(row.get_by_text("Done")).to_be_visible()
    page.get_by_role("button", name="Resume (1 new)").click()
    expect(page.get_by_role("row").filter(has_text="while it is paused")).to_be_visible()
    page.get_by_role("button", name="Video").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Image").click()
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Generation")


def test_a_demoted_admin_watches_no_more(
    visits: Visits, newcomer: Person, db: firestore.Client
) -> None:
    make_admin(newcomer, db)
    page = visits.open("/admin/live", newcomer)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    db.document(f"users/{newcomer.uid}").update({"role": "user"})
    expect(page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
    for path in ("generations", "plans", "subscriptions", "audit", "system"):
        page.goto(f"/admin/{path}")
        expect(page.get_by_role("alert").first).to_contain_text("This is for admins only.")
        expect(page.get_by_role("table")).to_have_count(0)
    page.goto("/admin/live")
    expect(page.get_by_role("alert")).to_be_visible()
    visits.forgive("status of 403|FirebaseError")
