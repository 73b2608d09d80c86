"""The command line in this process, against the Firestore emulator."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from ops.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ops = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(firestore_host: str) -> Iterator[dict[str, str]]:
    """Give an operator's environment: an emulator, and nothing said of a project."""
    before, term = dict(os.environ), signal.getsignal(signal.SIGTERM)
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "FIREBASE_AUTH_EMULATOR_HOST"):
        os.environ.pop(name, None)
    os.environ["FIRESTORE_EMULATOR_HOST"] = firestore_host
    yield os.environ  # type: ignore[misc] # as good as a dict
    os.environ.clear()
    os.environ.update(before)
    signal.signal(signal.SIGTERM, term)


@pytest.fixture
def ops(
    shell: dict[str, str], project: str, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Give a way to run a command in the test's project: its exit code, output and errors."""
    assert shell

    def run(*words: str, **more: Any) -> tuple[int, str, str]:  # noqa: ANN401 - commands of a test
        capsys.readouterr()
        named = () if "--project" in words else ("--project", project)
        code = main([*words, *named], **more)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run
