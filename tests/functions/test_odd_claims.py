"""Claims of odd types in tokens that are otherwise right: never an error of ours, never somebody else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.error_table import details_of
from tests.functions.google_identity import ROBOT, GoogleIdentity, google_identity
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

    from tests.functions.app import App

ODD: list[Any] = [
    5,
    1.5,
    True,
    [],
    ["a"],
    [ROBOT],
    {},
    {"a": "b"},
    "",
    "x" * 100_000,
    "half \ud83d",
]
UNNEEDED = ("email", "name", "picture", "email_verified", "phone_number", "firebase", "auth_time")
NEEDED = ("aud", "iss", "sub", "exp")


@pytest.mark.parametrize("claim", UNNEEDED)
def test_a_claim_that_nobody_needs_counts_as_missing(app: App, db: Client, claim: str) -> None:
    for number, odd in enumerate(ODD):
        user = app.of(f"{claim}-{number}")
        token = app.of(user.uid).token(**{claim: odd})
        answer = app.call("check_limit", {}, headers={"Authorization": f"Bearer {token}"})
        assert answer.http == 200, (odd, answer.text)
        assert answer.result["userId"] == user.uid
        profile = db.document(f"users/{user.uid}").get().to_dict() or {}
        kept = (profile.get("email"), profile.get("displayName"), profile.get("photoURL"))
        assert all(each is None or isinstance(each, str) for each in kept)
        assert all(len(each) < 3000 for each in kept if each)
        api = app.api(
            "GET", f"/api/usage-tracking/can-generate/{user.uid}", Authorization=f"Bearer {token}"
        )
        assert api.http == 200, (odd, api.text)


@pytest.mark.parametrize("claim", NEEDED)
def test_a_claim_that_is_needed_is_not_signed_in(app: App, db: Client, claim: str) -> None:
    before = contents(db)
    for odd in ODD:
        if (claim == "exp" and isinstance(odd, bool)) or (claim, odd) == ("sub", "a"):
            continue
        token = app.token(**{claim: odd})
        answer = app.call("check_limit", {}, headers={"Authorization": f"Bearer {token}"})
        assert details_of(answer, "not-signed-in") == {}, odd
        api = app.api("GET", "/api/plans", Authorization=f"Bearer {token}")
        assert details_of(api, "not-signed-in") == {}, odd
    assert contents(db) == before


@pytest.fixture(scope="module")
def signer() -> Iterator[GoogleIdentity]:
    with google_identity() as it:
        yield it


@pytest.mark.parametrize(
    "claim", ["email", "email_verified", "sub", "aud", "iss", "exp", "iat", "azp"]
)
def test_a_servers_token_with_an_odd_claim_is_refused_and_never_an_error(
    app: App, db: Client, signer: GoogleIdentity, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_ACCOUNTS", ROBOT)
    monkeypatch.setenv("GOOGLE_CERTS_URL", signer.certs_url)
    app.ask("check_limit")
    before = contents(db)
    path = f"/api/usage-tracking/can-generate/{app.uid}"
    for odd in ODD:
        token = signer.token(app.project, **{claim: odd})
        answer = app.api("GET", path, Authorization=f"Bearer {token}")
        reasons = {"azp": {200}, "email_verified": {403}, "iat": {200, 401}}.get(claim, {401, 403})
        if claim == "email_verified" and odd is True:
            reasons = {200}
        assert answer.http in reasons, (claim, odd, answer.text)
    assert contents(db) == before


def test_a_list_of_emails_is_not_signed_in(
    app: App, signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_ACCOUNTS", ROBOT)
    monkeypatch.setenv("GOOGLE_CERTS_URL", signer.certs_url)
    token = signer.token(app.project, email=[ROBOT], exp=int(time.time()) + 600)
    answer = app.api("GET", "/api/plans", Authorization=f"Bearer {token}")
    assert details_of(answer, "not-signed-in") == {}
