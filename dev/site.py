"""Build the web pages into `web/dist`, and describe the API to them.

`python -m dev.site` writes `web/src/api-types.d.ts` anew: after a change of the API.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from dev.setup import NODE_MODULES, ROOT, RUN, SetupError, progress

WEB = ROOT / "web"
DIST = WEB / "dist"
API_TYPES = WEB / "src" / "api-types.d.ts"
_STAMP = RUN / "site.built"


def build_site() -> None:
    """Build the pages, unless they are built as the sources say.

    Raises:
        SetupError: They cannot be built; the text says why.
    """
    wanted = _fingerprint()
    if DIST.is_dir() and _STAMP.is_file() and _STAMP.read_text() == wanted:
        return
    with progress("building the web pages"):
        _node("vite", "build", "web", "--logLevel=warn")
    _STAMP.write_text(wanted)


def serve_site(hosting: Any, region: str, may_call: str = "") -> None:  # noqa: ANN401 - JSON
    """Change the configuration of Hosting: where the functions are, and whom the pages may call beside."""
    for rewrite in hosting["rewrites"]:
        if "function" in rewrite:
            rewrite["function"]["region"] = region
    for header in (each for rule in hosting["headers"] for each in rule["headers"]):
        if header["key"] == "Content-Security-Policy":
            header["value"] = header["value"].replace(
                "connect-src", f"connect-src {may_call}".strip()
            )


def api_types() -> str:
    """Return the types of the API for TypeScript, made from its own description."""
    sys.path.insert(0, str(ROOT / "functions"))
    from genquota.domain.policy import BUILT_IN_TYPES  # noqa: PLC0415 - the build alone needs no functions
    from genquota.triggers.api.openapi import describe  # noqa: PLC0415
    from genquota.triggers.api.route_table import ROUTES  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        description, types = Path(folder) / "openapi.json", Path(folder) / "api.d.ts"
        description.write_text(json.dumps(describe(ROUTES, BUILT_IN_TYPES), sort_keys=True))
        options = (f"--output={types}", "--default-non-nullable=false")
        _node("openapi-typescript", str(description), *options)
        return types.read_text()


def _node(program: str, *arguments: str) -> None:
    command = [str(NODE_MODULES / ".bin" / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, text=True, capture_output=True)
    if done.returncode != 0:
        raise SetupError(f"{program} failed:\n{done.stdout}{done.stderr}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    built = (path for path in WEB.rglob("*") if path.is_file() and DIST not in path.parents)
    for path in (*sorted(built), ROOT / "package-lock.json"):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    API_TYPES.write_text(api_types())
