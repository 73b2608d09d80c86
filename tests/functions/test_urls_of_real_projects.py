"""Where a project is no demo, urls of this machine are refused."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from tests.functions.app import App, order
from tests.functions.error_table import details_of
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client


@pytest.fixture(scope="module")
def project(project: str) -> Iterator[str]:
    """Run this module in a project that could be a real one; it is still the emulator's."""
    assert project
    name = f"genquota-{secrets.token_hex(6)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GCLOUD_PROJECT", name)
        yield name


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:9199/a.png",
        "http://localhost/a.png",
        "http://127.0.0.1:9199/a.png",
        "http://10.0.2.2:9199/a.png",
        "http://[::1]/a.png",
        "http://192.168.178.20/a.png",
    ],
)
def test_urls_of_this_machine_are_refused(app: App, db: Client, url: str) -> None:
    success = {"generationId": "generation-1", "generationStatus": "success"}
    for function, data in (
        ("create_generation", order(inputs=[url])),
        ("update_generation", {**success, "imageUrl": url}),
        ("update_generation", {**success, "outputs": [{"url": url}]}),
        ("update_profile", {"photoURL": url}),
    ):
        details_of(app.call(function, data), "invalid-argument")
    assert contents(db) == {}


def test_the_same_requests_with_urls_of_the_web_are_understood(app: App) -> None:
    url = "https://cdn.example.com/a.png"
    generation_id = app.ask("create_generation", **order(inputs=[url]))["generationId"]
    report = {"generationId": generation_id, "generationStatus": "success", "imageUrl": url}
    assert app.ask("update_generation", **report)["charged"] == 1
