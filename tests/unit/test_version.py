"""The version that the API tells is the one that is released."""

from __future__ import annotations

import tomllib
from pathlib import Path

from genquota.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_the_code_and_the_project_name_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
