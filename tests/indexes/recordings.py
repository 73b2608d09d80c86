"""What the code asked of Firestore and wrote to it while its tests ran, kept between test runs.

The suites run in processes of their own, so each leaves a file behind and the check reads them all.
A file speaks of one state of the code: recordings of other code are thrown away, since a query that
is no longer made must not go on holding its index.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.indexes.shapes import Shape

ROOT = Path(__file__).parents[2]
CODE = ROOT / "functions" / "genquota"
FOLDER = ROOT / ".run" / "queries"


@dataclass(slots=True)
class Recordings:
    """Queries by shape, written fields by collection, and the suites that were run as a whole."""

    makers: dict[Shape, set[str]] = field(default_factory=dict)
    """Each query's callers in our code, as `file:function`."""
    not_modelled: set[str] = field(default_factory=set)
    written: dict[str, set[str]] = field(default_factory=dict)
    suites: set[str] = field(default_factory=set)

    def add_query(self, shape: Shape, makers: set[str]) -> None:
        self.makers.setdefault(shape, set()).update(makers)

    def add_written(self, collection: str, fields: set[str]) -> None:
        self.written.setdefault(collection, set()).update(fields)

    def add(self, other: Recordings) -> None:
        for shape, makers in other.makers.items():
            self.add_query(shape, makers)
        for collection, fields in other.written.items():
            self.add_written(collection, fields)
        self.not_modelled |= other.not_modelled
        self.suites |= other.suites


def save(recordings: Recordings, folder: Path = FOLDER, code: str | None = None) -> None:
    """Leave recordings behind, named by what they say: the same twice is one file."""
    text = json.dumps(_to_json(recordings, code or code_state()), sort_keys=True, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def load(folder: Path = FOLDER, code: str | None = None) -> Recordings:
    """Add up all that was left behind about this state of the code; throw the rest away."""
    total = Recordings()
    for path in sorted(folder.glob("*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        if recorded["code"] == (code or code_state()):
            total.add(_from_json(recorded))
        else:
            path.unlink(missing_ok=True)
    return total


def code_state(folder: Path = CODE) -> str:
    """Return what changes when any of the code does."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        state.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()


def _to_json(recordings: Recordings, code: str) -> dict[str, Any]:
    queries = [
        {
            "collection": shape.collection,
            "isGroup": shape.is_group,
            "equal": sorted(shape.equal),
            "contains": sorted(shape.contains),
            "order": [list(each) for each in shape.order],
            "makers": sorted(makers),
        }
        for shape, makers in recordings.makers.items()
    ]
    return {
        "code": code,
        "suites": sorted(recordings.suites),
        "queries": sorted(queries, key=json.dumps),
        "notModelled": sorted(recordings.not_modelled),
        "written": {key: sorted(fields) for key, fields in recordings.written.items()},
    }


def _from_json(recorded: dict[str, Any]) -> Recordings:
    recordings = Recordings(
        not_modelled=set(recorded["notModelled"]),
        written={key: set(fields) for key, fields in recorded["written"].items()},
        suites=set(recorded["suites"]),
    )
    for each in recorded["queries"]:
        shape = Shape(
            each["collection"],
            each["isGroup"],
            frozenset(each["equal"]),
            frozenset(each["contains"]),
            tuple((path, direction) for path, direction in each["order"]),
        )
        recordings.add_query(shape, set(each["makers"]))
    return recordings
