"""The Python that the documentation shows is run as it stands, against the emulator."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

import pytest
from firebase_functions.https_fn import AuthData, CallableRequest, HttpsError

import genquota
from genquota.domain.errors import TooManyOpen
from tests.docs.pages import page

if TYPE_CHECKING:
    from google.cloud.firestore import Client

Names = dict[str, Any]


@pytest.fixture
def in_project(firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `firestore.Client()` be one of the test's project, as it is in a deployed function."""
    assert firestore_host
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.setenv(name, project)


def run(name: str, containing: str) -> Names:
    """Run the page's block that contains a word, and return what it has defined."""
    (code,) = (block for block in page(name).blocks("python") if containing in block)
    above = page(name).text.split(code)[0].count("\n")  # so that a traceback names the page's lines
    names: Names = {"__name__": "snippet"}
    exec(compile("\n" * above + code, name, "exec"), names)  # noqa: S102 - our own documentation
    return names


@pytest.mark.usefixtures("in_project")
def test_a_function_of_ones_own_generates_once_for_a_key_and_passes_refusals_on(db: Client) -> None:
    names = run("docs/clients/python.md", "def generate_image")
    generate = inspect.unwrap(names["generate_image"])

    def call(key: str) -> Names:
        ada = AuthData("ada", {})
        asked = {"prompt": "a fox", "key": key}
        answer: Names = generate(CallableRequest(data=asked, raw_request=None, auth=ada))  # type: ignore[arg-type] # the snippet looks at neither
        return answer

    made = call("k1")
    assert made["generationStatus"] == "success"
    record = db.document(f"userGenerations/{made['generationId']}").get()
    assert record.get("imageUrl") == "https://images.example.com/5.png"
    paint = names["paint"]
    names["paint"] = None  # a replay calls no engine
    assert call("k1") == made
    names["paint"] = paint
    for number in range(2, 11):
        call(f"k{number}")
    with pytest.raises(HttpsError) as refused:
        call("k11")
    answers: Any = refused.value.details
    assert (answers["reason"], answers["used"]) == ("quota-exceeded", 10)
    assert db.document("users/ada").get().get("generatedCount") == 10


@pytest.mark.usefixtures("in_project")
def test_reserve_now_and_report_later(db: Client) -> None:
    names = run("docs/clients/python.md", "genquota.reserve")
    record = db.document(f"userGenerations/{names['generation_id']}").get()
    assert record.get("generationStatus") == "success"
    assert record.get("charged") == 1


@pytest.mark.usefixtures("in_project")
def test_grants_and_overrides_are_written_so_that_they_are_obeyed(db: Client) -> None:
    genquota.reserve(db, "some-uid", prompt="makes the document")
    run("docs/plans.md", "quota.grants")
    user = db.document("users/some-uid").get()
    assert user.get("quota.grants.welcome.credits") == 50
    with pytest.raises(TooManyOpen):
        genquota.reserve(db, "some-uid", prompt="one is open, and the override allows one")


def test_the_clock_is_set_as_shown(
    db: Client, firestore_host: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = page("docs/time-travel.md").blocks("python")[0]
    asked_for = shown.replace("127.0.0.1:8080", firestore_host).replace("demo-genquota", project)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", os.environ["FIRESTORE_EMULATOR_HOST"])
    *setting, deleting = asked_for.strip().splitlines()
    assert deleting.endswith(".delete()")
    exec("\n".join(setting), {})  # noqa: S102 - our own documentation
    assert db.document("testClock/now").get().get("at").isoformat() == "2027-04-01T00:00:00+00:00"
