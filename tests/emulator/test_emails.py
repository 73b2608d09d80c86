"""`email` in the user document: lower case, and as the user's own token says today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Status
from genquota.domain.quota.decision import QuotaRequest
from genquota.use_cases.core.context import Caller
from genquota.use_cases.generations import check_limit, get_usage
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation
from genquota.use_cases.self_service import update_profile
from ops.importing.import_generations import BackfillReport, NewUser, backfill_users
from tests.emulator.environment import OUTPUT, START
from tests.rpc_counter import Calls, counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment

ORDER = CreateCommand("k", QuotaRequest(), {"promptId": "p", "promptText": "a fox"}, {})


def signed_in(email: str | None, name: str | None = None, uid: str = "ada") -> Caller:
    return Caller(uid, email, name)


def create(env: Environment, caller: Caller) -> str:
    return create_generation(env.context, caller, None, ORDER).generation.id


def test_an_email_is_stored_in_lower_case_from_the_first_call_on(env: Environment) -> None:
    check_limit.check_limit(env.context, signed_in("Ada@Example.COM"), None, QuotaRequest())
    assert env.user()["email"] == "ada@example.com"


def test_who_was_anonymous_and_links_an_email_has_it_in_the_document_with_the_next_write(
    env: Environment,
) -> None:
    get_usage.get_usage(env.context, signed_in(None), None)
    assert env.user()["email"] is None
    linked = signed_in("ada@example.com", "Ada")
    with counting(env.db) as calls:
        check_limit.check_limit(env.context, linked, None, QuotaRequest())
    assert calls == Calls(read_rpcs=1, documents_read=2), "a check writes nothing for it"
    with counting(env.db) as calls:
        create(env, linked)
    assert calls == Calls(read_rpcs=1, documents_read=3, commits=1, writes=2)
    user = env.user()
    assert (user["email"], user["displayName"]) == ("ada@example.com", None)


@pytest.mark.parametrize("verb", ["create", "report", "profile"])
def test_an_email_that_was_changed_is_current_after_any_call_that_writes(
    env: Environment, verb: str
) -> None:
    opened = create(env, signed_in("ada@old.example.com"))
    changed = signed_in("Ada@New.example.com")
    if verb == "create":
        create_generation(
            env.context,
            changed,
            None,
            CreateCommand("k2", QuotaRequest(), ORDER.content, {}),
        )
    elif verb == "report":
        report = ReportCommand(opened, Status.SUCCESS, (OUTPUT,))
        update_generation(env.context, changed, None, report)
    else:
        profile = update_profile.update_profile(env.context, changed, None, {"timezone": "UTC"})
        assert profile["email"] == "ada@new.example.com"
    assert env.user()["email"] == "ada@new.example.com"


def test_a_name_that_the_user_has_set_or_taken_away_is_not_overwritten_by_the_token(
    env: Environment,
) -> None:
    create(env, signed_in("ada@example.com", "Ada of Google"))
    changes = {"displayName": "Countess", "photoURL": None}
    update_profile.update_profile(env.context, signed_in("ada@example.com"), None, changes)
    later = Caller("ada", "ada@new.example.com", "Ada of Google", "https://example.com/a.png")
    create_generation(
        env.context, later, None, CreateCommand("k2", QuotaRequest(), ORDER.content, {})
    )
    user = env.user()
    assert (user["email"], user["displayName"]) == ("ada@new.example.com", "Countess")
    assert user["photoURL"] is None


def test_a_token_without_an_email_takes_none_away_and_nobody_elses_token_counts(
    env: Environment,
) -> None:
    create(env, signed_in("ada@example.com"))
    env.edit("server", role="service", email="server@example.com")
    env.generate()
    create_generation(
        env.context,
        signed_in("server@example.com", uid="server"),
        "ada",
        CreateCommand("k3", QuotaRequest(), ORDER.content, {}),
    )
    assert env.user()["email"] == "ada@example.com"


def test_what_the_app_has_written_in_mixed_case_is_in_lower_case_after_the_next_write(
    env: Environment,
) -> None:
    env.edit(email="Ada.Lovelace@Example.com")
    env.check()
    assert env.user()["email"] == "ada.lovelace@example.com"
    for nonsense in (7, ["a"], None):
        env.edit(email=nonsense)
        env.generate()
        assert env.user()["email"] == nonsense


def test_a_backfill_brings_the_emails_of_today_in_lower_case(env: Environment) -> None:
    create(env, signed_in("ada@old.example.com"))
    person = NewUser(Caller("ada", "Ada@New.example.com", "Ada"), START)
    report = BackfillReport()
    backfill_users(env.context, [person], report, dry_run=False)
    assert env.user()["email"] == "ada@new.example.com"
    backfill_users(env.context, [person], report, dry_run=False)
    assert (report.users, report.written) == (2, 1)
