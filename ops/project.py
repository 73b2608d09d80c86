"""Which project a command works on, with which settings and credentials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import firebase_admin
from google.auth import exceptions as auth_errors

from genquota.domain.errors import Unavailable
from genquota.settings import BadSetting, firebase_options
from genquota.store.transaction import NO_ANSWER, StoreError, Transaction
from genquota.triggers.runtime import context
from ops import ROOT
from ops.command import CommandError, Session

if TYPE_CHECKING:
    from pathlib import Path

STORE_EMULATOR, AUTH_EMULATOR = "FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"
_PROJECT_NAMES = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT")
_EMULATED_PROJECT = "demo-genquota"
"""What `make run` serves."""


def open_session(named: str | None, *, dry_run: bool, needs_accounts: bool) -> Session:
    """Connect to the project, and see that it answers.

    Args:
        named: The project's id. None: the environment's, or that of `make run` in an emulator.
        dry_run: Nothing shall be written.
        needs_accounts: Whether Firebase Auth is spoken to as well.

    Raises:
        CommandError: No project, no credentials, or no answer.
    """
    is_emulated = bool(os.environ.get(STORE_EMULATOR))
    project = _project(named, is_emulated=is_emulated)
    _require_one_world(is_emulated=is_emulated, needs_accounts=needs_accounts)
    os.environ["GCLOUD_PROJECT"] = project
    _load_settings(project, is_emulated=is_emulated)
    try:
        session = Session(context(), project, is_emulated, dry_run)
        Transaction(session.context.db).read(["jobs/connection"])
    except auth_errors.DefaultCredentialsError as none_found:
        raise CommandError(
            "No Google credentials were found. Sign in with: gcloud auth application-default login"
        ) from none_found
    except auth_errors.GoogleAuthError as refused:
        raise CommandError(
            "Google refused the credentials. Sign in again: gcloud auth application-default login"
        ) from refused
    except BadSetting as meaningless:
        raise CommandError(f"functions/.env: {meaningless}") from meaningless
    except (StoreError, Unavailable, *NO_ANSWER) as failed:
        raise CommandError(_why_no_answer(project, failed, is_emulated=is_emulated)) from failed
    if needs_accounts and not firebase_admin._apps:  # noqa: SLF001 - nothing public tells
        firebase_admin.initialize_app(options=firebase_options())
    return session


def _project(named: str | None, *, is_emulated: bool) -> str:
    of_environment = (os.environ.get(name) for name in _PROJECT_NAMES)
    project = named or next(filter(None, of_environment), None)
    if project is None and is_emulated:
        return _EMULATED_PROJECT
    if project is None:
        raise CommandError(
            f"Which project? Name it with --project; for an emulator set {STORE_EMULATOR}."
        )
    if project.startswith("demo-") and not is_emulated:
        raise CommandError(
            f"{project} exists in emulators only: set {STORE_EMULATOR}, such as 127.0.0.1:8080."
        )
    return project


def _require_one_world(*, is_emulated: bool, needs_accounts: bool) -> None:
    """Refuse to mix an emulator with real accounts or real documents."""
    accounts_emulated = bool(os.environ.get(AUTH_EMULATOR))
    if is_emulated and needs_accounts and not accounts_emulated:
        raise CommandError(
            f"{STORE_EMULATOR} is set and {AUTH_EMULATOR} is not: set it too, such as 127.0.0.1:9099."
        )
    if accounts_emulated and not is_emulated:
        raise CommandError(f"{AUTH_EMULATOR} is set and {STORE_EMULATOR} is not: set both or none.")


def _load_settings(project: str, *, is_emulated: bool) -> None:
    """Take the settings as the Firebase CLI would; what the environment says wins."""
    files = [".env", f".env.{project}", *([".env.local"] if is_emulated else [])]
    settings: dict[str, str] = {}
    if is_emulated and project.startswith("demo-"):
        settings["TEST_CLOCK"] = "true"  # `make run` gives it to its functions
    for path in (ROOT / "functions" / name for name in files):
        found = _read_settings(path)
        if path.name == ".env":
            found.pop("TEST_CLOCK", None)
        settings |= found
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def _read_settings(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _why_no_answer(project: str, failed: Exception, *, is_emulated: bool) -> str:
    if is_emulated:
        where = os.environ[STORE_EMULATOR]
        return (
            f"No Firestore emulator answers at {where}. Is it running (make run)? If it was moved, say "
            "where here too: FIRESTORE_PORT=… AUTH_PORT=… behind make."
        )
    cause = failed.__cause__ or failed
    code = getattr(getattr(cause, "grpc_status_code", None), "name", type(cause).__name__)
    if code == "PERMISSION_DENIED":
        return (
            f"These credentials may not use Firestore of project {project}, or there is no such "
            "project. They need the role Cloud Datastore User there."
        )
    if code in {"NOT_FOUND", "FAILED_PRECONDITION"}:
        return f"Project {project} has no default Firestore database in Native mode."
    return f"Firestore of project {project} did not answer ({code})."
