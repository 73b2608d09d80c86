"""One export of all generations in a process of its own: `python -m bench.export_run SIDE PROJECT`.

Prints how many rows came, how long that took and how much memory the process has had at most.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from functions_framework import create_app
from google.cloud.firestore import Client

from bench import baseline_reads
from bench.callers import id_token
from bench.instances import GENQUOTA
from bench.timing import peak_kilobytes

if TYPE_CHECKING:
    from collections.abc import Callable

ADMIN = "the-admin"


def main(side: str, project: str) -> None:
    """Export, keep nothing, and print a line of JSON."""
    logging.disable(logging.INFO)
    export = _baseline if side == "bare" else _genquota()
    begun = time.perf_counter()
    rows, pages = export(project)
    seconds = time.perf_counter() - begun
    peak = peak_kilobytes()
    print(json.dumps({"rows": rows, "pages": pages, "seconds": seconds, "peak_kb": peak}))


def _baseline(project: str) -> tuple[int, int]:
    sizes = [len(page) for page in baseline_reads.pages_of_all(Client(project=project))]
    return sum(sizes), len(sizes)


def _genquota() -> Callable[[str], tuple[int, int]]:
    """Start the function itself. Return what follows its links from page to page."""
    client = create_app("api", str(GENQUOTA)).test_client()  # type: ignore[no-untyped-call]

    def export(project: str) -> tuple[int, int]:
        headers = {"Authorization": f"Bearer {id_token(project, ADMIN)}"}
        link, lines, pages = "</api/generations/export>", 0, 0
        while link:
            address = urlsplit(link[1:].partition(">")[0])
            answer = client.get(address.path, query_string=address.query, headers=headers)
            if answer.status_code != 200:
                raise RuntimeError(answer.get_data(as_text=True))
            lines += answer.get_data().count(b"\r\n")
            pages += 1
            link = answer.headers.get("Link", "")
        return lines - 1, pages

    return export


if __name__ == "__main__":
    main(*sys.argv[1:])
