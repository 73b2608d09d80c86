"""The page of the HTTP API names every route, and no other."""

from __future__ import annotations

import re

from genquota.triggers.api.route_table import ROUTES
from tests.docs.pages import page


def test_the_page_names_every_route_and_no_other() -> None:
    said: set[str] = set()
    for row in page("docs/api.md").rows():
        method = None
        for code in re.findall(r"`([^`]+)`", row[0]):
            words = code.split()
            method, where = (words[0], words[1]) if len(words) > 1 else (method, words[0])
            if not re.fullmatch("GET|POST|PUT|DELETE", str(method)):
                break
            path = re.split(r"[?\\]", where)[0]
            said.add(f"{method} {path}")
    full = {each for each in said if "…" not in each}
    short = {each.split("…")[1] for each in said if "…" in each}
    routes = {f"{route.method} {route.pattern}" for route in ROUTES}
    assert full <= routes
    assert all(any(each.endswith(end) for end in short) for each in routes - full)
