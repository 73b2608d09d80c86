"""Which project a command works on, with which settings and credentials."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import firebase_admin
from google.auth import exceptions as auth_errors

from dev.env_files import LOCAL, BadEnvFile, read_env_file, read_settings
from genquota.domain.errors import Unavailable
from genquota.settings import BadSetting
from genquota.store.rpc import NO_ANSWER, StoreError
from genquota.store.transaction import Transaction
from genquota.triggers.runtime import context
from ops import ROOT
from ops.command import CommandError, Session

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE_EMULATOR, AUTH_EMULATOR = "FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"
_PROJECT_NAMES = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT")
_EMULATED_PROJECT = "demo-genquota"
"""What `make run` serves."""
ACCOUNTS_SECONDS = 20
"""How long Firebase Auth may take for an answer; the library would wait for two minutes."""


def open_session(named: str | None, *, dry_run: bool, needs_accounts: bool) -> Session:
    """Connect to the project, and see that it answers.

    Args:
        named: The project's id, or its alias. None: the environment's, or that of `make run` in an
            emulator.
        dry_run: Nothing shall be written.
        needs_accounts: Whether Firebase Auth is spoken to as well.

    Raises:
        CommandError: No project, a file of settings that a deployment would refuse, no credentials, or
            no answer.
    """
    is_emulated = bool(os.environ.get(STORE_EMULATOR))
    project, alias = _project(named, is_emulated=is_emulated)
    _require_one_world(is_emulated=is_emulated, needs_accounts=needs_accounts)
    os.environ["GCLOUD_PROJECT"] = project
    _load_settings(project, alias, is_emulated=is_emulated)
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
        options = {"projectId": project, "httpTimeout": ACCOUNTS_SECONDS}
        firebase_admin.initialize_app(options=options)
    return session


def _project(named: str | None, *, is_emulated: bool) -> tuple[str, str | None]:
    """Return the project's id, and the alias that it was named by."""
    of_environment = (os.environ.get(name) for name in _PROJECT_NAMES)
    called = named or next(filter(None, of_environment), None)
    if called is None and is_emulated:
        return _EMULATED_PROJECT, None
    if called is None:
        raise CommandError(
            f"Which project? Name it with --project; for an emulator set {STORE_EMULATOR}."
        )
    aliases = _aliases()
    project = aliases.get(called, called)
    if project.startswith("demo-") and not is_emulated:
        raise CommandError(
            f"{project} exists in emulators only: set {STORE_EMULATOR}, such as 127.0.0.1:8080."
        )
    if called in aliases:
        return project, called
    _require_no_settings_of_an_alias(project, aliases)
    return project, None


def _aliases() -> Mapping[str, str]:
    """Return what `firebase use --add` has kept: projects by their aliases."""
    try:
        kept = json.loads((ROOT / ".firebaserc").read_text(encoding="utf-8"))
        return dict(kept.get("projects", {}))
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as malformed:
        raise CommandError(".firebaserc is malformed.") from malformed


def _require_no_settings_of_an_alias(project: str, aliases: Mapping[str, str]) -> None:
    """Refuse to work without settings that a deployment by an alias has taken.

    Where the project has a file by its id too, none can have: the CLI refuses the two together.
    """
    if (ROOT / "functions" / f".env.{project}").exists():
        return
    for alias, meant in aliases.items():
        if meant == project and (ROOT / "functions" / f".env.{alias}").exists():
            raise CommandError(
                f"functions/.env.{alias} is read only if the project is named by its alias: "
                f"--project {alias} (PROJECT={alias}). Or call the file .env.{project}."
            )


def _require_one_world(*, is_emulated: bool, needs_accounts: bool) -> None:
    """Refuse to mix an emulator with real accounts or real documents."""
    accounts_emulated = bool(os.environ.get(AUTH_EMULATOR))
    if is_emulated and needs_accounts and not accounts_emulated:
        raise CommandError(
            f"{STORE_EMULATOR} is set and {AUTH_EMULATOR} is not: set it too, such as 127.0.0.1:9099."
        )
    if accounts_emulated and not is_emulated:
        raise CommandError(f"{AUTH_EMULATOR} is set and {STORE_EMULATOR} is not: set both or none.")


def _load_settings(project: str, alias: str | None, *, is_emulated: bool) -> None:
    """Take the settings as the Firebase CLI would; what the environment says wins."""
    folder = ROOT / "functions"
    try:
        settings = read_settings(folder, project, alias, emulated=is_emulated)
        own = read_env_file(folder / f".env.{project}") | read_env_file(folder / LOCAL)
    except BadEnvFile as refused:
        raise CommandError(str(refused)) from refused
    if is_emulated and project.startswith("demo-") and "TEST_CLOCK" not in own:
        settings["TEST_CLOCK"] = "true"  # `make run` gives it to its functions
    for name, value in settings.items():
        os.environ.setdefault(name, value)


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
