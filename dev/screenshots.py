"""`make screenshots`: pictures of the main pages for the documentation, of made-up people."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from dev.browser import chromium, environment
from dev.plans import load_shipped_plans
from dev.setup import ROOT, SetupError
from dev.suite import Suite, emulator_suite, free_ports
from ops.seeding.personas import PASSWORD, PEOPLE

IMAGES = ROOT / "docs" / "images"
USER, ADMIN = PEOPLE[1], PEOPLE[2]
PICTURES = {
    "usage": (USER.email, "/usage", "light"),
    "usage-dark": (USER.email, "/usage", "dark"),
    "live": (USER.email, "/live", "light"),
    "admin": (ADMIN.email, "/admin?range=30", "light"),
    "generations": (ADMIN.email, "/admin/generations", "light"),
    "user": (ADMIN.email, "/admin/users/user_test_plus_1", "light"),
    "system": (ADMIN.email, "/admin/system", "light"),
}
"""By name: who looks, at what, in which theme."""


def main() -> int:
    """Take all pictures anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with emulator_suite("demo-screenshots", free_ports()) as suite:
        load_shipped_plans(suite)
        _fill(suite)
        browser_path = chromium()
        os.environ.update(environment(browser_path))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path)
            for name, (email, path, theme) in PICTURES.items():
                page = browser.new_page(
                    base_url=f"http://{suite.host('hosting')}",
                    viewport={"width": 1280, "height": 800},
                    color_scheme="dark" if theme == "dark" else "light",
                    reduced_motion="reduce",
                    locale="en-GB",
                    timezone_id="Europe/Berlin",
                )
                _show(page, path, email)
                page.screenshot(path=IMAGES / f"{name}.png")
                page.close()
            browser.close()
    return 0


def _fill(suite: Suite) -> None:
    env = {**os.environ, **suite.environment()}
    operator = ("--email", ADMIN.email, "--note", "somebody has to look after it")
    for command in (("seed", "--months", "1"), ("admin", *operator)):
        ops = [sys.executable, "-m", "ops", *command]
        subprocess.run(ops, cwd=ROOT, check=True, env=env, capture_output=True)
    _generate(suite, USER.email, {"a fox that reads by candle light": "", "rain on a tin roof": ""})
    _generate(
        suite,
        ADMIN.email,
        {
            "a lighthouse in fog, watercolour": "success",
            "the harbour at dawn, slow pan": "success",
            "a choir in an empty station": "failed",
        },
    )


def _generate(suite: Suite, email: str, wishes: dict[str, str]) -> None:
    """Generate as an app does, so that the live feed shows something: prompts, and what came of each."""
    accounts = f"http://{suite.host('auth')}/identitytoolkit.googleapis.com/v1/accounts"
    login = {"email": email, "password": PASSWORD, "returnSecureToken": True}
    signed_in = httpx.post(f"{accounts}:signInWithPassword?key=any", json=login, timeout=60).json()
    functions = f"http://{suite.host('functions')}/{suite.project}/{suite.region}"
    headers = {"authorization": f"Bearer {signed_in['idToken']}"}

    def call(name: str, **data: str) -> dict[str, str]:
        body = {"data": data}
        answer = httpx.post(f"{functions}/{name}", json=body, headers=headers, timeout=60)
        if not answer.is_success:
            raise SetupError(f"{name}: {answer.text}")
        found: dict[str, str] = answer.json()["result"]
        return found

    for number, (prompt, outcome) in enumerate(wishes.items()):
        wish = {
            "promptId": f"p{number}",
            "promptText": prompt,
            "idempotencyKey": f"picture-{number}",
        }
        kind = ("image", "video", "audio")[number % 3]
        made = call("create_generation", **wish, type=kind, engine=("flux-1", "sdxl")[number % 2])
        if outcome:
            report = {"generationId": made["generationId"], "generationStatus": outcome}
            if outcome == "success":
                report["imageUrl"] = "https://images.example.com/1.png"
            call("update_generation", **report)


def _show(page: Page, path: str, email: str) -> None:
    page.goto(path)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()
    page.get_by_role("navigation", name="Pages", exact=True).wait_for()
    page.wait_for_timeout(6000)  # listeners and charts come one after the other
    expect(page.locator(".skeleton")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(1000)


if __name__ == "__main__":
    sys.exit(main())
