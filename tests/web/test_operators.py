"""What operators do through the dialog, and what the database says afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.firestore import FieldFilter
from playwright.sync_api import expect

from tests.web.conftest import make_admin
from tests.web.readability import check

if TYPE_CHECKING:
    from google.cloud import firestore
    from playwright.sync_api import Page

    from tests.web.person import Person
    from tests.web.visit import Visits

Facts = dict[str, Any]
NOTE = "ticket 4711"

VERBS: dict[str, tuple[dict[str, str | bool], str]] = {
    "Give a plan": ({"Plan id": "plus"}, "set-plan"),
    "Change a limit, a rate or the overage": ({"Credits": "7"}, "set-limits"),
    "Give extra credits": ({"Credits": "5"}, "give-grant"),
    "Reset today": ({}, "reset-daily"),
    "Reset this week": ({}, "reset-weekly"),
    "Reset this month": ({}, "reset-monthly"),
    "Reset this quarter": ({}, "reset-quarterly"),
    "Reset this period": ({}, "reset-period"),
    "Change the role": ({"Role": "service"}, "set-role"),
    "Change the time zone": ({"Time zone": "Asia/Tokyo"}, "set-timezone"),
    "Disable or enable": ({"Disabled": True}, "set-disabled"),
}
"""What is chosen, what is typed, and the action that the audit log has of it."""


def choose(page: Page, verb: str) -> None:
    # A dialog that was just closed is taken away by an event of its own.
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_label("Change something").select_option(verb)
    expect(page.get_by_role("dialog")).to_contain_text(verb)


def fill(page: Page, values: dict[str, str | bool]) -> None:
    for label, value in values.items():
        field = page.get_by_role("dialog").get_by_label(label)
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def entries(db: firestore.Client, uid: str) -> list[Facts]:
    found = db.collection("auditLog").where(filter=FieldFilter("userId", "==", uid)).stream()
    return [each.to_dict() or {} for each in found]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_previewed_then_done(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client, verb: str
) -> None:
    values, action = VERBS[verb]
    newcomer.succeed(newcomer.begin("so that there is something to reset"))
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    choose(page, verb)
    fill(page, values)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("table")).to_be_visible()
    assert entries(db, newcomer.uid) == []
    expect(dialog.get_by_role("button", name="Apply")).to_be_disabled()
    dialog.get_by_label("Why").fill(NOTE)
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    [entry] = entries(db, newcomer.uid)
    assert (entry["action"], entry["note"], entry["actorId"]) == (action, NOTE, operator.uid)


def test_the_preview_is_what_comes_true(visits: Visits, operator: Person, newcomer: Person) -> None:
    newcomer.succeed(newcomer.begin("one is used"))
    page = visits.open(f"/admin/users/{newcomer.uid}", operator)
    choose(page, "Change a limit, a rate or the overage")
    fill(page, {"Credits": "3", "Why": NOTE})
    row = page.get_by_role("dialog").get_by_role("row").filter(has_text="This period")
    expect(row).to_have_text(re.compile("1 of 10 used.*1 of 3 used"))
    check(page, 1280)
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.get_by_role("region", name="This period")).to_contain_text("2 left")
    choose(page, "Change a limit, a rate or the overage")
    fill(page, {"Credits": "3"})
    expect(page.get_by_role("dialog")).to_contain_text("It is so already.")
    expect(page.get_by_role("dialog").get_by_role("button", name="Apply")).to_be_disabled()


def test_a_generation_is_given_back_and_a_grant_taken_back(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    made = newcomer.begin("a picture that came out black")
    newcomer.succeed(made)
    page = visits.open(f"/admin/users/{newcomer.uid}?tab=generations", operator)
    page.get_by_role("button", name="a picture that came out black").click()
    page.get_by_role("button", name="Give credits back…").click()
    fill(page, {"Why": NOTE})
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    assert (db.document(f"userGenerations/{made}").get().to_dict() or {})["refunded"] is True

    page.get_by_role("link", name="Grants & overrides").click()
    choose(page, "Give extra credits")
    fill(page, {"Credits": "5"})
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.get_by_role("cell", name="Taken back")).to_be_visible()


def test_a_user_is_deleted_by_who_types_their_email(
    visits: Visits, operator: Person, newcomer: Person, db: firestore.Client
) -> None:
    newcomer.begin("soon gone")
    page = visits.open("/admin/users", operator)
    page.keyboard.press("/")
    page.keyboard.type(newcomer.email.upper())
    page.keyboard.press("Enter")
    page.get_by_role("link", name=newcomer.email).click()
    choose(page, "Delete the user")
    fill(page, {"Why": NOTE})
    apply = page.get_by_role("dialog").get_by_role("button", name="Apply")
    expect(apply).to_be_disabled()
    fill(page, {"Type": newcomer.email})
    apply.click()
    expect(page.get_by_text("Deleted", exact=True)).to_be_visible()
    assert (db.document(f"users/{newcomer.uid}").get().to_dict() or {})["isDeleted"] is True


def test_who_is_no_admin_sees_nothing(visits: Visits, newcomer: Person) -> None:
    page = visits.open("/admin", newcomer)
    expect(page.get_by_role("alert")).to_contain_text("This is for admins only.")
    expect(page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
    visits.forgive("status of 403")


def test_a_demoted_admin_loses_the_pages(
    visits: Visits, newcomer: Person, db: firestore.Client
) -> None:
    make_admin(newcomer, db)
    page = visits.open("/admin/users", newcomer)
    page.get_by_role("link", name="Paula Plus").click()
    expect(page.get_by_role("link", name="Admin", exact=True)).to_be_visible()
    about = page.get_by_role("navigation", name="About this user")
    generations = about.get_by_role("link", name="Generations")
    expect(generations).to_be_visible()
    db.document(f"users/{newcomer.uid}").update({"role": "user"})
    generations.click()
    expect(page.get_by_role("alert")).to_contain_text("This is for admins only.")
    expect(page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
    visits.forgive("status of 403")
