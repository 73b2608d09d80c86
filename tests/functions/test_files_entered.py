"""The way of a request is short: how many files of ours a reader opens to follow it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.functions.api_requests import NOTE
from tests.functions.app import App, order

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from google.cloud.firestore import Client

PACKAGE = str(Path(__file__).parents[2] / "functions" / "genquota")


def files_entered(call: Callable[[], object]) -> set[str]:
    """Return the files of which a call runs functions, whichever thread runs them."""
    found = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:  # noqa: ANN401 - the interpreter's
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(PACKAGE):
            found.add(code.co_filename.removeprefix(PACKAGE))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return found


def test_a_create_enters_at_most_28(app: App) -> None:
    app.ask("create_generation", **order("first"))  # plan and connection are there then
    entered = files_entered(lambda: app.ask("create_generation", **order("second")))
    assert "/domain/quota/decision.py" in entered
    assert len(entered) <= 28, sorted(entered)


def test_a_change_by_an_operator_enters_at_most_32(app: App, db: Client) -> None:
    app.ask("check_limit")
    admin = app.of(f"admin-{app.uid}")
    db.document(f"users/{admin.uid}").set({"role": "admin"})

    def change(limit: int) -> None:
        body = {"limits": {"day": limit}, "note": NOTE}
        assert admin.api("PUT", f"/api/users/{app.uid}/limits", body).http == 200

    change(3)
    entered = files_entered(lambda: change(4))
    assert "/use_cases/operators/set_limits.py" in entered
    assert len(entered) <= 32, sorted(entered)
