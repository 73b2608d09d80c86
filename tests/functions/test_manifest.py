"""What a deployment would make of the functions: the manifest, found as firebase-tools finds it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from dev.emulators import free_port
from dev.env_files import read_env_file
from dev.setup import ROOT, VENV
from genquota.billing.registry import PROVIDERS
from tests.functions.app import CALLABLES, HTTP, SCHEDULES, WEBHOOKS

if TYPE_CHECKING:
    from pathlib import Path

    from genquota.billing.provider import PaymentProvider

NOBODY = "http://127.0.0.1:9"
EVERYWHERE = {
    "platform": "gcfv2",
    "region": ["{{ params.REGION }}"],
    "availableMemoryMb": 512,
    "cpu": 1,
    "concurrency": "{{ params.CONCURRENCY }}",
    "ingressSettings": None,
    "serviceAccountEmail": None,
    "secretEnvironmentVariables": [],
}
SECRETS = read_env_file(ROOT / "functions" / ".secret.local.example").keys()
"""A deployment asks for these once; `off` where they are not used."""
KEPT_WARM = {"check_limit", "create_generation", "update_generation"}


def _discovered(folder: Path) -> str:
    """Start the SDK's own server in a copy of the source, and ask it as firebase-tools does."""
    source = shutil.copytree(
        ROOT / "functions",
        folder / "functions",
        ignore=shutil.ignore_patterns("venv", ".env*", "__pycache__", ".*_cache"),
    )
    assert not (source / ".env").exists()
    (serving,) = VENV.glob("lib/python3*/site-packages/firebase_functions/private/serving.py")
    port = free_port()
    env = {"ADMIN_PORT": str(port), "HTTPS_PROXY": NOBODY, "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "log").open("wb") as log:
        command = [str(VENV / "bin" / "python"), str(serving)]
        process = subprocess.Popen(command, cwd=source, env=env, stdout=log, stderr=log)
        try:
            manifest = _get(f"http://127.0.0.1:{port}/__/functions.yaml")
            assert _get(f"http://127.0.0.1:{port}/__/quitquitquit") == "OK"
            process.wait(10)
        finally:
            process.kill()
            process.wait()
    return manifest


def _get(url: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url) as answer:  # noqa: S310 - http, written above
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return _discovered(tmp_path_factory.mktemp("discovery"))


@pytest.fixture(scope="module")
def manifest(text: str) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(text)


def test_all_functions_are_found_without_settings_environment_or_network(
    manifest: dict[str, Any],
) -> None:
    assert manifest["endpoints"].keys() == {*CALLABLES, *HTTP, *SCHEDULES, *WEBHOOKS}


@pytest.mark.parametrize("function", CALLABLES)
def test_a_callable_is_deployed_as_meant(manifest: dict[str, Any], function: str) -> None:
    assert manifest["endpoints"][function] == {
        **EVERYWHERE,
        "secretEnvironmentVariables": [{"key": "EMAIL_HASH_KEY"}],
        "entryPoint": function,
        "callableTrigger": {},
        "labels": {"deployment-callable": "true"},
        "timeoutSeconds": 60,
        "maxInstances": "{{ params.MAX_INSTANCES }}",
        "minInstances": "{{ params.MIN_INSTANCES }}" if function in KEPT_WARM else None,
    }


def test_the_http_api_is_deployed_as_meant(manifest: dict[str, Any]) -> None:
    assert manifest["endpoints"]["api"] == {
        **EVERYWHERE,
        "secretEnvironmentVariables": [{"key": "EMAIL_HASH_KEY"}],
        "entryPoint": "api",
        "httpsTrigger": {},
        "labels": {},
        "timeoutSeconds": 60,
        "maxInstances": "{{ params.MAX_INSTANCES }}",
        "minInstances": None,
    }


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name.value)
def test_a_webhook_is_deployed_with_its_own_secrets_and_no_others(
    manifest: dict[str, Any], provider: PaymentProvider
) -> None:
    secrets = [name for name in SECRETS if name.startswith(f"{provider.name.value.upper()}_")]
    assert manifest["endpoints"][provider.webhook] == {
        **EVERYWHERE,
        "entryPoint": provider.webhook,
        "httpsTrigger": {},
        "labels": {},
        "timeoutSeconds": 60,
        "maxInstances": "{{ params.MAX_INSTANCES }}",
        "minInstances": None,
        "secretEnvironmentVariables": [{"key": name} for name in secrets],
    }


@pytest.mark.parametrize(
    ("function", "schedule"),
    [
        ("expire_generations", "every 5 minutes"),
        ("reset_periods", "every 15 minutes"),
        ("cleanup", "*/10 3 * * 0"),
        ("reconcile", "*/10 4-6 * * 0"),
        ("daily_statistics", "every 10 minutes"),
    ],
)
def test_a_schedule_is_deployed_as_meant(
    manifest: dict[str, Any], function: str, schedule: str
) -> None:
    assert manifest["endpoints"][function] == {
        **EVERYWHERE,
        "entryPoint": function,
        "scheduleTrigger": {
            "schedule": schedule,
            "timeZone": "{{ params.DEFAULT_TIMEZONE }}",
            "retryConfig": {"retryCount": 3},
        },
        "labels": {},
        "timeoutSeconds": 540,
        "maxInstances": 1,
        "minInstances": None,
    }


def test_each_param_has_a_default_but_for_secrets(manifest: dict[str, Any]) -> None:
    kinds = {param["type"] for param in manifest["params"]}
    assert kinds == {"string", "int", "boolean", "secret"}
    asked = {param["name"] for param in manifest["params"] if "default" not in param}
    assert asked == SECRETS
    assert "test_clock" not in json.dumps(manifest["endpoints"]).lower()


def test_only_the_scheduler_is_asked_for_as_an_api(manifest: dict[str, Any]) -> None:
    assert [api["api"] for api in manifest["requiredAPIs"]] == ["cloudscheduler.googleapis.com"]


def test_the_runtime_deployed_is_one_that_the_cli_knows() -> None:
    (codebase,) = json.loads((ROOT / "firebase.json").read_text())["functions"]
    assert (codebase["source"], codebase["runtime"]) == ("functions", "python313")
    assert {"venv", ".secret.local", ".env.local"} <= set(codebase["ignore"])


def test_an_unattended_deployment_finds_every_value_in_the_shipped_settings(
    text: str, tmp_path: Path
) -> None:
    file = tmp_path / "functions.yaml"
    file.write_text(text)
    script = ROOT / "tests" / "functions" / "resolve_build.mjs"
    command = ["node", str(script), str(file), str(ROOT / "functions"), "python313"]
    resolved = subprocess.run(
        command, check=False, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert resolved.returncode == 0, resolved.stderr
    endpoints = json.loads(resolved.stdout)["regions"]["us-central1"]
    assert endpoints.keys() == {*CALLABLES, *HTTP, *SCHEDULES, *WEBHOOKS}
    names = ("runtime", "cpu", "concurrency", "maxInstances", "minInstances")
    assert [endpoints["check_limit"][name] for name in names] == ["python313", 1, 80, 20, 0]
    assert [endpoints["reset_periods"][name] for name in names] == ["python313", 1, 80, 1, None]
    assert endpoints["reset_periods"]["scheduleTrigger"]["timeZone"] == "UTC"
