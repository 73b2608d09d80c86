"""How many documents it costs to open a page. docs/dashboard.md says the same numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from secrets import choice
from string import ascii_lowercase
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.reads import LISTEN, Counter, counted_api, heard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from google.cloud import firestore
    from playwright.sync_api import Page

    from dev.suite import Suite
    from tests.web.person import Person
    from tests.web.visit import Visits

USAGE, LIVE, ADMIN = 35, 50, 160
"""At most, for opening the page."""
QUIET = 1500
"""Milliseconds without a read after which a page is open."""
IDLE = 5000
"""Milliseconds in which an open page reads nothing."""


@pytest.fixture(scope="module", params=["admins", "public"])
def api(
    request: pytest.FixtureRequest, suite: Suite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Counter]:
    log: Path = tmp_path_factory.mktemp("api") / "api.log"
    with counted_api(suite, log, LIVE_FEED="named", ANALYTICS=request.param) as api:
        yield api


@pytest.fixture
def full_feed(paula: Person, db: firestore.Client) -> Iterator[None]:
    """Let the feed have more entries than a page shows."""
    made = paula.begin("one of very many")
    paula.succeed(made)
    entry = db.document(f"live_generations/{made}").get().to_dict() or {}
    copies = [db.document(f"live_generations/copy-{number}") for number in range(60)]
    newest = datetime.now(UTC)
    batch = db.batch()
    for number, copy in enumerate(copies):
        at = newest - timedelta(milliseconds=number)
        batch.set(copy, {**entry, "timestamp": at, "prompt": f"copy {number}"})
    batch.commit()
    yield
    batch = db.batch()
    for copy in copies:
        batch.delete(copy)
    batch.commit()


def opened(visits: Visits, api: Counter, path: str, person: Person) -> tuple[Page, int]:
    """Open a page a second time, with the API that counts. Return what the API had read before."""
    visits.open(
        path, person
    )  # what comes with the first visit of all: the document, the statistics
    page = visits.prepare(person, script=LISTEN)
    api.refresh(person)
    page.context.route("**/api/**", lambda route: api.serve(route))  # noqa: PLW0108 - Playwright marks what it is given
    before = api.reads()
    page.goto(path)
    return page, before


def settled(page: Page, api: Counter) -> int:
    """Wait until nothing is read any more; return how much has been."""
    expect(page.get_by_text("oading…")).to_have_count(0)
    before, reads = -1, heard(page) + api.reads()
    while reads != before:
        page.wait_for_timeout(QUIET)
        before, reads = reads, heard(page) + api.reads()
    return reads


def test_usage_costs_at_most_35_reads(visits: Visits, api: Counter, paula: Person) -> None:
    page, before = opened(visits, api, "/usage", paula)
    expect(page.get_by_role("region", name="This period")).to_be_visible()
    expect(page.get_by_text("As a table")).to_be_visible()
    assert 10 < settled(page, api) - before <= USAGE


@pytest.mark.usefixtures("full_feed")
def test_live_costs_at_most_50_reads(visits: Visits, api: Counter, paula: Person) -> None:
    page, before = opened(visits, api, "/live", paula)
    expect(page.get_by_role("listitem").filter(has_text="copy 0")).to_be_visible()
    expect(page.get_by_text("Success rate")).to_be_visible()
    reads = settled(page, api)
    assert 20 < reads - before <= LIVE
    page.get_by_role("button", name="Show older ones").click()
    expect(page.get_by_role("listitem").filter(has_text="copy 30")).to_be_visible()
    assert 20 < settled(page, api) - reads <= 50


def test_the_overview_costs_at_most_160_reads(
    visits: Visits, api: Counter, operator: Person
) -> None:
    page, before = opened(visits, api, "/admin", operator)
    expect(page.get_by_role("heading", name="Generations per day")).to_be_visible()
    assert 10 < settled(page, api) - before <= ADMIN


def test_pages_that_stay_open_read_nothing_more(
    visits: Visits, api: Counter, paula: Person, operator: Person
) -> None:
    readers = {"/usage": paula, "/live": paula, "/admin": operator, "/admin/live": operator}
    pages = [opened(visits, api, path, reader)[0] for path, reader in readers.items()]
    for page in pages:
        settled(page, api)
    before = [heard(page) for page in pages], api.reads()
    pages[0].wait_for_timeout(IDLE)
    assert ([heard(page) for page in pages], api.reads()) == before


def test_a_tab_that_nobody_sees_hears_nothing(
    visits: Visits, api: Counter, paula: Person, newcomer: Person
) -> None:
    page, _ = opened(visits, api, "/live", paula)
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    settled(page, api)
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(500)
    before = heard(page)
    # With a word of its own, for the feed still shows what this test began with the other setting.
    prompt = f"something that nobody sees: {''.join(map(choice, [ascii_lowercase] * 8))}"
    newcomer.begin(prompt)
    page.wait_for_timeout(IDLE)
    assert heard(page) == before
    page.evaluate("""() => {
      delete document.hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    entry = page.get_by_role("listitem").filter(has_text=prompt)
    expect(entry).to_be_visible()
    settled(page, api)
    assert heard(page) > before
