"""What is built is small, formatted, typed, and speaks to the API as it is."""

from __future__ import annotations

import gzip
import re
import subprocess

import pytest

from dev.setup import NODE_MODULES, ROOT
from dev.site import API_TYPES, DIST, WEB, api_types, build_site

KB = 1000


@pytest.fixture(scope="module")
def scripts() -> dict[str, int]:
    """Give the size of each script, compressed, by the name of its source."""
    build_site()
    found = (DIST / "assets").glob("*.js")
    end = len("-z6doOx-S.js")  # a hash may have hyphens
    return {path.name[:-end]: len(gzip.compress(path.read_bytes(), 9)) for path in found}


def run(program: str, *arguments: str) -> None:
    command = [str(NODE_MODULES / ".bin" / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_screen_is_small(scripts: dict[str, int]) -> None:
    page = (DIST / "index.html").read_text()
    first = re.findall(r"assets/(\S+)-[\w-]{8}\.js", page)
    assert sum(scripts[name] for name in first) <= 60 * KB


def test_no_part_but_firestore_is_large(scripts: dict[str, int]) -> None:
    large = {name for name, size in scripts.items() if size > 40 * KB}
    assert large <= {"index", "firestore"}
    assert sum(scripts.values()) <= 230 * KB


def test_the_types_are_those_of_the_api() -> None:
    assert API_TYPES.read_text() == api_types(), "python -m dev.site writes them anew"


def test_the_sources_are_formatted() -> None:
    run("prettier", "--check", "web")


def test_the_sources_are_typed_and_accessible() -> None:
    run("svelte-check", "--workspace", str(WEB), "--fail-on-warnings")


def test_no_source_is_long() -> None:
    sources = [*WEB.glob("src/**/*.svelte"), *WEB.glob("src/**/*.ts"), *WEB.glob("src/**/*.css")]
    lengths = {path.name: len(path.read_text().splitlines()) for path in sources}
    del lengths[API_TYPES.name]  # made by a program
    del lengths["texts.ts"]  # all that the pages say
    assert {name: length for name, length in lengths.items() if length > 300} == {}
