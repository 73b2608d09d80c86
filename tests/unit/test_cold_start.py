"""Byte code of a deployed image is used although it is dated wrong, and of nothing else."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dev.setup import ROOT

if TYPE_CHECKING:
    from pathlib import Path

IMAGE_TIME = 315_532_801
"""1980-01-01 00:00:01 UTC: what the image export writes."""
RUN = "import cold_start, gc; {}; import part; cold_start.end(); print(part.WORD, gc.isenabled())"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose sources were changed after they were compiled, keeping their size."""
    shutil.copy(ROOT / "functions" / "cold_start.py", tmp_path)
    part = tmp_path / "part.py"
    part.write_text("WORD = 'compiled'\n")
    compileall.compile_dir(tmp_path, quiet=1)
    part.write_text("WORD = 'anewanew'\n")
    return tmp_path


def imported(folder: Path, at: int, meanwhile: str = "pass") -> str:
    """Date all files and return what the module said, and whether garbage is collected."""
    for path in folder.rglob("*"):
        os.utime(path, (at, at))
    command = [sys.executable, "-B", "-c", RUN.format(meanwhile)]
    return subprocess.check_output(command, cwd=folder, text=True).strip()


def test_in_an_image_the_byte_code_of_the_build_is_used(folder: Path) -> None:
    assert imported(folder, IMAGE_TIME) == "compiled True"


@pytest.mark.parametrize("at", [IMAGE_TIME - 86_400, IMAGE_TIME + 86_400, 1_795_000_000])
def test_elsewhere_it_is_stale(folder: Path, at: int) -> None:
    assert imported(folder, at) == "anewanew True"


def test_a_source_of_another_size_is_compiled_in_an_image_too(folder: Path) -> None:
    (folder / "part.py").write_text("WORD = 'longer than it was'\n")
    assert imported(folder, IMAGE_TIME) == "longer than it was True"


def test_a_source_without_byte_code_is_compiled_in_an_image_too(folder: Path) -> None:
    shutil.rmtree(folder / "__pycache__")
    assert imported(folder, IMAGE_TIME) == "anewanew True"


def test_no_garbage_is_collected_while_modules_are_imported(folder: Path) -> None:
    assert imported(folder, IMAGE_TIME, "assert not gc.isenabled()") == "compiled True"


def test_other_folders_are_imported_as_ever(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "elsewhere.py").write_text("WORD = 'compiled'\n")
    compileall.compile_dir(other, quiet=1)
    (other / "elsewhere.py").write_text("WORD = 'anewanew'\n")
    os.utime(other / "elsewhere.py", (IMAGE_TIME, IMAGE_TIME))
    meanwhile = f"import sys; sys.path.append({str(other)!r}); import elsewhere"
    meanwhile += "; assert elsewhere.WORD == 'anewanew'"
    assert imported(folder, IMAGE_TIME, meanwhile) == "compiled True"
