"""What makes a cold start shorter. `main` imports this module before all others, and calls `end` after them.

- Imports leave next to nothing for the garbage collector, which looks through all of it again and again: a
  sixth of a cold start. So it rests meanwhile, and then leaves alone what was imported.
- Google's buildpack compiles these sources, and the image export then dates all files 1980-01-01. Python
  takes such byte code for stale, and each new instance compiles every module anew: another eighth. Where the
  sources have that date, Python is made to compare their size only, not their time. The byte code of
  dependencies names no time. (GoogleCloudPlatform/buildpacks at 21f28de8, cmd/python/functions_framework;
  buildpacks/lifecycle at 4bd4b13e, archive/writer.go.)
- Pydantic looks for plugins through the metadata of all installed packages: 4 ms. It has none here.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from importlib.util import cache_from_source
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - a cold start waits for it
_IMAGE_DAY = range(315_532_800, 315_619_200)
"""1980-01-01 UTC, in Unix seconds."""
_TIME = slice(8, 12)
"""Of the source, in the header of byte code; https://docs.python.org/3/reference/import.html#cached-bytecode"""


class _Loader(SourceFileLoader):
    """Finds that a source has the time that its byte code notes, whenever that was."""

    def path_stats(self, path: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as it is declared
        stats = dict(super().path_stats(path))
        with suppress(OSError), open(cache_from_source(path), "rb") as compiled:  # noqa: PTH123
            stats["mtime"] = int.from_bytes(compiled.read(16)[_TIME], "little")
        return stats


_find: Callable[[str], Any] = FileFinder.path_hook((_Loader, SOURCE_SUFFIXES))


def _find_here(path: str) -> Any:  # noqa: ANN401 - as it is declared
    if os.path.commonpath((_HERE, os.path.abspath(path))) != _HERE:  # noqa: PTH100
        raise ImportError
    return _find(path)


def end() -> None:
    """Let garbage be collected again, of what is made from now on."""
    gc.freeze()
    gc.enable()


gc.disable()
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
if int(os.stat(__file__).st_mtime) in _IMAGE_DAY:  # noqa: PTH116
    sys.path_hooks.insert(0, _find_here)
    sys.path_importer_cache.pop(_HERE, None)
