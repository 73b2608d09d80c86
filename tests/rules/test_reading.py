"""Who may read what: every document and every list, for everyone, each allow beside its denials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.callers import DOCUMENTS, PEOPLE, person
from tests.rules.wire import equals, query

if TYPE_CHECKING:
    from tests.rules.rest import Project
    from tests.rules.wire import Json

ALICE, ADMIN = {"alice", "root"}, {"root"}
SIGNED_IN = set(PEOPLE) - {"nobody"}
NOBODY: set[str] = set()

DOCUMENT_OPENS_TO = {
    "users/alice": ALICE,
    "users/alice/windows/period_2026-10-01": ALICE,
    "users/alice/grants/g1": ALICE,
    "users/alice/devices/d1": ALICE,
    "users/alice/notices/n1": ALICE,
    "users/alice/notices/n1/deliveries/d1": ALICE,
    "users/bob": {"bob", "root"},
    "users/root": ADMIN,
    "users/barred": {"barred", "root"},
    "users/ghost": {"ghost", "root"},
    "userGenerations/a1": ALICE,
    "userGenerations/a2": ALICE,  # hidden from history, still the owner's
    "userGenerations/b1": {"bob", "root"},
    "userGenerations/stray": ADMIN,  # names no owner
    "userGenerations/missing": ADMIN,  # whether it exists is nobody else's business
    "subscriptions/s1": ALICE,
    "subscriptions/unclaimed": ADMIN,  # names no owner: nobody knows yet who has paid
    "subscriptions/missing": ADMIN,
    "usageDaily/alice_2026-11-19": ALICE,
    "usageDaily/alice_2026-11-20": ALICE,  # a day without use
    "usageDaily/alice_2026-11-20x": ADMIN,
    "usageDaily/alice_b_2026-11-20": ADMIN,  # of a user `alice_b`, if there is one
    "usageDaily/alice": ADMIN,
    "usageDaily/ali": ADMIN,
    "usageDaily/bob_2026-11-20": {"bob", "root"},
    "usageDaily/alice_2026-11-18": {"bob", "root"},  # what it says counts, not its id
    "plans/free": SIGNED_IN,
    "plans/retired": ADMIN,
    "plans/draft": SIGNED_IN,  # does not say whether it is active, so it is
    "plans/odd": ADMIN,  # says something that is neither
    "plans/missing": ADMIN,
    "live_generations/f1": SIGNED_IN,
    "analyticsDaily/2026-11-19": ADMIN,
    "analyticsDaily/2026-11-19/lists/users": ADMIN,
    "analyticsChanges/g1_late": NOBODY,
    "auditLog/e1": ADMIN,
    "customers/stripe_c1": NOBODY,
    "payments/stripe_p1": NOBODY,
    "packs/small": NOBODY,
    "deviceTokens/d1": NOBODY,
    "deletions/gone": NOBODY,
    "formerUsers/h1": NOBODY,
    "webhookEvents/stripe_e1": NOBODY,
    "testClock/now": NOBODY,
    "jobs/reset_periods": NOBODY,
    "apps/own": NOBODY,
    "plans/free/drafts/d1": NOBODY,
    "userGenerations/a1/parts/p1": NOBODY,
}

_OWN = equals("userId", "alice")
_SHOWN = equals("isDeleted", value=False)

LIST_OPENS_TO: dict[str, tuple[Json, set[str]]] = {
    "all generations": (query("userGenerations"), ADMIN),
    "alice's generations, without order": (query("userGenerations", _OWN), ALICE),
    "alice's generations": (
        query("userGenerations", _OWN, _SHOWN, newest_by="createdAt"),
        ALICE,
    ),
    "alice's generations of one status": (
        query(
            "userGenerations",
            _OWN,
            _SHOWN,
            equals("generationStatus", "success"),
            newest_by="createdAt",
        ),
        ALICE,
    ),
    "alice's generations of one type": (
        query("userGenerations", _OWN, _SHOWN, equals("type", "image"), newest_by="createdAt"),
        ALICE,
    ),
    "everyone's generations": (query("userGenerations", _SHOWN, newest_by="createdAt"), ADMIN),
    "everyone's generations of one type": (
        query("userGenerations", _SHOWN, equals("type", "image"), newest_by="createdAt"),
        ADMIN,
    ),
    "alice's days": (query("usageDaily", _OWN, newest_by="date"), ALICE),
    "everyone's days": (query("usageDaily", newest_by="date"), ADMIN),
    "alice's subscriptions": (query("subscriptions", _OWN), ALICE),
    "everyone's subscriptions": (query("subscriptions"), ADMIN),
    "active plans": (query("plans", equals("active", value=True)), SIGNED_IN),
    "retired plans": (query("plans", equals("active", value=False)), ADMIN),
    "all plans": (query("plans"), ADMIN),
    "the feed": (query("live_generations", newest_by="timestamp"), SIGNED_IN),
    "the feed of one type": (
        query("live_generations", equals("type", "image"), newest_by="timestamp"),
        SIGNED_IN,
    ),
    "all users": (query("users"), ADMIN),
    "users by email": (query("users", equals("email", "alice@example.com")), ADMIN),
    "admins": (query("users", equals("role", "admin")), ADMIN),
    "daily figures": (query("analyticsDaily"), ADMIN),
    "every list of every day": (query("lists", everywhere=True), NOBODY),
    "changes that are not counted yet": (query("analyticsChanges"), NOBODY),
    "the audit log": (query("auditLog"), ADMIN),
    "customers": (query("customers"), NOBODY),
    "packs": (query("packs"), NOBODY),
    "push tokens": (query("deviceTokens"), NOBODY),
    "deletions": (query("deletions"), NOBODY),
    "former users": (query("formerUsers"), NOBODY),
    "what jobs remember": (query("jobs"), NOBODY),
    "webhook events": (query("webhookEvents"), NOBODY),
    "the test clock": (query("testClock"), NOBODY),
    "every window of every user": (query("windows", everywhere=True), NOBODY),
    "every grant of every user": (query("grants", everywhere=True), NOBODY),
    "every device of every user": (query("devices", everywhere=True), NOBODY),
    "every notice of every user": (query("notices", everywhere=True), NOBODY),
    "generations as a collection group": (query("userGenerations", _OWN, everywhere=True), NOBODY),
    "users as a collection group": (query("users", everywhere=True), NOBODY),
}


@pytest.mark.parametrize("path", DOCUMENT_OPENS_TO)
def test_a_document_opens_to_whom_the_contract_names_and_to_nobody_else(
    shipped: Project, path: str, subtests: pytest.Subtests
) -> None:
    for name in PEOPLE:
        with subtests.test(reader=name):
            caller = person(shipped, name)
            if name not in DOCUMENT_OPENS_TO[path]:
                assert caller.get(path).status_code == 403
                assert caller.batch_get(path).status_code == 403
            else:
                assert caller.get(path).status_code == (200 if path in DOCUMENTS else 404)
                assert caller.batch_get(path).status_code == 200


@pytest.mark.parametrize("title", LIST_OPENS_TO)
def test_a_list_opens_to_whom_the_contract_names_and_to_nobody_else(
    shipped: Project, title: str, subtests: pytest.Subtests
) -> None:
    structured, readers = LIST_OPENS_TO[title]
    for name in PEOPLE:
        with subtests.test(reader=name):
            caller = person(shipped, name)
            expected = 200 if name in readers else 403
            assert caller.query(structured).status_code == expected
            assert caller.count(structured).status_code == expected


@pytest.mark.parametrize("name", PEOPLE)
def test_what_lies_below_a_user_lists_for_that_user_and_admins_only(
    shipped: Project, name: str
) -> None:
    caller = person(shipped, name)
    expected = 200 if name in ALICE else 403
    for below in ("windows", "grants", "devices", "notices"):
        assert caller.get(f"users/alice/{below}").status_code == expected
    assert caller.get("users/alice/notices/n1/deliveries").status_code == expected
    assert caller.query(query("windows"), "users/alice").status_code == expected
    assert caller.query(query("windows", everywhere=True), "users/alice").status_code == expected


def test_a_list_brings_the_owners_documents_and_no_others(shipped: Project) -> None:
    structured, _ = LIST_OPENS_TO["alice's generations"]
    rows = person(shipped, "alice").query(structured).json()
    assert [row["document"]["name"].rpartition("/")[2] for row in rows] == ["a1"]


def test_every_seeded_document_has_its_readers_named() -> None:
    spoken_of = {path.partition("/")[0] for path in DOCUMENT_OPENS_TO}
    assert {path.partition("/")[0] for path in DOCUMENTS} == spoken_of


def test_an_admin_who_is_demoted_is_refused_on_the_next_read(shipped: Project) -> None:
    owner = shipped.owner()
    eve = shipped.signed_in("eve", role="admin")
    owner.update("users/eve", {"role": "admin"})
    before = eve.get("users/bob").status_code
    owner.update("users/eve", {"role": "user"})
    after = eve.get("users/bob").status_code
    owner.update("users/eve", {"role": "admin"})
    owner.delete("users/eve")
    without_document = eve.get("users/bob").status_code
    assert (before, after, without_document) == (200, 403, 403)
