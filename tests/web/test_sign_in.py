"""Sign-in by another service, and the site's own settings: its name, the link to the app."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.web.provider import CLIENT, Provider, provider
from tests.web.readability import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.web.person import Person
    from tests.web.visit import Visits

APP = {"name": "Back to the studio", "url": "https://studio.example.com/"}


@pytest.fixture
def service(visits: Visits) -> Iterator[Provider]:
    """Give the service; somebody with a new address is signed in to it."""
    with provider() as service:
        visits.allow(service.port)
        name = secrets.token_hex(4)
        service.claims = {
            "sub": name,
            "email": f"{name}@example.com",
            "email_verified": True,
            "name": "Gina Google",
        }
        yield service


def set_up(page: Page, settings: object) -> None:
    """Serve these settings with the site from now on."""
    body = settings if isinstance(settings, str) else json.dumps(settings)
    page.route(
        "**/settings.json",
        lambda route: route.fulfill(body=body, content_type="application/json"),
    )


def settings(visits: Visits, service: Provider, id_: str = "google.com") -> dict[str, Any]:
    asked = {"id": id_, "name": "Google", "authorize": service.endpoint}
    google = {**asked, "clientIds": {visits.suite.project: CLIENT}}
    other = {"id": "oidc.other", "name": "Other", "authorize": "https://example.com/authorize"}
    elsewhere = {**other, "clientIds": {"another-project": "abc"}}
    return {"brand": "Studio Nine", "app": APP, "providers": [google, elsewhere]}


def begin(visits: Visits, service: Provider, path: str, id_: str = "google.com") -> Page:
    """Ask for a page, signed out, and go to the service."""
    page = visits.open("/sign-in")
    set_up(page, settings(visits, service, id_))
    page.goto(path)
    page.get_by_role("button", name="Continue with Google").click()
    return page


@pytest.mark.parametrize("id_", ["google.com", "oidc.example"])
def test_who_asked_for_a_page_gets_to_it_by_another_service(
    visits: Visits, service: Provider, id_: str
) -> None:
    page = visits.open("/sign-in")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    set_up(page, settings(visits, service, id_))
    page.goto("/history?status=failed")
    expect(page.get_by_role("button", name="Continue with Google")).to_be_visible()
    expect(page.get_by_role("button", name="Continue with Other")).to_have_count(0)
    check(page, 1280)
    page.get_by_role("button", name="Continue with Google").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    expect(page).to_have_url(f"{visits.site}/history?status=failed")
    expect(page.get_by_text(service.claims["email"])).to_be_visible()
    [asked] = service.asked
    assert re.fullmatch(r"[0-9a-f]{64}", asked.pop("nonce"))
    assert len(asked.pop("state")) >= 32
    assert asked == {
        "tenant": "one",
        "response_type": "id_token",
        "scope": "openid email profile",
        "client_id": CLIENT,
        "redirect_uri": f"{visits.site}/sign-in",
    }
    [handed] = [each for each in sent if "signInWithIdp" in each]
    assert ("nonce=" in handed) == (id_ != "google.com")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("status")).to_have_count(0)  # the answer is not taken once more


def test_the_token_is_in_no_address_when_the_page_is_there(
    visits: Visits, service: Provider
) -> None:
    page = begin(visits, service, "/usage")
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    page.go_back()  # to before the service: nothing there either
    assert "id_token" not in page.url


def test_who_cancels_is_told_so_and_may_try_again(visits: Visits, service: Provider) -> None:
    service.error = "access_denied"
    page = begin(visits, service, "/history")
    expect(page.get_by_role("status")).to_have_text(
        "You have cancelled it there. Nothing has changed."
    )
    expect(page).to_have_url(f"{visits.site}/history")
    service.error = ""
    page.get_by_role("button", name="Continue with Google").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History")


@pytest.mark.parametrize("part", ["state", "nonce"])
def test_an_answer_to_something_else_signs_nobody_in(
    visits: Visits, service: Provider, part: str
) -> None:
    service.change = {part: "of-another"}
    sent: list[str] = []
    page = visits.open("/sign-in")
    page.on("request", lambda request: sent.append(request.url))
    set_up(page, settings(visits, service))
    page.goto("/usage")
    page.get_by_role("button", name="Continue with Google").click()
    expect(page.get_by_role("status")).to_contain_text("This answer belongs to")
    assert "#" not in page.url
    assert not [each for each in sent if "signInWithIdp" in each]
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("status")).to_have_count(0)


def test_an_answer_that_nobody_asked_for_signs_nobody_in(visits: Visits) -> None:
    page = visits.open("/sign-in#id_token=a.b.c&state=made-up")
    expect(page.get_by_role("status")).to_contain_text("no sign-in that was begun here")
    expect(page).to_have_url(f"{visits.site}/sign-in")


def test_a_token_that_firebase_refuses_is_told(visits: Visits, service: Provider) -> None:
    del service.claims["sub"]
    page = begin(visits, service, "/usage")
    expect(page.get_by_role("status")).to_have_text(
        "The sign-in was not accepted. Please try again."
    )
    visits.forgive("status of 400")


def test_an_account_with_another_way_in_is_told(
    visits: Visits, service: Provider, newcomer: Person
) -> None:
    service.claims |= {"email": newcomer.email, "email_verified": False}
    page = begin(visits, service, "/usage")
    expect(page.get_by_role("status")).to_have_text(
        "There is an account with this email. Sign in to it as you did before."
    )


def test_the_brand_and_the_app_are_those_of_the_settings(
    visits: Visits, service: Provider, paula: Person
) -> None:
    page = visits.open("/sign-in")
    set_up(page, settings(visits, service))
    page.reload()
    expect(page).to_have_title("Sign in · Studio Nine")
    expect(page.locator("form")).to_contain_text("Studio Nine")
    page = visits.open("/profile", paula)
    set_up(page, settings(visits, service))
    page.goto("/usage")
    expect(page).to_have_title("Usage · Studio Nine")
    expect(page.get_by_role("banner")).to_contain_text("Studio Nine")
    link = page.get_by_role("banner").get_by_role("link", name=APP["name"])
    expect(link).to_have_attribute("href", APP["url"])
    check(page, 1280)
    page.goto("/profile")
    page.set_viewport_size({"width": 320, "height": 800})
    expect(page.get_by_role("main").get_by_role("link", name=APP["name"])).to_be_visible()
    check(page, 320)


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "[1",
        {"brand": 7},
        {"app": {"name": "x", "url": "javascript:alert(1)"}},
        {"providers": {"id": "google.com"}},
        {"providers": [{"id": "facebook.com", "name": "F"}]},
        {"providers": [{"id": "google.com", "name": "G"}, {"id": "google.com", "name": "G"}]},
        {"providers": [{"id": "oidc.x", "name": "X", "authorize": "javascript:alert(1)"}]},
    ],
    ids=str,
)
def test_wrong_settings_are_said_in_the_console_and_do_no_harm(
    visits: Visits, wrong: object
) -> None:
    page = visits.open("/nowhere")
    set_up(page, wrong)
    with page.expect_console_message(lambda message: message.type == "error") as fields:
        page.goto("/sign-in")
    assert "settings.json" in fields.value.text
    expect(page).to_have_title("Sign in · Genquota")
    expect(page.get_by_role("button", name="Continue with")).to_have_count(0)
    visits.forgive("settings.json")


def test_missing_settings_are_the_defaults(visits: Visits) -> None:
    page = visits.open("/nowhere")
    page.route(  # what Hosting answers where no file is
        "**/settings.json",
        lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
    )
    page.goto("/sign-in")
    expect(page).to_have_title("Sign in · Genquota")


def test_the_numbers_do_not_wait_for_the_settings(visits: Visits, paula: Person) -> None:
    page = visits.open("/profile", paula)
    page.route("**/settings.json", lambda _: None)  # it is never answered
    page.goto("/usage")
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    expect(page).to_have_title("Usage")
