"""What is built is small, formatted, typed, and speaks to the API as it is."""

from __future__ import annotations

import gzip
import json
import subprocess
from typing import Any

import pytest

from dev.setup import NODE_MODULES, ROOT
from dev.site import API_TYPES, DIST, WEB, api_types, build_site

KB = 1000


FIRST_SCREENS = {
    "somebody signed in, at /usage": ("index.html", "usage"),
    "somebody signed out": ("index.html", "src/pages/SignIn.svelte"),
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """Give what Vite says of each chunk: its file, and what it imports."""
    build_site()
    fields: dict[str, Any] = json.loads((DIST / ".vite" / "manifest.json").read_text())
    return fields


@pytest.fixture(scope="module")
def scripts(manifest: dict[str, Any]) -> dict[str, int]:
    """Give the size of each script, compressed, by its file."""
    assert manifest
    return {
        path.relative_to(DIST).as_posix(): len(gzip.compress(path.read_bytes(), 9))
        for path in (DIST / "assets").glob("*.js")
    }


def fetched(manifest: dict[str, Any], chunk: str) -> set[str]:
    """Return the file of a chunk, by its source or name, and of all that it imports, and these import."""
    entry = manifest.get(chunk) or next(
        each for each in manifest.values() if each.get("name") == chunk
    )
    found = {entry["file"]}
    return found.union(*(fetched(manifest, each) for each in entry.get("imports", ())))


def run(program: str, *arguments: str) -> None:
    command = [str(NODE_MODULES / ".bin" / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("chunks", FIRST_SCREENS.values(), ids=FIRST_SCREENS)
def test_a_first_screen_has_at_most_60_kb_of_script(
    manifest: dict[str, Any], scripts: dict[str, int], chunks: tuple[str, ...]
) -> None:
    files = set().union(*(fetched(manifest, chunk) for chunk in chunks))
    assert sum(scripts[file] for file in files) <= 60 * KB, {file: scripts[file] for file in files}


def test_what_a_first_screen_needs_is_fetched_at_once(manifest: dict[str, Any]) -> None:
    page = (DIST / "index.html").read_text()
    at_once = fetched(manifest, "index.html")
    assert [file for file in at_once if f'"/{file}"' not in page] == []
    after = fetched(manifest, "usage") - at_once
    names = {entry["file"]: entry.get("name") for entry in manifest.values()}
    assert {names[file] for file in after} <= {"usage", "rolldown-runtime"}


def test_no_part_but_firestore_is_over_40_kb_and_all_are_at_most_230(
    manifest: dict[str, Any], scripts: dict[str, int]
) -> None:
    large = {file for file, size in scripts.items() if size > 40 * KB}
    assert large == {manifest["src/firestore.ts"]["file"]}
    assert sum(scripts.values()) <= 230 * KB


def test_firestore_comes_without_its_regular_expressions(scripts: dict[str, int]) -> None:
    firestore = max(scripts, key=lambda file: scripts[file])
    assert "Pipeline queries are not used here" in (DIST / firestore).read_text()


def test_the_types_are_those_of_the_api() -> None:
    assert API_TYPES.read_text() == api_types(), "python -m dev.site writes them anew"


def test_the_sources_are_formatted() -> None:
    run("prettier", "--check", "web")


def test_the_sources_are_typed_and_accessible() -> None:
    run("svelte-check", "--workspace", str(WEB), "--fail-on-warnings")


def test_no_source_is_long() -> None:
    sources = [*WEB.glob("src/**/*.svelte"), *WEB.glob("src/**/*.ts"), *WEB.glob("src/**/*.css")]
    unlimited = {
        API_TYPES,
        *(WEB / "src" / "texts").iterdir(),
    }  # made by a program; what the pages say
    lengths = {path: len(path.read_text().splitlines()) for path in set(sources) - unlimited}
    assert {path: length for path, length in lengths.items() if length > 300} == {}
