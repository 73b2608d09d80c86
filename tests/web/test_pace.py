"""Feeds that are read while much comes: they calm down, and hold still under a pointer."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud import firestore
    from playwright.sync_api import Page

    from tests.web.person import Person
    from tests.web.visit import Visits


@pytest.fixture
def add(paula: Person, db: firestore.Client) -> Iterator[Callable[[str, int], None]]:
    """Give what puts entries of one name into the feed, all at once."""
    made = paula.begin("the pattern of many")
    paula.succeed(made)
    entry = db.document(f"live_generations/{made}").get().to_dict() or {}
    record = db.document(f"userGenerations/{made}").get().to_dict() or {}
    added: list[firestore.DocumentReference] = []

    def add(name: str, count: int) -> None:
        batch = db.batch()
        for number in range(count):
            id_, now, prompt = f"pace-{secrets.token_hex(6)}", datetime.now(UTC), f"{name} {number}"
            copies = {
                f"live_generations/{id_}": {**entry, "timestamp": now, "prompt": prompt},
                f"userGenerations/{id_}": {
                    **record,
                    "id": id_,
                    "createdAt": now,
                    "promptText": prompt,
                },
            }
            for path, copy in copies.items():
                added.append(db.document(path))
                batch.set(added[-1], copy)
        batch.commit()

    yield add
    batch = db.batch()
    for each in added:
        batch.delete(each)
    batch.commit()


def state(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=re.compile(text))).to_be_visible()


@pytest.mark.parametrize("path", ["/live", "/admin/live"])
def test_above_two_a_second_it_looks_every_fifteen_seconds(
    visits: Visits, operator: Person, add: Callable[[str, int], None], path: str
) -> None:
    page = visits.prepare(operator)
    page.clock.install()
    page.goto(path)
    state(page, "^live$")
    for name in ("first", "second"):  # 40 in 30 s are not yet too many
        add(name, 20)
        expect(page.get_by_text(f"{name} 19")).to_be_visible()
    state(page, "^live$")
    for name in ("third", "fourth"):
        add(name, 20)
        expect(page.get_by_text(f"{name} 19")).to_be_visible()
    state(page, r"^about \d+ a second, shown every 15 s$")
    page.wait_for_timeout(2000)  # the first look of the calm mode is over
    add("later", 1)
    page.wait_for_timeout(3000)
    expect(page.get_by_text("later 0")).to_have_count(0)
    page.clock.fast_forward(15_000)
    expect(page.get_by_text("later 0")).to_be_visible()
    page.clock.fast_forward(40_000)
    state(page, "^live$")
    add("last", 1)
    expect(page.get_by_text("last 0")).to_be_visible(timeout=3000)


@pytest.mark.parametrize("path", ["/live", "/admin/live"])
def test_nothing_moves_under_a_pointer(
    visits: Visits, operator: Person, add: Callable[[str, int], None], path: str
) -> None:
    add("here before", 3)
    page = visits.open(path, operator)
    state(page, "^live$")
    row = page.get_by_text("here before 2")
    expect(row).to_be_visible()
    row.scroll_into_view_if_needed()
    row.hover()
    place = row.bounding_box()
    add("comes meanwhile", 2)
    other = visits.open(path, operator)
    expect(other.get_by_text("comes meanwhile 1")).to_be_visible()
    state(page, "^held under the pointer, 2 new$")
    assert row.bounding_box() == place
    expect(page.get_by_text("comes meanwhile 1")).to_have_count(0)
    page.mouse.move(0, 0)
    expect(page.get_by_text("comes meanwhile 1")).to_be_visible()
    state(page, "^live$")
    assert row.bounding_box() != place
