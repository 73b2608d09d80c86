"""A reader's browser: their pages, what these said to the console, and whom they called."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.web.person import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from dev.suite import Suite
    from tests.web.person import Person

TRACE = "TRACE" in os.environ  # records what each page looked like, step by step: it takes time


class Visits:
    """Opens pages, and remembers what they did."""

    def __init__(self, suite: Suite, browser: Browser, sessions: dict[str, Any]) -> None:
        self.suite, self.browser, self.sessions = suite, browser, sessions
        self.complaints: list[str] = []
        self.foreign_requests: list[str] = []
        self._ports = set(suite.ports.values())
        # Pictures of generations lie elsewhere. They are not loaded, but they may be wished for.
        self._forgiven = ["ERR_NAME_NOT_RESOLVED"]
        self._contexts: list[BrowserContext] = []

    @property
    def site(self) -> str:
        return f"http://{self.suite.host('hosting')}"

    def open(
        self, path: str, person: Person | None = None, *, width: int = 1280, script: str = ""
    ) -> Page:
        """Open a page in a browser of its own, signed in as a person; the script runs before any other."""
        page = self._new_page(person, width, script)
        page.goto(path)
        if person and person.uid not in self.sessions:
            sign_in(page, person)
            expect(page.get_by_role("navigation", name="Pages", exact=True)).to_be_visible()
            self.sessions[person.uid] = page.context.storage_state(indexed_db=True)
        return page

    def prepare(self, person: Person, *, script: str = "") -> Page:
        """Return a page that has loaded nothing yet, in a browser where the person is signed in."""
        if person.uid not in self.sessions:
            self.open("/nowhere", person)
        return self._new_page(person, 1280, script)

    def _new_page(self, person: Person | None, width: int, script: str) -> Page:
        context = self.browser.new_context(
            base_url=self.site,
            viewport={"width": width, "height": 800},
            locale="en-GB",  # without one the browser takes "en-US@posix", and Intl throws
            timezone_id="Europe/Berlin",
            storage_state=self.sessions.get(person.uid) if person else None,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        if TRACE:
            context.tracing.start(screenshots=True, snapshots=True)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self._note(request.url, request.resource_type))
        if script:
            context.add_init_script(script)
        return context.new_page()

    def allow(self, port: int) -> None:
        """Let the pages call a server of the test's own, beside the suite."""
        self._ports.add(port)

    def forgive(self, what: str) -> None:
        """Forget the browser's own lines about something that was meant, and those still to come."""
        self._forgiven.append(what)
        self.complaints = [each for each in self.complaints if not re.search(what, each)]

    def end(self, keep_at: Path | None) -> None:
        """Close all pages; show what they looked like in a folder, if one is named."""
        for index, context in enumerate(self._contexts):
            if keep_at:
                keep_at.mkdir(parents=True, exist_ok=True)
                context.pages[0].screenshot(path=keep_at / f"{index}.png", full_page=True)
            if TRACE:
                context.tracing.stop(path=keep_at / f"{index}-trace.zip" if keep_at else None)
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        is_meant = any(re.search(what, message.text) for what in self._forgiven)
        if message.type in ("error", "warning") and not is_meant:
            self.complaints.append(message.text)

    def _note(self, url: str, kind: str) -> None:
        address = urlsplit(url)
        is_home = address.hostname == "127.0.0.1" and address.port in self._ports
        if kind != "image" and address.scheme not in ("data", "blob") and not is_home:
            self.foreign_requests.append(url)


def sign_in(page: Page, person: Person) -> None:
    """Sign in by the form, wherever it has come up."""
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
