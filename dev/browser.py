"""Find a Chromium for the tests of the web pages, or unpack the one that package-lock.json pins.

On Linux (x64) the pinned one comes first, so that all machines test with the same browser; it needs no
display, no root and no network. CHROMIUM=/path names another one.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from dev.setup import NODE_MODULES, RUN, SetupError, one_at_a_time, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = NODE_MODULES / "@sparticuz" / "chromium"
FOLDER = RUN / "browser"
_PARTS = (
    "fonts",
    "swiftshader",
    "al2023",
)  # archives beside the program; the last are its libraries
_OLDEST_GLIBC = (2, 34)
_DOWNLOAD_SECONDS = 600
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_NAMES = (
    "google-chrome",
    "chromium",
    "chromium-browser",
    "chromium-headless-shell",
    "microsoft-edge",
)
# Python has no brotli, Node has. The name comes in place last, so that half a file is never started.
_UNPACK = """
const [from, to] = process.argv.slice(1);
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream");
const { createBrotliDecompress } = require("node:zlib");
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to), (error) => {
  if (error) throw error;
});
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def chromium() -> Path:
    """Return a browser that starts here.

    Raises:
        SetupError: There is none, and none could be had.
    """
    if named := os.environ.get("CHROMIUM"):
        if not Path(named).is_file():
            raise SetupError(f"CHROMIUM names {named}, which is not there")
        return Path(named)
    if _runs_the_pinned_one():
        with one_at_a_time():
            return _pinned()
    found = _downloaded() or next(_installed(), None)
    if found:
        return found
    raise SetupError("no browser: install Chrome, or name one: make test CHROMIUM=/path/to/chrome")


def environment(browser: Path) -> dict[str, str]:
    """Return the variables that a browser needs beside those that are set."""
    node = {"PLAYWRIGHT_NODEJS_PATH": shutil.which("node") or "node"}  # its own one needs libatomic
    if browser.parent != FOLDER:
        return node
    fonts = {"FONTCONFIG_FILE": str(FOLDER / "fonts.conf")}
    output = subprocess.run(["ldd", browser], check=False, text=True, capture_output=True).stdout
    libraries = {"LD_LIBRARY_PATH": str(FOLDER / "lib")} if "not found" in output else {}
    return node | fonts | libraries


def _runs_the_pinned_one() -> bool:
    name, version = platform.libc_ver()
    is_new = name == "glibc" and tuple(map(int, version.split(".")[:2])) >= _OLDEST_GLIBC
    return sys.platform == "linux" and platform.machine() == "x86_64" and is_new


def _pinned() -> Path:
    browser = FOLDER / "chromium"
    packed = PACKAGE / "bin"
    stamp = (PACKAGE / "package.json").read_text()
    known = FOLDER / "package.json"
    if browser.is_file() and known.is_file() and known.read_text() == stamp:
        return browser
    with progress("unpacking the browser for the tests"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for part in _PARTS:
            archive = FOLDER / f"{part}.tar"
            _decompress(packed / f"{part}.tar.br", archive)
            with tarfile.open(archive) as opened:
                opened.extractall(FOLDER)  # noqa: S202 - package-lock.json has its hash
            archive.unlink()
        (FOLDER / "fonts.conf").write_text(_FONTS.format(folder=FOLDER))
        _decompress(packed / "chromium.br", FOLDER / "unpacking")
        (FOLDER / "unpacking").chmod(0o755)
        (FOLDER / "unpacking").rename(browser)
        known.write_text(stamp)
    return browser


def _decompress(archive: Path, target: Path) -> None:
    command = ["node", "-e", _UNPACK, str(archive), str(target)]
    subprocess.run(command, check=True)


def _installed() -> Iterator[Path]:
    yield from (Path(place) for place in _PLACES if Path(place).is_file())
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))


def _downloaded() -> Path | None:
    """Let Playwright download the browser that it was made for."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needed on few machines only

    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    with progress("downloading a browser for the tests"):
        subprocess.run(command, check=False, timeout=_DOWNLOAD_SECONDS, capture_output=True)
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None
