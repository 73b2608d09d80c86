"""export_my_data and delete_my_data, as they go over the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import order

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    from tests.functions.app import App
    from tests.functions.captured_logs import CapturedLogs


def generate(app: App, key: str) -> str:
    made: str = app.ask("create_generation", **order(key))["generationId"]
    url = "https://cdn.example.com/1.png"
    app.ask("update_generation", generationId=made, generationStatus="success", imageUrl=url)
    return made


def test_an_export_is_json_with_every_document_and_a_cursor_until_the_last_page(app: App) -> None:
    made = sorted(generate(app, f"k{n}") for n in range(3))
    page = app.ask("export_my_data", pageSize=2)
    assert page["userId"] == app.uid
    assert [each["path"] for each in page["documents"]] == [
        f"users/{app.uid}",
        f"userGenerations/{made[0]}",
    ]
    assert page["documents"][0]["data"]["email"] == f"{app.uid}@example.com"
    assert page["documents"][1]["data"]["promptText"] == "a fox in the snow"
    rest = app.ask("export_my_data", cursor=page["cursor"])
    assert [each["path"] for each in rest["documents"]] == [
        f"userGenerations/{each}" for each in made[1:]
    ]
    assert rest["cursor"] is None


@pytest.mark.parametrize("function", ["export_my_data", "delete_my_data"])
@pytest.mark.parametrize("role", ["user", "service", "admin"])
def test_nobody_names_another_user_not_even_an_admin(
    app: App, db: Client, function: str, role: str
) -> None:
    other = app.of(f"{app.uid}-other")
    generate(other, "k")
    db.document(f"users/{app.uid}").set({"role": role})
    refused = app.call(function, {"userId": other.uid})
    assert (refused.http, refused.reason) == (403, "not-allowed")
    assert other.ask("get_usage")["lifetimeTotal"] == 1


def test_delete_my_data_deletes_bars_and_may_be_called_again(
    app: App, db: Client, captured_logs: CapturedLogs
) -> None:
    made = generate(app, "k")
    done = app.ask("delete_my_data", userId=app.uid)
    assert done == {
        "userId": app.uid,
        "finished": True,
        "documents": {"userGenerations": 1},
    }
    left = db.document(f"users/{app.uid}").get().to_dict() or {}
    assert left.keys() == {"isDeleted", "deletedAt", "updatedAt", "quota"}
    assert left["quota"].keys() == {"carried"}
    assert not db.document(f"userGenerations/{made}").get().exists
    again = app.ask("delete_my_data")
    assert again == {"userId": app.uid, "finished": True, "documents": {}}
    for function, data in {
        "check_limit": {},
        "create_generation": order("k2"),
        "get_usage": {},
        "update_profile": {"displayName": "Ann"},
        "export_my_data": {},
    }.items():
        refused = app.call(function, data)
        assert (refused.http, refused.reason) == (403, "account-deleted")
    assert "a fox in the snow" not in captured_logs.text


def test_who_leaves_and_comes_back_with_the_same_verified_email_has_what_was_left(
    app: App, monkeypatch: pytest.MonkeyPatch, db: Client
) -> None:
    """E12"""
    monkeypatch.setenv("EMAIL_HASH_KEY", "a-long-and-random-key")

    def showing(app: App, email: str, *, verified: bool = True) -> dict[str, Any]:
        token = app.token(email=email, email_verified=verified)
        headers = {"Authorization": f"Bearer {token}"}
        answer: dict[str, Any] = app.call("check_limit", {}, headers=headers).result
        return answer

    email = f"{app.uid}@example.com"
    assert showing(app, email)["used"] == 0
    for n in range(3):
        generate(app, f"k{n}")
    app.ask("delete_my_data")
    assert showing(app.of(f"{app.uid}-2"), email.upper())["used"] == 3
    assert showing(app.of(f"{app.uid}-3"), email, verified=False)["used"] == 0
    assert showing(app.of(f"{app.uid}-4"), f"x{email}")["used"] == 0
    monkeypatch.setenv("EMAIL_HASH_KEY", "off")
    assert showing(app.of(f"{app.uid}-5"), email)["used"] == 0
    kept = [each.to_dict() for each in db.collection("formerUsers").stream()]
    assert f'"{app.uid}"' not in json.dumps(kept, default=str), "who came back holds it now"


LINKED = {
    "@context": "https://schema.org",
    "@type": "https://schema.org/ImageObject",
    "@@type": "one more",
    "type": "plain",
    "parts": [{"@type": "Person", "value": "12"}, {"deep": {"@@@type": None}}],
    "typed": {"@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "twelve"},
}
TOLD = {
    "@context": "https://schema.org",
    "@@type": "https://schema.org/ImageObject",
    "@@@type": "one more",
    "type": "plain",
    "parts": [{"@@type": "Person", "value": "12"}, {"deep": {"@@@@type": None}}],
    "typed": {"@@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "twelve"},
}


def keys_of(value: Any) -> set[str]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return {key for each in value for key in keys_of(each)}
    below = [keys_of(each) for each in value.values()] if isinstance(value, dict) else []
    return set(value).union(*below) if isinstance(value, dict) else set()


def test_no_answer_holds_a_key_that_the_libraries_take_for_a_number(app: App, db: Client) -> None:
    """Wherever a map with `@type` is kept of a user, no callable says it."""
    fields = {"parameters": LINKED, "metadata": LINKED}
    opened = app.ask("create_generation", **order("k", **fields))["generationId"]
    report = {"generationId": opened, "generationStatus": "success", "metadata": LINKED}
    url = "https://cdn.example.com/1.png"
    user = db.document(f"users/{app.uid}")
    user.update({"own": LINKED, "preferences": LINKED, "subscription": LINKED})
    answers = {
        "update_generation": {**report, "imageUrl": url},
        "create_generation": order("k", **fields),
        "check_limit": {},
        "get_usage": {},
        "update_profile": {},
        "register_device": {"token": "t", "platform": "web"},
        "export_my_data": {},
        "delete_generation": {"generationId": opened},
    }
    for function, data in answers.items():
        assert "@type" not in keys_of(app.call(function, data).result), function
    assert "@type" not in keys_of(app.ask("delete_my_data"))


def test_an_export_tells_type_keys_apart_and_the_api_s_says_them_as_they_are(
    app: App, db: Client
) -> None:
    opened = app.ask("create_generation", **order("k", parameters=LINKED, metadata={"a": LINKED}))
    db.document(f"users/{app.uid}").update({"own": LINKED})
    documents = {each["path"]: each["data"] for each in app.ask("export_my_data")["documents"]}
    record = documents[f"userGenerations/{opened['generationId']}"]
    assert (record["parameters"], record["metadata"]) == (TOLD, {"a": TOLD})
    assert documents[f"users/{app.uid}"]["own"] == TOLD
    db.document("users/root").set({"role": "admin"})
    page = app.of("root").get(f"/api/users/{app.uid}/export")
    shown = {each["path"]: each["data"] for each in page["documents"]}
    assert shown[f"users/{app.uid}"]["own"] == LINKED
    listed = app.get(f"/api/generations/{opened['generationId']}")
    assert listed["parameters"] == LINKED
