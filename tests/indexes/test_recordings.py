"""That recordings of separate test runs add up, and that those of other code don't count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.indexes.recordings import Recordings, code_state, load, save
from tests.indexes.shapes import Shape

if TYPE_CHECKING:
    from pathlib import Path

BY_AGE = Shape("things", order=(("age", "ASCENDING"),))
OF_KIND = Shape("things", is_group=True, equal=frozenset({"kind"}), contains=frozenset({"tags"}))


def _heard(shape: Shape, maker: str, suite: str) -> Recordings:
    return Recordings({shape: {maker}}, {f"{maker}?"}, {"things": {maker}}, {suite})


def test_recordings_of_two_runs_add_up(tmp_path: Path) -> None:
    save(_heard(BY_AGE, "a", "emulator"), tmp_path, "code")
    save(_heard(BY_AGE, "b", "functions"), tmp_path, "code")
    save(_heard(OF_KIND, "b", "functions"), tmp_path, "code")
    assert load(tmp_path, "code") == Recordings(
        {BY_AGE: {"a", "b"}, OF_KIND: {"b"}},
        {"a?", "b?"},
        {"things": {"a", "b"}},
        {"emulator", "functions"},
    )


def test_the_same_said_twice_is_kept_once(tmp_path: Path) -> None:
    save(_heard(BY_AGE, "a", "emulator"), tmp_path, "code")
    save(_heard(BY_AGE, "a", "emulator"), tmp_path, "code")
    assert len(list(tmp_path.iterdir())) == 1


def test_recordings_of_other_code_are_thrown_away(tmp_path: Path) -> None:
    save(_heard(BY_AGE, "a", "emulator"), tmp_path, "old code")
    save(_heard(OF_KIND, "a", "emulator"), tmp_path, "code")
    assert set(load(tmp_path, "code").makers) == {OF_KIND}
    assert len(list(tmp_path.iterdir())) == 1


def test_where_nothing_was_recorded_nothing_is_known(tmp_path: Path) -> None:
    assert load(tmp_path / "missing", "code") == Recordings()


def test_the_state_of_the_code_changes_with_any_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    states = {code_state(tmp_path)}
    (tmp_path / "a.py").write_text("x = 2")
    states.add(code_state(tmp_path))
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    states.add(code_state(tmp_path))
    (tmp_path / "notes.txt").write_text("not code")
    states.add(code_state(tmp_path))
    assert len(states) == 3
