"""Each test file proves a feature, and each feature has its proof."""

from __future__ import annotations

from pathlib import Path

from tests.features import FEATURES, features_of, matches

TESTS = Path(__file__).parents[1]
FILES = {(path.parent.name, path.stem.removeprefix("test_")) for path in TESTS.glob("*/test_*.py")}


def test_each_file_proves_a_feature() -> None:
    assert [file for file in sorted(FILES) if not features_of(*file)] == []


def test_a_feature_names_files_that_exist() -> None:
    names = {name for _, name in FILES}
    gone = {
        feature: missing
        for feature, files in FEATURES.items()
        if (missing := {each for each in files.split() if not any(matches(n, each) for n in names)})
    }
    assert gone == {}
