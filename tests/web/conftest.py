"""The pages, in a real browser, served by Hosting beside the whole suite of emulators."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore
from playwright.sync_api import expect, sync_playwright

from dev.browser import chromium, environment
from dev.plans import load_shipped_plans
from dev.setup import ROOT, RUN
from dev.suite import EMULATORS, emulator_suite, free_ports
from tests.web.person import sign_in, sign_up
from tests.web.visit import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from dev.suite import Suite
    from tests.web.person import Person

expect.set_options(timeout=20_000)  # the first listener on a busy machine has taken five seconds
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Pages reach nothing elsewhere. A route would do, but it turns the browser's cache off."""


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """Run the emulators with four people who have generated for a month."""
    emulators = [each for each in EMULATORS if each != "pubsub"]  # no page waits for a schedule
    with emulator_suite(f"demo-web-{secrets.token_hex(4)}", free_ports(), emulators) as suite:
        load_shipped_plans(suite)
        ops(suite, "seed", "--months", "1")
        yield suite
    if not request.session.testsfailed:
        shutil.rmtree(suite.log.parent)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(path).items():
            patch.setenv(name, value)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=[ONLY_HERE])
            yield browser
            browser.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Remember who has signed in, by uid."""
    return {}


@pytest.fixture
def visits(
    suite: Suite, browser: Browser, sessions: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[Visits]:
    """Give what opens pages; afterwards, none of them has complained or called elsewhere."""
    visits = Visits(suite, browser, sessions)
    yield visits
    folder = RUN / "web" / re.sub(r"\W+", "_", request.node.name)
    is_well = not (visits.complaints or visits.foreign_requests or request.session.testsfailed)
    visits.end(None if is_well else folder)
    assert (visits.complaints, visits.foreign_requests) == ([], [])


@pytest.fixture(scope="session")
def paula(suite: Suite) -> Person:
    """Give the made-up user of the plan plus."""
    return sign_in(suite, "plus.user@example.com")


@pytest.fixture(scope="session")
def db(suite: Suite) -> Iterator[firestore.Client]:
    """Give the database, to look at what a page has done."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", suite.host("firestore"))
        client = firestore.Client(project=suite.project)
    yield client
    client.close()


@pytest.fixture(scope="session")
def operator(suite: Suite, db: firestore.Client) -> Person:
    """Give an admin."""
    person = sign_up(suite, "operator@example.com")
    make_admin(person, db)
    return person


@pytest.fixture
def newcomer(suite: Suite) -> Person:
    """Give somebody who has only just signed up."""
    return sign_up(suite, f"new-{secrets.token_hex(4)}@example.com")


def ops(suite: Suite, *words: str) -> None:
    """Run an operator's command."""
    subprocess.run(
        [sys.executable, "-m", "ops", *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, **suite.environment()},
        timeout=300,
    )


def make_admin(person: Person, db: firestore.Client) -> None:
    person.call("get_usage")  # it makes the document
    db.document(f"users/{person.uid}").update({"role": "admin"})


def pytest_sessionstart() -> None:
    shutil.rmtree(RUN / "web", ignore_errors=True)
