"""What is wrong between the queries that are made and the indexes that are declared."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.indexes.index_file import Composite, IndexFile, Single

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.indexes.shapes import Shape


def query_problems(declared: IndexFile, queries: Mapping[Shape, str]) -> list[str]:
    """Name queries without an index, and indexes without a query.

    Args:
        declared: What the file says.
        queries: Every query, and who makes it.
    """
    problems = []
    used: set[Composite | Single] = set()
    for shape, maker in queries.items():
        serving = declared.serving(shape)
        if serving is None:
            problems.append(f"no index for [{shape}], which {maker} asks")
        else:
            used.update(serving)
    problems += [f"no query needs {each}" for each in declared.composites if each not in used]
    for collection, path, kept, _ in declared.overrides:
        for scope, mode in sorted(kept):
            if Single(collection, scope, path, mode) not in used:
                problems.append(f"no query needs {collection}.{path} {mode} for a {scope.lower()}")
    return problems


def file_problems(declared: IndexFile) -> list[str]:
    """Name what the file says twice, to no effect, or against itself."""
    problems = [
        f"declared twice: {each}"
        for each, count in Counter(declared.composites).items()
        if count > 1
    ]
    named = Counter((collection, path) for collection, path, _, _ in declared.overrides)
    problems += [f"declared twice: {c}.{p}" for (c, p), count in named.items() if count > 1]
    for collection, path, kept, is_ttl in declared.overrides:
        if kept == declared.inherited(collection, path) and not is_ttl:
            problems.append(f"changes nothing: {collection}.{path}")
        if is_ttl and kept:
            problems.append(f"a TTL field that is indexed: {collection}.{path}")
        if is_ttl != (path == "deleteAt"):
            problems.append(f"`deleteAt` and nothing else is a TTL field: {collection}.{path}")
    return problems


def needless_fields(
    declared: IndexFile,
    written: Mapping[str, set[str]],
    kept_on_purpose: Mapping[str, set[str]],
) -> list[str]:
    """Name fields that every write pays an index for although nothing is asked by them.

    Args:
        declared: What the file says.
        written: Top-level fields that the code writes, by collection.
        kept_on_purpose: Collections to look at, and the fields in them that stay indexed.
    """
    problems = []
    for collection, kept in kept_on_purpose.items():
        indexed = {
            path for path in written.get(collection, set()) if declared.kept(collection, path)
        }
        problems += [f"indexed for nobody: {collection}.{path}" for path in sorted(indexed - kept)]
    return problems
