"""Every attack fails under the shipped rules, and would not under rules with a hole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.rules.attacks import ATTACKS, REFUSED_BY_FIRESTORE_ITSELF
from tests.rules.callers import DOCUMENTS, person, reset
from tests.rules.forgeries import CREATIONS
from tests.rules.weakened_rules import OPEN_TO_ALL, WEAKENED, weaken

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.rules.rest import Project


def test_the_shipped_rules_refuse_and_nothing_changes(
    shipped: Project, subtests: pytest.Subtests
) -> None:
    before = _all_documents(shipped)
    for name in ATTACKS:
        with subtests.test(attack=name):
            answer = _attack(shipped, name)
            assert answer.status_code == 403, answer.text
            assert "PERMISSION_DENIED" in answer.text
    assert _all_documents(shipped) == before


def test_the_same_request_passes_where_rules_allow_all(
    fresh: Project, subtests: pytest.Subtests
) -> None:
    fresh.load_rules(OPEN_TO_ALL)
    for name in sorted(ATTACKS.keys() - REFUSED_BY_FIRESTORE_ITSELF):
        with subtests.test(attack=name):
            reset(fresh)
            answer = _attack(fresh, name)
            assert answer.status_code == 200, answer.text


def test_what_firestore_itself_refuses_passes_for_a_server(
    another: Callable[[], Project], subtests: pytest.Subtests
) -> None:
    for name in sorted(REFUSED_BY_FIRESTORE_ITSELF):
        with subtests.test(attack=name):
            project = another()
            project.load_rules(OPEN_TO_ALL)
            assert _attack(project, name).status_code == 403
            assert ATTACKS[name].send(project.owner()).status_code == 200


@pytest.mark.parametrize("hole", WEAKENED)
def test_a_hole_in_the_rules_lets_its_attacks_pass(
    fresh: Project, rules_text: str, hole: str, subtests: pytest.Subtests
) -> None:
    assert WEAKENED[hole].lets_pass
    fresh.load_rules(weaken(rules_text, hole))
    for name in WEAKENED[hole].lets_pass:
        with subtests.test(attack=name):
            reset(fresh)
            answer = _attack(fresh, name)
            assert answer.status_code == 200, answer.text


def _attack(project: Project, name: str) -> httpx.Response:
    attack = ATTACKS[name]
    return attack.send(person(project, attack.by))


def _all_documents(project: Project) -> list[Any]:
    """Return what the seeded documents say, and those that attacks would create."""
    paths = [*DOCUMENTS, *CREATIONS, "users/ghost"]
    rows = [
        row.get("found") or {"name": row["missing"]}
        for row in project.owner().batch_get(*paths).json()
    ]
    assert len(rows) == len(paths)
    return sorted(rows, key=lambda row: str(row["name"]))
