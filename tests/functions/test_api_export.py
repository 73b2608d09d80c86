"""The export: pages that join to all that the lists show, in bounded memory, and no formulas."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.messages.export.generation_rows import COLUMNS
from genquota.triggers.api import export
from tests.functions.error_table import details_of

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App

MANY = 2000
START = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def admin(deployment: App, db: Client) -> App:
    db.document("users/root").set({"role": "admin"})
    return deployment.of("root")


@pytest.fixture(scope="module")
def ids(db: Client, admin: App) -> list[str]:
    """Write many records of one user, newest first; return their ids."""
    assert admin.uid == "root"
    names = [f"r{number:05}" for number in range(MANY)]
    for begin in range(0, MANY, 400):
        batch = db.batch()
        for number in range(begin, begin + 400):
            fields = {
                "userId": "many",
                "type": ("image", "video")[number % 2],
                "generationStatus": "success",
                "promptText": f"=SUM(A{number})",
                "credits": number % 7,
                "charged": number % 5,
                "isDeleted": number % 100 == 0,
                "createdAt": START + timedelta(seconds=number),
            }
            batch.set(db.document(f"userGenerations/{names[number]}"), fields)
        batch.commit()
    return [name for number, name in enumerate(names) if number % 100][::-1]


def _pages(admin: App, path: str) -> list[str]:
    """Follow the links, as docs/api.md does; return the bodies."""
    bodies, next_ = [], path
    while next_:
        answer = admin.api("GET", next_)
        assert answer.http == 200, answer.text
        bodies.append(answer.text)
        link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("Link", ""))
        next_ = link[1] if link else ""
    return bodies


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_BYTES", 60_000)


@pytest.mark.usefixtures("small_pages")
def test_pages_of_csv_join_to_one_table_of_all(admin: App, ids: list[str]) -> None:
    pages = _pages(admin, "/api/generations/export?format=csv")
    assert len(pages) > 2
    assert all(len(page.encode()) <= 60_000 + 1000 for page in pages)
    rows = _rows("".join(pages))
    assert [row["id"] for row in rows] == ids
    assert list(rows[0]) == list(COLUMNS)
    assert {row["promptText"][:6] for row in rows} == {"'=SUM("}


@pytest.mark.usefixtures("small_pages")
def test_pages_of_json_join_to_the_same(admin: App, ids: list[str]) -> None:
    pages = [json.loads(page) for page in _pages(admin, "/api/generations/export?format=json")]
    assert [each["id"] for page in pages for each in page["items"]] == ids
    assert [page["cursor"] is None for page in pages] == [False] * (len(pages) - 1) + [True]


def test_the_totals_are_those_of_the_list(admin: App, ids: list[str]) -> None:
    (text,) = _pages(admin, "/api/generations/export?type=video&userId=many")
    exported = _rows(text)
    listed: list[dict[str, Any]] = []
    path = "/api/generations?type=video&userId=many&pageSize=100"
    page = admin.get(path)
    listed += page["items"]
    while page["cursor"]:
        page = admin.get(f"{path}&cursor={page['cursor']}")
        listed += page["items"]
    assert 0 < len(exported) < len(ids)
    assert [row["id"] for row in exported] == [each["id"] for each in listed]
    for name in ("credits", "charged"):
        assert sum(int(row[name]) for row in exported) == sum(each[name] for each in listed)


@pytest.mark.usefixtures("small_pages")
def test_links_keep_the_filters(admin: App, ids: list[str]) -> None:
    since = "2027-03-01T00%3A10%3A00Z"
    pages = _pages(admin, f"/api/generations/export?type=image&since={since}")
    rows = _rows("".join(pages))
    assert len(pages) > 1
    assert {row["type"] for row in rows} == {"image"}
    assert min(row["createdAt"] for row in rows) >= "2027-03-01T00:10:00Z"
    assert len(rows) < len(ids)


def test_a_page_ends_when_its_time_is_up(
    admin: App, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_SECONDS", 0.0)
    answer = admin.api("GET", "/api/generations/export")
    assert [row["id"] for row in _rows(answer.text)] == ids[:1]
    assert "Link" in answer.headers


def test_memory_holds_a_page_and_no_more(admin: App, ids: list[str]) -> None:
    assert ids
    admin.api("GET", "/api/generations/export?until=2027-03-01T00:01:00Z")
    tracemalloc.start()
    answer = admin.api("GET", "/api/generations/export?format=json")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The page, its copies on the way out, and 250 documents; not the 2000.
    assert peak < 6 * len(answer.text) + 4 * 2**20


def test_an_export_that_waits_too_long_is_told_to_come_again(
    admin: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_WAIT_SECONDS", 0.01)
    for _ in range(2):
        export._AT_ONCE.acquire()
    try:
        details_of(admin.api("GET", "/api/generations/export"), "unavailable")
    finally:
        export._AT_ONCE.release(2)


def test_the_download_has_a_name_and_a_kind(admin: App) -> None:
    for kind, media in (("csv", "text/csv; charset=utf-8"), ("json", "application/json")):
        answer = admin.api("GET", f"/api/generations/export?format={kind}&userId=nobody")
        assert answer.headers["Content-Type"] == media
        assert answer.headers["Content-Disposition"] == f'attachment; filename="generations.{kind}"'
        assert answer.headers["Cache-Control"] == "no-store"
