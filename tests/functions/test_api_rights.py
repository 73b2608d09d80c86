"""Each route refuses whoever must not pass. The cases are made from the table of routes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from genquota.domain.permissions import PERMISSIONS, Who
from tests.functions.api_requests import (
    ABOUT_ONE_USER,
    BODIES,
    QUERIES,
    ROUTES,
    name_of,
    path_values,
    send,
)
from tests.functions.error_table import details_of
from tests.functions.google_identity import ROBOT, GoogleIdentity, google_identity
from tests.store_contents import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Client

    from genquota.triggers.api.routes import Route
    from tests.functions.app import Answer, App

OTHER_USER, OWNER, SERVICE, ADMIN, SERVER = "other-user", "owner", "service", "admin", "server"
WHO: dict[Who, set[str]] = {
    Who.ANYBODY: {OTHER_USER, OWNER, SERVICE, ADMIN, SERVER},
    Who.SIGNED_IN: {OTHER_USER, OWNER, SERVICE, ADMIN, SERVER},
    Who.SELF_SERVICE_ADMIN: {OWNER, SERVICE, ADMIN, SERVER},
    Who.SELF_ADMIN: {OWNER, ADMIN},
    Who.SERVICE_ADMIN: {SERVICE, ADMIN, SERVER},
    Who.ADMIN: {ADMIN},
}
PROTECTED = [route for route in ROUTES if PERMISSIONS[route.permission] is not Who.ANYBODY]


@pytest.fixture(scope="module")
def signer() -> Iterator[GoogleIdentity]:
    with google_identity() as it:
        yield it


@pytest.fixture(autouse=True)
def listed(signer: GoogleIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_ACCOUNTS", ROBOT)
    monkeypatch.setenv("GOOGLE_CERTS_URL", signer.certs_url)


@pytest.fixture
def names(app: App, db: Client) -> dict[str, str]:
    """Give what the paths speak of: the owner, and something of theirs."""
    for uid, role in ((SERVICE, "service"), (ADMIN, "admin"), (OTHER_USER, "user")):
        db.document(f"users/{uid}-{app.uid}").set({"role": role})
    return path_values(app, app.of(f"{ADMIN}-{app.uid}"))


def _ask(app: App, route: Route, names: dict[str, str], who: str, signer: GoogleIdentity) -> Answer:
    if who == SERVER:
        return send(app, route, names, Authorization=f"Bearer {signer.token(app.project)}")
    caller = app if who == OWNER else app.of(f"{who}-{app.uid}")
    return send(caller, route, names)


@pytest.mark.parametrize("route", PROTECTED, ids=name_of)
def test_a_route_lets_those_pass_that_the_table_names_and_nobody_else(
    app: App, db: Client, names: dict[str, str], signer: GoogleIdentity, route: Route
) -> None:
    refused = {OTHER_USER, OWNER, SERVICE, ADMIN, SERVER} - WHO[PERMISSIONS[route.permission]]
    before = contents(db)
    for who in sorted(refused):
        answer = _ask(app, route, names, who, signer)
        # Another user's generation is none, for those who may not see it.
        hides = (
            "{generationId}" in route.pattern and PERMISSIONS[route.permission] in ABOUT_ONE_USER
        )
        details_of(answer, answer.reason)
        assert answer.reason in {"not-allowed", *({"generation-not-found"} if hides else ())}, who
    assert contents(db) == before
    for who in sorted(
        WHO[PERMISSIONS[route.permission]], key=[OWNER, OTHER_USER, SERVICE, SERVER, ADMIN].index
    ):
        answer = _ask(app, route, names, who, signer)
        assert answer.http == 200 or answer.reason not in {"not-allowed", "not-signed-in"}, who
        assert answer.http != 500, answer.text


def test_a_route_knows_its_caller_before_it_looks_at_anything_else(
    app: App, names: dict[str, str], subtests: pytest.Subtests
) -> None:
    for route in PROTECTED:
        for header in (None, "Bearer", "Bearer x", "Basic YTpi", f"Bearer {app.token(exp=1)}"):
            with subtests.test(route=name_of(route), header=header):
                details_of(send(app, route, names, Authorization=header), "not-signed-in")


@pytest.mark.parametrize(
    ("field", "reason"), [("disabled", "account-disabled"), ("isDeleted", "account-deleted")]
)
def test_a_barred_admin_passes_nowhere(
    app: App,
    db: Client,
    names: dict[str, str],
    field: str,
    reason: str,
    subtests: pytest.Subtests,
) -> None:
    barred = app.of(f"barred-{secrets.token_hex(6)}")
    db.document(f"users/{barred.uid}").set({"role": "admin", field: True})
    before = contents(db)
    for route in PROTECTED:
        with subtests.test(route=name_of(route)):
            details_of(send(barred, route, names), reason)
    assert contents(db) == before


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if PERMISSIONS[each.permission] is Who.ANYBODY], ids=name_of
)
def test_what_is_for_anybody_needs_no_token(app: App, names: dict[str, str], route: Route) -> None:
    assert send(app, route, names, Authorization=None).http == 200


def test_requests_are_told_for_routes_only() -> None:
    assert BODIES.keys() == {(each.method, each.pattern) for each in ROUTES if each.body}
    assert QUERIES.keys() <= {(each.method, each.pattern) for each in ROUTES}
