"""The OpenAPI document as generators of clients take it: no warning, whole clients, and they work."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dev.setup import NODE_MODULES, VENV
from tests.functions.app import order

if TYPE_CHECKING:
    from pathlib import Path

    from google.cloud.firestore import Client

    from tests.functions.app import App

TOOLS = VENV / "bin"
NOTE = "it was our fault"
TYPESCRIPT = """
import type { components, paths } from "./api";

type Schemas = components["schemas"];
export const tracked: Schemas["TrackGeneration"] = {}; // all of it may be left out
export const limits: Schemas["SetLimits"] = {
  note: "more", limits: { day: 5, week: null }, limitsByType: { video: { day: 2 } },
};
export const plan: Schemas["PutPlan"] = { note: "new", limits: { period: 10 }, prices: [{ credits: 2 }] };
export const zone: Schemas["SetTimezone"] = { note: "moved", timezone: "Europe/Berlin" };
export const kept: Schemas["StorableMap"] = { a: [1, null, { b: true }] };
// @ts-expect-error a change needs a note
export const unnoted: Schemas["SetLimits"] = { limits: { day: 5 } };

type Usage =
  paths["/api/usage-tracking/comprehensive/{userId}"]["get"]["responses"]["200"]["content"]["application/json"];
export const rest = (usage: Usage): number => usage.windows.reduce((sum, row) => sum + row.remaining, 0);
type Filter = NonNullable<paths["/api/generations"]["get"]["parameters"]["query"]>;
export const mine: Filter = { userId: "ada", pageSize: 50 };
"""


@pytest.fixture(scope="module")
def admin(deployment: App, db: Client) -> App:
    db.document("users/root").set({"role": "admin"})
    return deployment.of("root")


@pytest.fixture(scope="module")
def document(admin: App, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_text(json.dumps(admin.get("/api/openapi.json")))
    return path


@pytest.fixture
def answers(app: App, admin: App) -> dict[str, Any]:
    """Give answers of the API with something in them, by the name of their schema."""
    linked = {"@type": "Thing", "steps": [1, 2.5, None, {"deep": [True]}]}
    made = app.ask("create_generation", **order(parameters=linked))["generationId"]
    report = {"generationId": made, "generationStatus": "success"}
    app.ask("update_generation", **report, imageUrl="https://cdn.example.com/1.png")
    gift = {"credits": 5, "note": NOTE}
    return {
        "UsageAnswer": app.get(f"/api/usage-tracking/comprehensive/{app.uid}"),
        "GenerationAnswer": app.get(f"/api/generations/{made}"),
        "Page_GenerationAnswer_": app.get("/api/generations"),
        "ChangeAnswer": admin.api("POST", f"/api/users/{app.uid}/grants", gift).json,
        "UserInFull": admin.get(f"/api/users/{app.uid}"),
        "TimelineAnswer": admin.get(f"/api/users/{app.uid}/timeline"),
        "ExportAnswer": admin.get(f"/api/users/{app.uid}/export"),
        "Page_PlanAnswer_": app.get("/api/plans"),
        "AnalyticsAnswer": admin.get("/api/analytics"),
        "TableAnswer": admin.get("/api/analytics?table=days&format=json"),
        "UserAnalyticsAnswer": app.get(f"/api/analytics/users/{app.uid}"),
    }


def run(*command: str | Path) -> None:
    """Run a generator; what it warns of it could not make."""
    env = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(list(command), env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "arning" not in done.stdout + done.stderr, done.stdout + done.stderr


def test_openapi_python_client_makes_a_client_that_reads_and_writes(
    document: Path,
    answers: dict[str, Any],
    app: App,
    admin: App,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    tool = TOOLS / "openapi-python-client"
    out = tmp_path / "genquota_client"
    run(tool, "generate", "--path", document, "--meta", "none", "--output-path", out,
        "--fail-on-warning")  # fmt: skip
    monkeypatch.syspath_prepend(str(tmp_path))
    models = importlib.import_module("genquota_client.models")
    for name, answer in answers.items():
        model = getattr(models, name.replace("_", ""))
        assert model.from_dict(answer).to_dict() == answer, name
    by_type = models.SetLimitsLimitsByTypeType0.from_dict({"video": {"day": 2, "week": None}})
    body = models.SetLimits(note=NOTE, limits_by_type=by_type)
    assert body.to_dict() == {"note": NOTE, "limitsByType": {"video": {"day": 2, "week": None}}}
    changed = admin.api("PUT", f"/api/users/{app.uid}/limits", body.to_dict()).json
    assert changed["changed"] is True
    path = f"/api/usage-tracking/track-generation/{app.uid}"
    assert admin.api("POST", path, models.TrackGeneration().to_dict()).json["charged"] == 1
    zone = models.SetTimezone(note=NOTE, timezone="Asia/Tokyo").to_dict()
    assert admin.api("PUT", f"/api/users/{app.uid}/timezone", zone).json["changed"] is True


def test_datamodel_code_generator_makes_models_that_read_and_write(
    document: Path,
    answers: dict[str, Any],
    app: App,
    admin: App,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    tool = TOOLS / "datamodel-codegen"
    out = tmp_path / "genquota_models.py"
    run(tool, "--input", document, "--input-file-type", "openapi", "--output", out,
        "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin")  # fmt: skip
    monkeypatch.syspath_prepend(str(tmp_path))
    models = importlib.import_module("genquota_models")
    for name, answer in answers.items():
        model = getattr(models, name.replace("_", ""))
        known = model.model_validate(answer)
        assert known.model_dump(mode="json", by_alias=True) == answer, name
    body = models.SetLimits(note=NOTE, limitsByType={"video": {"day": 2}})
    written = body.model_dump(mode="json", exclude_unset=True)
    assert written == {"note": NOTE, "limitsByType": {"video": {"day": 2}}}
    assert admin.api("PUT", f"/api/users/{app.uid}/limits", written).json["changed"] is True
    tracked = models.TrackGeneration(outputs=[{"url": "https://cdn.example.com/1.png"}])
    path = f"/api/usage-tracking/track-generation/{app.uid}"
    assert admin.api("POST", path, tracked.model_dump(mode="json")).json["charged"] == 1
    zone = models.SetTimezone(note=NOTE, timezone="Asia/Tokyo").model_dump(mode="json")
    assert admin.api("PUT", f"/api/users/{app.uid}/timezone", zone).json["changed"] is True
    for wrong in ({}, {"note": ""}, {"note": NOTE, "limits": {"decade": 5}}):
        with pytest.raises(ValueError, match="validation error"):
            models.SetLimits(**wrong)


def test_openapi_typescript_makes_types_that_ask_for_no_more_than_the_api(
    document: Path, tmp_path: Path
) -> None:
    tools = NODE_MODULES / ".bin"
    run(tools / "openapi-typescript", document, "--output", tmp_path / "api.d.ts")
    (tmp_path / "use.ts").write_text(TYPESCRIPT)
    run(tools / "tsc", "--noEmit", "--strict", tmp_path / "use.ts")


def test_the_document_has_what_generators_understand_and_nothing_else(document: Path) -> None:
    """What broke each of the three, found without them."""
    described = json.loads(document.read_text())
    text = json.dumps(described)
    assert "patternProperties" not in text
    schemas = described["components"]["schemas"]
    for name, schema in schemas.items():
        assert text.count(f'"#/components/schemas/{name}"') > 0, name
        for field, fields in schema.get("properties", {}).items():
            assert not {"default", "title"} & fields.keys(), (name, field)
    enums = [each["enum"] for each in _schemas(described) if isinstance(each.get("enum"), list)]
    assert max(map(len, enums)) < 20
    for values in enums:
        assert len({str(each).lower().replace("-", "_") for each in values}) == len(values)


def _schemas(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [found for each in value for found in _schemas(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in _schemas(each))]
