"""Whether everybody can read a page: axe-core finds no fault, in both themes, and nothing is too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dev.setup import NODE_MODULES

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text()
WIDTHS = (320, 800, 1400)
COLOR_RULES = ["color-contrast", "link-in-text-block"]
"""The rules whose result depends on the theme, which changes colors and nothing else."""
FAULTS = """
async (rules) => {
  const only = rules && { runOnly: { type: "rule", values: rules } };
  const { violations } = await axe.run({ resultTypes: ["violations"], ...only });
  return violations.map(({ id, nodes }) => ({ [id]: nodes.map(({ html }) => html) }));
}
"""
BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


def check(page: Page, *widths: int) -> None:
    """Check a page in both themes, at the given widths or else at the present one."""
    for width in widths or [page.evaluate("innerWidth")]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark")
        dark = page.evaluate(BACKGROUND)
        assert faults(page, COLOR_RULES) == []
        page.emulate_media(color_scheme="light")
        assert page.evaluate(BACKGROUND) != dark
        assert faults(page) == []
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, f"{page.url} is {too_wide} px too wide for {width}"


def faults(page: Page, rules: list[str] | None = None) -> list[dict[str, Any]]:
    """Return what axe-core finds, by rule, each with the elements that break it."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    return list(page.evaluate(FAULTS, rules))
