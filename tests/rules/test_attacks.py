"""Every attack fails under the shipped rules, and would not under rules with a hole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.rules.attacks import ATTACKS, REFUSED_BY_FIRESTORE_ITSELF
from tests.rules.callers import DOCUMENTS, person
from tests.rules.forgeries import CREATIONS
from tests.rules.weakened_rules import OPEN_TO_ALL, WEAKENED, weaken

if TYPE_CHECKING:
    import httpx

    from tests.rules.rest import Project


@pytest.mark.parametrize("name", ATTACKS)
def test_the_shipped_rules_refuse_and_nothing_changes(shipped: Project, name: str) -> None:
    before = _all_documents(shipped)
    answer = _attack(shipped, name)
    assert answer.status_code == 403, answer.text
    assert "PERMISSION_DENIED" in answer.text
    assert _all_documents(shipped) == before


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - REFUSED_BY_FIRESTORE_ITSELF))
def test_the_same_request_passes_where_rules_allow_all(fresh: Project, name: str) -> None:
    fresh.load_rules(OPEN_TO_ALL)
    answer = _attack(fresh, name)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", sorted(REFUSED_BY_FIRESTORE_ITSELF))
def test_what_firestore_itself_refuses_passes_for_a_server(fresh: Project, name: str) -> None:
    fresh.load_rules(OPEN_TO_ALL)
    assert _attack(fresh, name).status_code == 403
    assert ATTACKS[name].send(fresh.owner()).status_code == 200


@pytest.mark.parametrize(
    ("hole", "name"), [(hole, name) for hole in WEAKENED for name in WEAKENED[hole].lets_pass]
)
def test_a_hole_in_the_rules_lets_its_attack_pass(
    fresh: Project, rules_text: str, hole: str, name: str
) -> None:
    fresh.load_rules(rules_text)
    assert _attack(fresh, name).status_code == 403
    fresh.load_rules(weaken(rules_text, hole))
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
