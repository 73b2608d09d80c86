"""The shipped rules on an emulator, in one project for the whole suite so that coverage adds up."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.rules.callers import seed
from tests.rules.rest import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for the coverage last: it speaks of all that ran before."""
    items.sort(key=lambda item: item.path.name == "test_rule_coverage.py")


@pytest.fixture(scope="session")
def rules_text() -> str:
    """Give the rules as shipped."""
    return (Path(__file__).parents[2] / "firestore.rules").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def shipped(http: httpx.Client, firestore_host: str, rules_text: str) -> Project:
    """Give the one project that runs the shipped rules. Its documents stay as seeded."""
    project = Project(http, firestore_host, f"demo-rules-{secrets.token_hex(4)}")
    assert project.load_rules(rules_text) == []
    seed(project)
    return project


@pytest.fixture
def another(http: httpx.Client, firestore_host: str) -> Callable[[], Project]:
    """Give what makes seeded projects, to run other rules in."""

    def make() -> Project:
        project = Project(http, firestore_host, f"demo-rules-{secrets.token_hex(4)}")
        seed(project)
        return project

    return make


@pytest.fixture
def fresh(another: Callable[[], Project]) -> Project:
    """Give a seeded project of the test's own."""
    return another()
