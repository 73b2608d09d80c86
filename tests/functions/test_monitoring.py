"""The metrics and alerts under monitoring/ speak of lines that the functions log."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dev.setup import ROOT
from genquota.store import rpc, transaction
from tests import stripe_payloads as stripe
from tests.functions.app import App, order
from tests.functions.log_filters import METRICS, POLICIES, Line, metrics, read, watched
from tests.functions.webhook_requests import WHSEC, send_stripe_webhook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from google.cloud.firestore import Client

    from tests.functions.captured_logs import CapturedLogs

INSTALL = ROOT / "monitoring" / "install.sh"
MONDAY = datetime(2027, 3, 15, 9, tzinfo=UTC)
URL = "https://cdn.example.com/fox.png"


@pytest.fixture
def lines(
    app: App,
    db: Client,
    travel: Callable[[datetime], None],
    captured_logs: CapturedLogs,
    monkeypatch: pytest.MonkeyPatch,
) -> list[Line]:
    """Give what the functions log while everything happens that an alert watches for."""
    for status, more in (("success", {"imageUrl": URL}), ("failed", {})):
        id_ = app.ask("create_generation", **order(status))["generationId"]
        app.ask("update_generation", generationId=id_, generationStatus=status, **more)
    app.ask("create_generation", **order("unreported"))
    app.call("create_generation", order("too-much", count=10))
    bad = db.document(f"users/broken-{app.uid}")
    bad.set({"quota": {"windows": "gibberish", "expireAt": MONDAY, "rollAt": MONDAY}})
    travel(MONDAY + timedelta(hours=1))
    for job in ("expire_generations", "reset_periods", "daily_statistics"):
        app.send(job)
    app.of(f"broken-{app.uid}").call("check_limit", {})
    bad.delete()
    db.document(f"users/{app.uid}").update({"outputCount": 99})
    db.document("jobs/reconcile").delete()  # it begins a pass a week
    app.send("reconcile")
    with monkeypatch.context() as patch:
        patch.setenv("STRIPE_WEBHOOK_SECRET", WHSEC)
        sold = stripe.event("customer.subscription.created", stripe.subscription())
        send_stripe_webhook(app, sold)  # nobody knows the customer
        send_stripe_webhook(app, sold, Stripe_Signature="t=1,v1=made-up")
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "TRIES", 0)
        app.call("check_limit", {})
    with monkeypatch.context() as patch:
        patch.setenv("HOLD_SECONDS", "0")
        app.send("reset_periods")
    with monkeypatch.context() as patch:
        patch.setattr(rpc, "RPC_RETRY", rpc.RPC_RETRY.with_timeout(0.3))
        patch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
        rpc._client.cache_clear()
        app.call("check_limit", {})
    rpc._client.cache_clear()
    return captured_logs.lines


def test_every_metric_counts_lines_and_not_all_of_them(lines: list[Line]) -> None:
    counted = {name: len(metric.points(lines)) for name, metric in metrics().items()}
    assert [name for name, count in counted.items() if not 0 < count < len(lines)] == []


def test_every_label_of_a_metric_is_extracted(lines: list[Line]) -> None:
    for metric in metrics().values():
        declared = metric.declared["metricDescriptor"].get("labels", [])
        extracted = metric.declared.get("labelExtractors", {})
        assert {label["key"] for label in declared} == set(extracted), metric.name
        for point in metric.points(lines):
            assert all(point.values()), metric.name


def test_a_distribution_is_made_of_numbers(lines: list[Line]) -> None:
    spread = [
        each
        for each in metrics().values()
        if each.declared["metricDescriptor"]["valueType"] == "DISTRIBUTION"
    ]
    assert [each.name for each in spread] == ["genquota_unreported"]
    for metric in spread:
        # The broken user is not among those that were closed.
        assert metric.values(lines) == [1.0]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_alert_watches_what_a_metric_counts(lines: list[Line], path: Path) -> None:
    known = metrics()
    for name, labels in watched(read(path)):
        points = known[name].points(lines)
        assert any(
            all(values.fullmatch(point[key]) for key, values in labels.items()) for point in points
        ), f"{name} {labels}"


def test_every_metric_is_watched() -> None:
    names = {name for path in POLICIES for name, _ in watched(read(path))}
    assert names == {path.stem for path in METRICS}


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_an_alert_says_what_to_do(path: Path) -> None:
    policy = read(path)
    assert policy["userLabels"] == {"genquota": path.stem}
    assert len(policy["documentation"]["content"]) > 80
    assert policy["displayName"].startswith("Genquota: ")


FAKE_GCLOUD = """#!/bin/sh
# Knows what it was told to create, as the real one does.
echo "$@" >>"$STATE/calls"
case "$*" in
  "logging metrics describe "*) test -e "$STATE/$4" ;;
  "logging metrics create "*) touch "$STATE/$4" ;;
  "monitoring policies list "*)
    for word in "$@"; do
      case "$word" in --filter=*) test ! -e "$STATE/${word#*.genquota=}" || echo "policies/7" ;; esac
    done ;;
  "monitoring policies create "*) touch "$STATE/$(basename "${4#*=}" .json)" ;;
esac
"""


def _install(state: Path, *arguments: str) -> list[str]:
    """Run the script with a gcloud that remembers. Return what it would or did change."""
    gcloud = state / "gcloud"
    gcloud.write_text(FAKE_GCLOUD)
    gcloud.chmod(0o755)
    env = {**os.environ, "PATH": f"{state}{os.pathsep}{os.environ['PATH']}", "STATE": str(state)}
    done = subprocess.run(
        ["sh", INSTALL, *arguments], check=True, env=env, capture_output=True, text=True
    )
    return [line for line in done.stdout.splitlines() if line.startswith("gcloud")]


def test_installing_creates_all_once_and_brings_it_up_to_date_after_that(tmp_path: Path) -> None:
    files = len(METRICS) + len(POLICIES)
    first = _install(tmp_path, "my-project", "projects/p/notificationChannels/1")
    assert sum(" create " in call for call in first) == files == len(first)
    assert sum("--notification-channels=projects/p/not" in call for call in first) == len(POLICIES)
    again = _install(tmp_path, "my-project")
    assert sum(" update " in call for call in again) == files == len(again)
    assert not any("channel" in call for call in again)
    assert all("--project=my-project" in call for call in [*first, *again])


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    commands = _install(tmp_path, "--dry-run", "my-project")
    assert len(commands) == len(METRICS) + len(POLICIES)
    asked = (tmp_path / "calls").read_text()
    assert " create " not in asked
    assert " update " not in asked


def test_without_a_project_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _install(tmp_path)
    assert "which project?" in refused.value.stderr
