"""A user takes their data along: everything, once, in pages, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from genquota.domain.errors import (
    AccountDeleted,
    AccountDisabled,
    InvalidArgument,
    NotAllowed,
    UserNotFound,
)
from genquota.store.privacy import user_documents
from genquota.store.privacy.user_documents import ExportCursor
from genquota.use_cases.core.context import Caller
from genquota.use_cases.self_service import export_user as exporting
from genquota.use_cases.self_service.export_user import ExportPage, export_user
from tests.rpc_counter import counting

if TYPE_CHECKING:
    from tests.emulator.environment import Environment


def export(
    env: Environment,
    place: ExportCursor | None = None,
    *,
    uid: str | None = None,
    by: str | None = "ada",
    **how: Any,  # noqa: ANN401 - any bound of a page
) -> ExportPage:
    caller = Caller(by) if by else None
    return export_user(env.context, caller, uid, place or ExportCursor(), **how)


def pages(env: Environment, **how: Any) -> list[list[str]]:  # noqa: ANN401
    found, place = [], ExportCursor()
    while True:
        page = export(env, place, **how)
        found.append([each.reference.path for each in page.documents])
        if page.next is None:
            return found
        place = page.next


def a_full_life(env: Environment) -> list[str]:
    for _ in range(4):
        env.generate()
    env.pass_time(days=40)
    env.reset_periods()
    of = {"userId": "ada"}
    written: dict[str, dict[str, Any]] = {
        "users/ada/devices/d1": {"platform": "ios"},
        "users/ada/grants/g1": {"credits": 5},
        "users/ada/own/diary": {"text": "the app's own"},
        "users/ada/own/diary/pages/1": {"text": "and deeper"},
        "subscriptions/s1": of | {"planId": "plus"},
        "customers/stripe_c1": of,
        "live_generations/f1": of | {"prompt": "a fox"},
    }
    for path, data in written.items():
        env.db.document(path).set(data)
    env.generate("bob")
    env.generate("adam")
    env.db.document("users/adam/devices/d1").set({"platform": "ios"})
    return [
        "users/ada",
        *(path for path in written if path.startswith("users/")),
        "users/ada/notices/period_20270401T000000Z",
        *(f"users/ada/windows/{each}_20270301T000000Z" for each in ("month", "period")),
        "users/ada/windows/quarter_20270101T000000Z",
        "users/ada/windows/week_20270315T000000Z",
        *sorted(f"userGenerations/{each['id']}" for each in env.records()),
        "usageDaily/ada_2027-03-15",
        *(path for path in written if not path.startswith("users/")),
    ]


def test_an_export_holds_every_document_of_the_user_and_no_other(env: Environment) -> None:
    expected = a_full_life(env)
    (everything,) = pages(env)
    assert sorted(everything) == sorted(expected)


def test_the_documents_are_handed_out_as_they_are_stored(env: Environment) -> None:
    opened = env.generate(prompt="a fox")
    found = {each.reference.path: each.to_dict() for each in export(env).documents}
    assert found["users/ada"] == env.user()
    record = found[f"userGenerations/{opened.generation.id}"] or {}
    assert record["promptText"] == "a fox"


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_in_pages_of_any_size_each_document_comes_once(
    env: Environment, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(user_documents, "_PAGE", 2)
    expected = a_full_life(env)
    found = pages(env, most=most)
    assert all(len(page) == most for page in found[:-1])
    assert sorted(path for page in found for path in page) == sorted(expected)


def test_a_page_ends_when_it_is_large_or_its_time_is_up_but_always_goes_on(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = a_full_life(env)
    assert len(pages(env, time_allowed=timedelta(0))) == len(expected)
    monkeypatch.setattr(exporting, "MOST_BYTES", 1)
    assert len(pages(env)) == len(expected)


def test_what_comes_between_two_pages_upsets_nothing(env: Environment) -> None:
    expected = a_full_life(env)
    first = export(env, most=10)
    assert first.next
    env.generate()
    gone = first.documents[-1].reference
    gone.delete()
    rest = pages_from(env, first.next)
    found = [each.reference.path for each in first.documents] + rest
    assert len(found) == len(set(found))
    assert set(found) >= set(expected)


def pages_from(env: Environment, place: ExportCursor) -> list[str]:
    return [each.reference.path for each in export(env, place).documents]


def test_a_place_among_anothers_documents_is_refused(env: Environment) -> None:
    env.generate("bob")
    env.check()
    for place in (
        ExportCursor("users", "users/bob"),
        ExportCursor("users", "users/bob/windows/w"),
        ExportCursor("users", "users/ada/windows"),
        ExportCursor("users", "users/ada/../bob"),
        ExportCursor("users", "users/ada/__x__/bob"),
        ExportCursor("userGenerations", "usageDaily/x"),
        ExportCursor("userGenerations", "userGenerations/a/b/c"),
        ExportCursor("userGenerations", "userGenerations"),
        ExportCursor("auditLog", "auditLog/e1"),
        ExportCursor("auditLog"),
    ):
        with pytest.raises(InvalidArgument):
            export(env, place)


def test_a_place_behind_anothers_record_shows_none_of_theirs(env: Environment) -> None:
    bobs = [env.generate("bob") for _ in range(3)]
    for opened in bobs:
        place = ExportCursor("userGenerations", f"userGenerations/{opened.generation.id}")
        assert pages_from(env, place) == []


def test_only_the_user_and_admins_take_data_along(env: Environment) -> None:
    env.generate()
    env.edit("server", role="service")
    env.edit("pat", role="admin")
    assert len(export(env, uid="ada", by="pat").documents) == 2
    assert len(export(env, uid="ada", by=None).documents) == 2
    for by in ("bob", "server"):
        with pytest.raises(NotAllowed):
            export(env, uid="ada", by=by)
    with pytest.raises(UserNotFound):
        export(env, uid="nobody", by="pat")
    env.edit(disabled=True)
    with pytest.raises(AccountDisabled):
        export(env)
    env.edit(disabled=False, isDeleted=True)
    with pytest.raises(AccountDeleted):
        export(env)


def test_an_export_writes_nothing_also_for_who_was_never_here(env: Environment) -> None:
    with counting(env.db) as calls:
        assert export(env) == ExportPage("ada", (), None)
    assert calls.commits == 0
