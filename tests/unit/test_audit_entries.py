"""What stands in the audit log stays there as it was written."""

from __future__ import annotations

import ast

from tests.unit.test_house import PACKAGE, ROOT, sources, tree_of


def test_audit_entries_are_written_once_and_read_and_nothing_else() -> None:
    """Nobody changes or deletes one through Genquota. (Clients write nothing at all: tests/rules.)"""
    folders = (PACKAGE, ROOT / "ops")
    speak = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in sources(folder)
        if "auditLog" in path.read_text(encoding="utf-8")
    }
    writer, *readers = (
        f"functions/genquota/{name}"
        for name in (
            "store/audit_log.py",
            "use_cases/reading/lists.py",
            "store/timeline_records.py",
        )
    )
    assert speak == {writer, *readers}
    calls = {
        node.func.attr
        for node in ast.walk(tree_of(ROOT / writer))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert calls == {"token_hex", "create"}
