"""update_profile: what users may say about themselves, and how it is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App

NAMES = {"email", "displayName", "photoURL", "timezone", "preferences"}


def test_the_profile_of_a_new_user_begins_with_what_their_token_says(app: App) -> None:
    headers = {"Authorization": f"Bearer {app.token(name='Ann', picture='https://a.example/a')}"}
    assert app.call("update_profile", {}, headers=headers).result == {
        "email": f"{app.uid}@example.com",
        "displayName": "Ann",
        "photoURL": "https://a.example/a",
        "timezone": None,
        "preferences": {},
    }


def test_update_profile_answers_the_whole_profile_and_records_it(app: App, db: Client) -> None:
    fields = {
        "displayName": "Änn",
        "photoURL": "https://cdn.example.com/ann.png",
        "timezone": "Europe/Berlin",
        "preferences": {"hideFromFeed": True, "locale": "de-DE", "theme": "dark"},
    }
    answer = app.call("update_profile", fields).result
    assert answer == {"email": f"{app.uid}@example.com", **fields}
    stored = db.document(f"users/{app.uid}").get().to_dict() or {}
    assert {name: stored[name] for name in NAMES} == answer


def test_preferences_change_one_by_one(app: App) -> None:
    app.ask("update_profile", preferences={"locale": "de", "theme": "dark"})
    profile = app.ask("update_profile", preferences={"theme": "light", "hideFromFeed": False})
    assert profile["preferences"] == {"locale": "de", "theme": "light", "hideFromFeed": False}


def test_null_clears_what_it_names_and_nothing_else(app: App) -> None:
    app.ask("update_profile", displayName="Ann", timezone="Asia/Tokyo", preferences={"theme": "x"})
    profile = app.ask("update_profile", displayName=None)
    assert (profile["displayName"], profile["timezone"]) == (None, "Asia/Tokyo")
    profile = app.ask("update_profile", timezone=None, photoURL=None, preferences=None)
    assert (profile["timezone"], profile["photoURL"], profile["preferences"]) == (None, None, {})


def test_what_an_app_stored_in_place_of_a_profile_stays_there_and_is_not_answered(
    app: App, db: Client
) -> None:
    user = db.document(f"users/{app.uid}")
    odd = {"since": datetime(2027, 1, 1, tzinfo=UTC), "raw": b"\xff", "theme": 5, "locale": "de"}
    user.set({"favourites": ["fox"], "displayName": 5, "preferences": odd})
    assert app.call("update_profile", {"preferences": {"hideFromFeed": True}}).result == {
        "email": f"{app.uid}@example.com",
        "displayName": None,
        "photoURL": None,
        "timezone": None,
        "preferences": {"locale": "de", "hideFromFeed": True},
    }
    stored = user.get().to_dict() or {}
    assert stored["preferences"] == {**odd, "hideFromFeed": True}
    assert (stored["favourites"], stored["displayName"]) == (["fox"], 5)


def test_preferences_that_are_no_map_do_no_harm(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"preferences": "none, thanks"})
    profile = app.ask("update_profile", preferences={"theme": "dark"})
    assert profile["preferences"] == {"theme": "dark"}
