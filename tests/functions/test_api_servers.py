"""Servers call the API with Google-signed identity tokens of listed service accounts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.error_table import details_of
from tests.functions.google_identity import ROBOT, GoogleIdentity, Key, google_identity
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud.firestore import Client

    from tests.functions.app import Answer, App

    Call = Callable[..., Answer]


@pytest.fixture(scope="module")
def signer() -> Iterator[GoogleIdentity]:
    with google_identity() as it:
        yield it


@pytest.fixture(autouse=True)
def listed(signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_ACCOUNTS", f"other@example.com, {ROBOT}")
    monkeypatch.setenv("GOOGLE_CERTS_URL", signer.certs_url)


@pytest.fixture
def call(app: App) -> Call:
    """Give a way to call with any token."""

    def call(token: str, path: str | None = None, method: str = "GET", body: Any = None) -> Answer:  # noqa: ANN401
        where = path or f"/api/usage-tracking/can-generate/{app.uid}"
        return app.api(method, where, body, Authorization=f"Bearer {token}")

    return call


def test_a_listed_account_is_a_service(call: Call, app: App, signer: GoogleIdentity) -> None:
    app.ask("check_limit")
    token = signer.token(app.project)
    assert call(token).json["remaining"] == 10
    track = f"/api/usage-tracking/track-generation/{app.uid}"
    tracked = call(token, track, "POST", {"idempotencyKey": "k", "credits": 3}).json
    assert (tracked["charged"], tracked["quota"]["used"]) == (3, 3)
    assert call(token, "/api/plans").json["items"]


def test_an_account_may_be_listed_in_any_case(
    call: Call, app: App, signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.ask("check_limit")
    monkeypatch.setenv("SERVICE_ACCOUNTS", f"other@example.com, {ROBOT.upper()}")
    assert call(signer.token(app.project)).http == 200


def test_it_is_no_admin_and_nobodys_self(
    call: Call, app: App, signer: GoogleIdentity, db: Client
) -> None:
    app.ask("check_limit")
    token = signer.token(app.project, sub=app.uid)
    before = contents(db)
    for path in (f"/api/users/{app.uid}", "/api/generations", f"/api/generations/stats/{app.uid}"):
        details_of(call(token, path), "not-allowed")
    assert contents(db) == before


def test_a_user_that_is_not_there_is_not_made(
    call: Call, app: App, signer: GoogleIdentity, db: Client
) -> None:
    before = contents(db)
    details_of(call(signer.token(app.project)), "user-not-found")
    track = f"/api/usage-tracking/track-generation/{app.uid}"
    details_of(call(signer.token(app.project), track, "POST", {}), "user-not-found")
    assert contents(db) == before


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-project"},
        {"aud": None},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"iat": int(time.time()) + 600},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_for_others_or_of_another_time_is_refused(
    call: Call, app: App, signer: GoogleIdentity, claims: dict[str, Any]
) -> None:
    app.ask("check_limit")
    details_of(call(signer.token(app.project, **claims)), "not-signed-in")


def test_a_token_that_google_did_not_sign_is_refused(
    call: Call, app: App, signer: GoogleIdentity
) -> None:
    app.ask("check_limit")
    forger = GoogleIdentity(signer.certs_url, Key(signer.key.id))
    details_of(call(forger.token(app.project)), "not-signed-in")
    unsigned = app.token(iss="https://accounts.google.com", email=ROBOT, email_verified=True)
    details_of(call(unsigned), "not-signed-in")
    details_of(call(signer.token(app.project, iss="https://evil.example")), "not-signed-in")


@pytest.mark.parametrize(
    "claims", [{"email": "nobody@example.com"}, {"email": None}, {"email_verified": False}], ids=str
)
def test_an_account_that_is_not_listed_may_nothing(
    call: Call, app: App, signer: GoogleIdentity, claims: dict[str, Any]
) -> None:
    app.ask("check_limit")
    details_of(call(signer.token(app.project, **claims)), "not-allowed")


def test_without_listed_accounts_no_such_token_counts(
    call: Call, app: App, signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_ACCOUNTS", " ")
    details_of(call(signer.token(app.project)), "not-signed-in")


def test_the_audience_is_a_setting(
    call: Call, app: App, signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.ask("check_limit")
    monkeypatch.setenv("SERVICE_AUDIENCE", "https://a.example, https://b.example")
    assert call(signer.token("https://b.example")).http == 200
    details_of(call(signer.token(app.project)), "not-signed-in")


def test_certificates_are_fetched_once(call: Call, app: App, signer: GoogleIdentity) -> None:
    app.ask("check_limit")
    for _ in range(3):
        assert call(signer.token(app.project)).http == 200
    assert signer.fetches == ["/certs"]


def test_where_certificates_cannot_be_had_nothing_is_allowed(
    call: Call, app: App, signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.ask("check_limit")
    monkeypatch.setenv("GOOGLE_CERTS_URL", signer.certs_url.replace("/certs", "/broken"))
    details_of(call(signer.token(app.project)), "unavailable")


def test_the_callables_do_not_take_such_tokens(app: App, signer: GoogleIdentity) -> None:
    headers = {"Authorization": f"Bearer {signer.token(app.project)}"}
    details_of(app.call("check_limit", {}, headers=headers), "not-signed-in")
