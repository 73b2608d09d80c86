"""Whether everybody can read a page: axe-core finds no fault, in both themes, and nothing is too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dev.setup import NODE_MODULES

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text()
WIDTHS = (320, 800, 1400)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FAULTS = """
async () => (await axe.run({ resultTypes: ["violations"] })).violations.map(({ id, nodes }) => ({
  [id]: nodes.map(({ html }) => html),
}))
"""
BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


def check(page: Page, *widths: int) -> None:
    """Check a page in both themes, at the given widths or else at the present one."""
    backgrounds = set()
    for width in widths or [page.evaluate("innerWidth")]:
        page.set_viewport_size({"width": width, "height": 800})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            backgrounds.add(page.evaluate(BACKGROUND))
            assert _faults(page) == []
            too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert too_wide <= 0, f"{page.url} is {too_wide} px too wide for {width}"
    assert len(backgrounds) == len(THEMES)


def _faults(page: Page) -> list[dict[str, Any]]:
    """Return what axe-core finds, by rule, each with the elements that break it."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    return list(page.evaluate(FAULTS))
