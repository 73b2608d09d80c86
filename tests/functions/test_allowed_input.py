"""What is just allowed: wrapped integers, the longest and deepest, and what is left out or null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functions.app import App, order
from tests.functions.bad_values import UINT64, nested, wrapped
from tests.generation_fields import OPTIONAL

if TYPE_CHECKING:
    from google.cloud.firestore import Client


def _record(app: App, db: Client, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    generation_id = app.ask("create_generation", **order(**fields))["generationId"]
    return db.document(f"userGenerations/{generation_id}").get().to_dict() or {}


@pytest.mark.parametrize(
    "three", [wrapped("3"), wrapped("3", UINT64), wrapped(3)], ids=["int64", "uint64", "number"]
)
def test_wrapped_integers_are_integers(app: App, three: dict[str, Any]) -> None:
    assert app.ask("check_limit", count=three)["creditsNeeded"] == 3
    assert app.ask("create_generation", **order(count=three))["credits"] == 3


def test_wrapped_credits_are_understood(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"role": "service"})
    assert app.ask("check_limit", credits=wrapped("7"))["creditsNeeded"] == 7


def test_wrapped_integers_are_understood_at_any_depth_of_maps(app: App, db: Client) -> None:
    values = {"seed": wrapped("-9223372036854775808"), "deep": [{"n": wrapped("5", UINT64)}]}
    meant = {"seed": -(2**63), "deep": [{"n": 5}]}
    record = _record(app, db, parameters=values, metadata=values)
    assert (record["parameters"], record["metadata"]) == (meant, meant)
    again = app.ask("create_generation", **order(parameters=meant))
    assert again["replayed"] is True


def test_wrapped_integers_are_understood_in_reports(app: App, db: Client) -> None:
    generation_id = app.ask("create_generation", **order())["generationId"]
    output = {"url": "gs://bucket/a.png", "size": wrapped("1234567890123"), "width": wrapped("64")}
    report = {"outputs": [output], "metadata": {"processingTime": wrapped("900")}}
    app.ask("update_generation", generationId=generation_id, generationStatus="success", **report)
    record = db.document(f"userGenerations/{generation_id}").get().to_dict() or {}
    assert record["outputs"] == [
        {"url": "gs://bucket/a.png", "size": 1_234_567_890_123, "width": 64}
    ]
    assert record["metadata"] == {"processingTime": 900}


def test_what_only_looks_like_a_wrapper_is_kept_as_it_is(app: App, db: Client) -> None:
    values = {"a": wrapped("five"), "b": {**wrapped("5"), "more": 1}, "c": {"@type": "fox"}}
    assert _record(app, db, metadata=values)["metadata"] == values


def test_the_longest_and_deepest_is_kept_as_it_is(app: App, db: Client) -> None:
    values = {
        "promptId": "p" * 128,
        "promptText": "é" * 8000,
        "negativePrompt": "n" * 2000,
        "style": "s" * 128,
        "engine": "e" * 200,
        "inputs": ["https://example.com/".ljust(2048, "x")] * 10,
        "parameters": nested(10),
        "metadata": {"text": "x" * (16 * 1024 - len('{"text":""}'))},
    }
    record = _record(app, db, idempotencyKey="k" * 128, count=10, **values)
    assert {name: record[name] for name in values} == values


@pytest.mark.parametrize(
    "text", ["tab\tand\nline\r\nbreaks", "de\u0301compose\u0301", "\u200b", "ﷺ", "\U0010ffff"]
)
def test_any_other_text_is_kept_as_it_is(app: App, db: Client, text: str) -> None:
    assert _record(app, db, promptText=text)["promptText"] == text


def test_odd_but_storable_maps_are_kept_as_they_are(app: App, db: Client) -> None:
    values = {"a.b": {"`": 1, "*": None, "__": [True, {}]}, "n": 2**63 - 1, "f": -0.5}
    assert _record(app, db, metadata=values)["metadata"] == values


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/a.png?x=1#y",
        "gs://bucket/folder/a.png",
        "http://localhost:9199/v0/b/bucket/o/a.png",
        "http://localhost/a.png",
        "http://127.0.0.1:9199/a.png",
        "http://10.0.2.2:9199/v0/b/bucket/o/a.png",
        "http://[::1]:9199/a.png",
        "http://192.168.178.20:9199/a.png",
        "https://bücher.example/f%C3%BCr%20alle.png",
    ],
)
def test_urls_of_the_web_of_buckets_and_in_a_demo_project_of_this_machine(
    app: App, url: str
) -> None:
    generation_id = app.ask("create_generation", **order(inputs=[url]))["generationId"]
    report = {"generationId": generation_id, "generationStatus": "success"}
    app.ask("update_generation", **report, imageUrl=url, outputs=[{"url": url}])
    assert app.ask("update_profile", photoURL=url)["photoURL"] == url


def test_whole_floats_are_integers_wherever_integers_are(app: App, db: Client) -> None:
    db.document(f"users/{app.uid}").set({"role": "service"})
    assert app.ask("check_limit", count=3.0)["creditsNeeded"] == 3
    opened = app.ask("create_generation", **order(count=4.0, credits=8.0))
    assert (opened["credits"], type(opened["credits"])) == (8, int)
    output = {"url": "gs://bucket/a.mp4", "durationMs": 8000.0, "size": 1e6}
    report = {"outputs": [output], "outputCount": 1.0, "generationStatus": "success"}
    done = app.ask("update_generation", generationId=opened["generationId"], **report)
    assert done["charged"] == 2
    record = db.document(f"userGenerations/{opened['generationId']}").get().to_dict() or {}
    kept = [record["count"], *(record["outputs"][0][name] for name in ("durationMs", "size"))]
    assert [(each, type(each)) for each in kept] == [(4, int), (8000, int), (1_000_000, int)]
    assert app.ask("export_my_data", pageSize=1.0)["cursor"]


def test_a_failure_is_reported_whatever_the_engine_said(app: App, db: Client) -> None:
    message = "\x1b[31mout of memory\x00 \ud800" + "!" * 5000
    for key, status in (("k1", "failed"), ("k2", "cancelled")):
        opened = app.ask("create_generation", **order(key))["generationId"]
        report = {"generationId": opened, "generationStatus": status, "errorMessage": message}
        assert app.ask("update_generation", **report)["refunded"] is True
        record = db.document(f"userGenerations/{opened}").get().to_dict() or {}
        assert record["errorMessage"] == (" [31mout of memory  \ufffd" + "!" * 5000)[:1000]


def test_what_was_not_made_is_not_charged_and_the_same_report_answers_the_same(app: App) -> None:
    opened = app.ask("create_generation", **order(count=4))["generationId"]
    outputs = [{"url": f"https://cdn.example.com/{n}.png"} for n in range(3)]
    report = {"generationId": opened, "generationStatus": "success", "outputs": outputs}
    refused = app.call("update_generation", {**report, "outputCount": 2})
    assert refused.reason == "invalid-argument"
    done = app.ask("update_generation", **report, outputCount=3)
    names = ("generationStatus", "credits", "charged", "refunded")
    assert [done[name] for name in names] == ["success", 4, 3, False]
    assert (done["quota"]["used"], done["quota"]["reserved"]) == (3, 0)
    assert app.ask("update_generation", **report, outputCount=3) == done
    shown = app.get(f"/api/generations/{opened}")
    assert (shown["outputCount"], shown["charged"], shown["credits"]) == (3, 3, 4)
    assert app.ask("create_generation", **order(count=4))["credits"] == 4


def test_locales_of_all_platforms_are_kept_as_language_script_and_region(
    app: App, db: Client
) -> None:
    apple = "ar_SA@calendar=gregorian;numbers=latn"
    device = app.ask("register_device", token="t", platform="ios", locale=apple)["deviceId"]
    kept = db.document(f"users/{app.uid}/devices/{device}").get().to_dict() or {}
    assert kept["locale"] == "ar-SA"
    profile = app.ask("update_profile", preferences={"locale": "zh_Hant_TW@calendar=roc"})
    assert profile["preferences"]["locale"] == "zh-Hant-TW"


def test_null_for_what_may_be_left_out_is_as_good_as_left_out(app: App) -> None:
    first = app.ask("create_generation", **order())
    again = app.ask("create_generation", **order(), **dict.fromkeys((*OPTIONAL, "userId")))
    assert again["generationId"] == first["generationId"]
    assert again["replayed"] is True


@pytest.mark.parametrize("name", ["type", "engine", "quality", "count", "credits"])
def test_null_asks_for_the_default(app: App, name: str) -> None:
    # Firebase's JavaScript library sends null for what is undefined.
    assert app.ask("check_limit", **{name: None}) == app.ask("check_limit")


def test_types_of_the_setting_are_types(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app.call("check_limit", {"type": "api-request"}).reason == "invalid-argument"
    monkeypatch.setenv("TYPES", "api-request, music")
    assert app.ask("check_limit", type="api-request")["creditsNeeded"] == 1
    assert app.ask("create_generation", **order(type="music"))["credits"] == 1


def test_whole_floats_are_integers_in_queries_too(app: App) -> None:
    app.ask("create_generation", **order())
    assert len(app.get("/api/generations?pageSize=1.0")["items"]) == 1
    asked = f"/api/usage-tracking/can-generate/{app.uid}?count="
    assert app.get(f"{asked}3.0")["creditsNeeded"] == 3
    for wrong in ("2.5", "NaN", "inf", "1e1", "true", "2."):
        assert app.api("GET", asked + wrong).reason == "invalid-argument"
