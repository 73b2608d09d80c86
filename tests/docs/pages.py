"""The documentation as a checker sees it: pages, their headings, links and fenced blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FOLDERS = (".", "monitoring", "findings", "tests", "tests/web", "bench")
"""Beside `docs`, whose pages are taken at any depth."""


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """Return the fenced blocks of a language."""
        found = _FENCE.findall(self.text)
        return [code for _, written_in, code in found if written_in == language]

    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """Return what `#…` may follow the page's name, as GitHub makes it from headings."""
        return {_slug(heading) for heading in _HEADING.findall(self.prose)}

    def rows(self) -> Iterator[list[str]]:
        """Give the cells of each table row, headings and rules included."""
        for line in self.prose.splitlines():
            if line.startswith("|"):
                yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def page(name: str) -> Page:
    """Return a page by its path in the repository."""
    return Page(ROOT / name)


def pages() -> list[Page]:
    """Return all pages."""
    found = {path for folder in _FOLDERS for path in (ROOT / folder).glob("*.md")}
    return [Page(path) for path in sorted(found | {*(ROOT / "docs").rglob("*.md")})]


def documented_fields() -> str:
    """Return what the data model says of documents, with the fields of requests that it links to."""
    requests = page("docs/reference/functions.md").text.replace("?`", "`")
    return page("docs/data-model.md").text + requests


def _slug(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")
