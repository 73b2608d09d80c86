"""The check of the indexes comes last: it speaks of what all other tests made the code ask."""

from __future__ import annotations

import pytest

from tests.indexes.shapes import Shape


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == "test_index_coverage.py")


def pytest_assertrepr_compare(left: object, right: object) -> list[str] | None:
    """Print problems one by one, whole."""
    if isinstance(left, list) and right == [] and all(isinstance(each, str) for each in left):
        return [f"{len(left)} problems:", *left]
    return None


def pytest_make_parametrize_id(val: object) -> str | None:
    return str(val) if isinstance(val, Shape) else None
