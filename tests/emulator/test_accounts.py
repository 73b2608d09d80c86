"""The user document: made on the first call, shared with the app, gone when deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from genquota.domain.errors import AccountDeleted, GenerationNotFound, UserNotFound
from genquota.domain.quota.decision import QuotaRequest
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit
from tests.emulator.environment import START, row

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def test_the_first_call_makes_the_document_with_the_same_defaults_whichever_call_it_is(
    env: Environment,
) -> None:
    """E8: check, create and usage provision alike."""
    env.check("checked")
    env.usage("asked")
    env.create("created")
    made = {uid: env.user(uid) for uid in ("checked", "asked", "created")}
    for user in made.values():
        assert {key: user[key] for key in user.keys() - {"quota", "usage", "lastGenerationAt"}} == {
            "role": "user",
            "disabled": False,
            "subscription": None,
            "generatedCount": 0,
            "outputCount": 0,
            "currentPeriodCount": 0,
            "lastResetDate": datetime(2027, 3, 1, tzinfo=UTC),
            "nextResetDate": datetime(2027, 4, 1, tzinfo=UTC),
            "createdAt": START,
            "updatedAt": START,
            "isDeleted": False,
            "deletedAt": None,
            "email": None,
            "displayName": None,
            "photoURL": None,
        }
    assert made["checked"]["usage"] == {
        "planId": "free",
        "windows": [
            {
                "window": "day",
                "type": None,
                "start": datetime(2027, 3, 15, tzinfo=UTC),
                "resetsAt": datetime(2027, 3, 16, tzinfo=UTC),
                "limit": -1,
                "used": 0,
                "reserved": 0,
            },
            {
                "window": "period",
                "type": None,
                "start": datetime(2027, 3, 1, tzinfo=UTC),
                "resetsAt": datetime(2027, 4, 1, tzinfo=UTC),
                "limit": 10,
                "used": 0,
                "reserved": 0,
            },
        ],
        "grantsRemaining": 0,
    }
    assert made["asked"]["usage"] == made["checked"]["usage"]


def test_the_first_call_takes_over_what_the_token_says(env: Environment) -> None:
    """E8"""
    ada = Caller("ada", "ada@example.com", "Ada", "https://example.com/ada.png")
    check_limit.check_limit(env.context, ada, None, QuotaRequest())
    user = env.user()
    assert (user["email"], user["displayName"]) == ("ada@example.com", "Ada")
    assert user["photoURL"] == "https://example.com/ada.png"


def test_a_document_made_by_the_app_keeps_its_fields_and_gets_only_those_that_are_absent(
    env: Environment,
) -> None:
    """E8"""
    signed_up = datetime(2026, 1, 31, 7, tzinfo=UTC)
    own = {
        "nickname": "ada.l",
        "friends": ["bob"],
        "settings": {"dotted.key": 1},
        "displayName": "Countess",
        "planId": "plus",
        "createdAt": signed_up,
        "generatedCount": 4,
        "timezone": "Asia/Tokyo",
    }
    env.db.document("users/ada").set(own)
    ada = Caller("ada", "ada@example.com", "Ada", None)
    check_limit.check_limit(env.context, ada, None, QuotaRequest())
    user = env.user()
    assert {key: user[key] for key in own} == own
    assert (user["email"], user["role"], user["isDeleted"]) == ("ada@example.com", "user", False)
    assert row(env.generate().quota) == (100, 0, 1)
    assert env.user()["generatedCount"] == 5
    assert {key: env.user()[key] for key in ("nickname", "friends", "settings")} == {
        key: own[key] for key in ("nickname", "friends", "settings")
    }


def test_another_users_generation_is_not_found(env: Environment) -> None:
    """B13"""
    opened = env.create("ada")
    for status in ("success", "failed", "cancelled", "processing"):
        with pytest.raises(GenerationNotFound):
            env.report(opened, status, by="bob")
    assert env.record(opened)["generationStatus"] == "pending"


def test_a_service_that_names_somebody_without_a_document_makes_none(
    env: Environment,
) -> None:
    """E12"""
    env.edit("server", role="service")
    for call in (env.check, env.create):
        with pytest.raises(UserNotFound):
            call("nobody", by="server")
    assert not env.user("nobody")


def test_a_deleted_account_is_refused_and_its_tombstone_stays(env: Environment) -> None:
    """E12: no second free grant by coming back under the same uid."""
    opened = env.create()
    env.edit(isDeleted=True, deletedAt=START)
    before = env.user()
    for call in (env.check, env.create, env.usage):
        with pytest.raises(AccountDeleted):
            call()
    with pytest.raises(AccountDeleted):
        env.create(by=None)
    assert env.user() == before
    env.report(opened, "success", by=None)
    user = env.user()
    assert (user["isDeleted"], user["generatedCount"]) == (True, 1)


@pytest.mark.parametrize("by", ["server", None, "ada"])
@pytest.mark.parametrize("status", ["success", "failed", "processing"])
def test_a_late_report_makes_no_document_of_a_user_who_is_gone(
    env: Environment, by: str | None, status: str
) -> None:
    """E12"""
    env.edit("server", role="service")
    opened = env.create()
    env.db.document("users/ada").delete()
    with pytest.raises(UserNotFound):
        env.report(opened, status, by=by)
    with pytest.raises(UserNotFound):
        env.report(opened, status, by=by, naming_user=True)
    assert not env.user()
    assert env.record(opened)["generationStatus"] == "pending"
    assert not env.day("2027-03-15")


def test_a_lifetime_count_that_is_no_number_counts_as_none_and_stops_nobody(
    env: Environment,
) -> None:
    env.generate()
    env.edit(generatedCount="many", outputCount=None)
    assert env.usage()[0].account.success == 0
    env.generate()
    assert (env.user()["generatedCount"], env.user()["outputCount"]) == (1, 1)
