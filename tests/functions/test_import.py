"""Importing main is all that a cold start waits for: no connection, no thread, nothing unneeded."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import Any

import pytest

from dev.setup import ROOT, VENV
from tests.functions.app import CALLABLES, HTTP, SCHEDULES, WEBHOOKS

PYTHON = str(VENV / "bin" / "python")
WATCHED_IMPORT = """
import json, socket, sys, threading
tried = []
for name in ("connect", "connect_ex"):
    setattr(socket.socket, name, lambda self, to, name=name: tried.append(str(to)))
socket.getaddrinfo = lambda *to, **_: tried.append(str(to)) or []
start = threading.Thread.start
threads = []
threading.Thread.start = lambda self: threads.append(self.name) or start(self)
import grpc
def refuse(target, *_, **__): tried.append(target)
grpc.insecure_channel = grpc.secure_channel = refuse
import google.cloud.firestore as firestore
made = []
firestore.Client.__init__ = lambda self, *_, **__: made.append("client")
import main
alive = [each.name for each in threading.enumerate()]
modules = sorted(sys.modules)
found = sorted(name for name in vars(main) if hasattr(vars(main)[name], "__firebase_endpoint__"))
print(json.dumps([tried, threads, alive, made, modules, found]))
"""


def _run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, "-c", code]
    source = ROOT / "functions"
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=source, env=env)


@cache
def _imported(target: str = "") -> dict[str, Any]:
    """Return what happens when main is imported, to list all functions or to serve one."""
    done = _run(WATCHED_IMPORT, **({"FUNCTION_TARGET": target} if target else {}))
    assert (done.returncode, done.stderr) == (0, "")
    names = ("tried", "threads", "alive", "made", "modules", "functions")
    return dict(zip(names, json.loads(done.stdout), strict=True))


def test_importing_main_opens_no_connection() -> None:
    assert _imported()["tried"] == []
    assert _imported()["made"] == []


def test_importing_main_starts_no_thread() -> None:
    assert _imported()["threads"] == []
    assert _imported()["alive"] == ["MainThread"]


UNNEEDED = (
    "stripe",
    "google.cloud.logging",
    "google.cloud.secretmanager",
    "google.cloud.tasks",
    "google.cloud.tasks_v2",
    "google.cloud.storage",
    "google.cloud.pubsub",
    "firebase_admin.firestore",
    "firebase_functions.firestore_fn",
    "dateutil",
    "structlog",
    "opentelemetry.sdk",
    "gunicorn",
    "pytest",
    "hypothesis",
    "genquota.billing.webhooks.receiver",
    "genquota.triggers.push.delivery",
)
JOBS, EXPORT = "genquota.use_cases.jobs", "genquota.triggers.export_pages"
REPORTS, USERS = "genquota.messages.requests.report_requests", "genquota.messages.answers.usage"


@pytest.mark.parametrize(
    ("target", "others"),
    [
        ("create_generation", [JOBS, EXPORT, REPORTS, USERS, "flask_cors"]),
        ("update_generation", [JOBS, EXPORT, USERS, "flask_cors"]),
        ("register_device", [JOBS]),
        ("cleanup", [JOBS, EXPORT]),
        ("api", []),
    ],
)
def test_a_cold_start_does_not_wait_for(target: str, others: list[str]) -> None:
    unneeded = (*UNNEEDED, *others)
    modules = _imported(target)["modules"]
    found = {name for name in modules for each in unneeded if f"{name}.".startswith(f"{each}.")}
    assert found == set()


def test_main_exports_the_functions_and_nothing_else() -> None:
    assert _imported()["functions"] == sorted((*CALLABLES, *HTTP, *SCHEDULES, *WEBHOOKS))


@pytest.mark.parametrize(
    ("target", "others"),
    [
        ("api", {"callables", "self_service", "schedules"}),
        ("get_usage", {"api", "self_service", "schedules"}),
        ("create_generation", {"api", "callables.check_limit", "callables.user", "self_service"}),
        ("update_generation", {"callables.create_generation", "callables.user", "schedules"}),
        ("register_device", {"api", "callables", "schedules"}),
        ("cleanup", {"api", "callables", "self_service"}),
        ("stripe_webhook", {"api", "callables", "self_service", "schedules"}),
    ],
)
def test_an_instance_imports_the_module_of_its_function_only(target: str, others: set[str]) -> None:
    modules = set(_imported(target)["modules"])
    assert {f"genquota.triggers.{each}" for each in others} & modules == set()
    # The SDK is for the Firebase CLI, which imports all functions, and for schedules.
    assert ("firebase_functions.options" in modules) == (target == "cleanup")


def test_an_instance_of_each_function_has_it() -> None:
    functions = [*CALLABLES, *HTTP, *SCHEDULES, *WEBHOOKS]
    code = f"""
import os, runpy
for name in {functions}:
    os.environ["FUNCTION_TARGET"] = name
    if name not in runpy.run_path("main.py"):
        print(name)
"""
    done = _run(code)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            {"TEST_CLOCK": "true", "GCLOUD_PROJECT": "genquota-live"},
            "TEST_CLOCK works only with the Firestore emulator and a demo- project",
        ),
        (
            {"K_SERVICE": "check-limit", "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9"},
            "FIREBASE_AUTH_EMULATOR_HOST must not be set in a deployed function",
        ),
    ],
)
def test_a_process_in_a_dangerous_environment_ends_with_a_clear_message(
    env: dict[str, str], message: str
) -> None:
    done = _run("import main", **env)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"genquota.settings.BadSetting: {message}"


def test_the_rules_are_imported_without_firebase() -> None:
    code = "import sys, genquota.domain.quota.decision; print('firebase_admin' in sys.modules)"
    assert _run(code).stdout == "False\n"
