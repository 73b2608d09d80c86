"""A long history scrolls, and draws only what is seen."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from google.cloud import firestore

    from tests.web.person import Person
    from tests.web.visit import Visits

COUNT = 10_000
MOST_ROWS = 60


def test_of_ten_thousand_generations_sixty_are_drawn(
    visits: Visits, newcomer: Person, db: firestore.Client
) -> None:
    first = newcomer.begin("the first of all")
    record = db.document(f"userGenerations/{first}").get().to_dict() or {}
    for start in range(0, COUNT, 500):
        batch = db.batch()
        for number in range(start, start + 500):
            copy = {
                **record,
                "id": f"copy{number}",
                "promptText": f"copy {number}",
                "createdAt": datetime.now(UTC) + timedelta(seconds=number),
            }
            batch.set(db.document(f"userGenerations/{newcomer.uid}-{number}"), copy)
        batch.commit()
    page = visits.open("/history", newcomer, width=800)
    expect(page.get_by_text("The latest 100 generations")).to_be_visible()
    rows = page.locator("tr.one")
    far = page.get_by_text("The latest 2,000 generations")
    until = time.monotonic() + 120
    while not far.count() and time.monotonic() < until:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        assert 0 < rows.count() <= MOST_ROWS
    expect(far).to_be_attached()
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name="copy 9999")).to_be_visible()
    assert rows.count() <= MOST_ROWS
