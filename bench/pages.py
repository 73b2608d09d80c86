"""14. When `/usage` shows its first numbers, against a bare page that makes the same call."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.rows import Row, Section, at_most
from bench.timing import ms, p50, spread
from dev.browser import chromium, environment
from dev.plans import load_shipped_plans
from dev.site import DIST
from dev.suite import emulator_suite, free_ports
from tests.web.person import sign_up
from tests.web.visit import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from bench.sizes import Sizes
    from dev.suite import Suite

LIMIT = 1.5
WARM_UP = 3
NUMBERS = "10 left"
"""What both paint, as a new user has it."""
BASELINE = {
    "bare.html": """<!doctype html><title>bare</title><p id="left"></p>
<script type="module" src="/bare.js"></script>
""",
    "bare.js": """const { uid, token } = window.caller;
const answer = await fetch(`/api/usage-tracking/comprehensive/${uid}`, {
  headers: { authorization: `Bearer ${token}` },
});
const { remaining } = await answer.json();
document.getElementById("left").textContent = `${remaining} left`;
""",
}
WATCH = """(() => {
  window.caller = { uid: "%s", token: "%s" };
  window.seen = new Promise((done) =>
    new MutationObserver((_, observer) => {
      if (!document.body?.textContent.includes("%s")) return;
      observer.disconnect();
      requestAnimationFrame(() => done(performance.now()));
    }).observe(document, { childList: true, subtree: true, characterData: true }),
  );
})();"""
"""Tells when the numbers were painted, in milliseconds since the navigation began."""


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Open both pages by turns, with the browser's cache as a second visit finds it."""
    with emulator_suite("demo-bench-pages", free_ports()) as suite, _bare_page():
        load_shipped_plans(suite)
        browser_path = chromium()
        os.environ.update(environment(browser_path))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path)
            rounds = []
            for number in range(sizes.rounds):
                say(f"round {number + 1} of {sizes.rounds}")
                rounds.append(_round(suite, browser, number, max(5, sizes.calls // 10)))
            browser.close()
    ours, theirs = ([each for pair in rounds for each in pair[side]] for side in (0, 1))
    ratios = [p50(our) / p50(their) for our, their in rounds]
    return Section(
        "pages",
        "14. First numbers of `/usage`",
        "a page of one paragraph and six lines of script, which have the token at once, make the same "
        "call of the API and write one number",
        f"Chromium, Hosting and functions emulators, a signed-in user, a second visit. {sizes.rounds} rounds "
        "of pairs, by turns; from the start of the navigation to the first frame with the number in it.",
        [Row("first numbers, p50", ms(p50(ours)), ms(p50(theirs)), spread(ratios),
             *at_most(p50(ratios), LIMIT))],
    )  # fmt: skip


def _round(
    suite: Suite, browser: Browser, number: int, pairs: int
) -> tuple[list[float], list[float]]:
    person = sign_up(suite, f"bench-{number}@example.com")
    person.call("get_usage")
    context = browser.new_context(
        base_url=f"http://{suite.host('hosting')}", locale="en-GB", timezone_id="Europe/Berlin"
    )
    context.add_init_script(WATCH % (person.uid, person.token, NUMBERS))
    page = context.new_page()
    page.goto("/usage")
    sign_in(page, person)
    page.get_by_text(NUMBERS).first.wait_for()
    times: dict[str, list[float]] = {"/usage": [], "/bare.html": []}
    for turn in range(pairs + WARM_UP):
        for path in sorted(times, reverse=turn % 2 == 0):
            page.goto(path, wait_until="commit")
            milliseconds = page.evaluate("window.seen")
            if turn >= WARM_UP:
                times[path].append(milliseconds / 1000)
    context.close()
    return times["/usage"], times["/bare.html"]


@contextmanager
def _bare_page() -> Iterator[None]:
    """Let Hosting serve the bare page beside ours, for the length of a `with` block."""
    for name, text in BASELINE.items():
        (DIST / name).write_text(text)
    try:
        yield
    finally:
        for name in BASELINE:
            (DIST / name).unlink()
