"""Sources as they stand in the image that a deployment makes of them.

Google's buildpack compiles the functions' own sources to byte code that notes the source's time, and the
image then gets all its files dated 1980-01-01. So that byte code is stale, and each new instance compiles
what it imports. The byte code of dependencies is unchecked, and stays good. (Sources:
GoogleCloudPlatform/buildpacks at 21f28de8, cmd/python/functions_framework and pkg/python;
buildpacks/lifecycle at 4bd4b13e, archive/writer.go.)
"""

from __future__ import annotations

import compileall
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dev.setup import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_IMAGE_TIME = 315_532_801
"""1980-01-01 00:00:01 UTC"""
_NOT_DEPLOYED = shutil.ignore_patterns("venv", "__pycache__", "*.local")
_WITHOUT_RICH = 'import sys; sys.modules["rich"] = None'
"""Tests bring that library along, and httpx imports it wherever it is installed."""


@contextmanager
def deployed_sources() -> Iterator[Path]:
    """Copy the functions, and what the baseline is made of, for the length of a `with` block."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for part in ("functions", "bench"):
            shutil.copytree(ROOT / part, root / part, ignore=_NOT_DEPLOYED)
        (root / "sitecustomize.py").write_text(_WITHOUT_RICH)
        compileall.compile_dir(root, quiet=1)
        for path in root.rglob("*"):
            os.utime(path, (_IMAGE_TIME, _IMAGE_TIME))
        yield root
