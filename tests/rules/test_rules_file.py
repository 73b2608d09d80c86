"""The rules file itself: it loads, it can be pasted, and loading rules means something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.rules.callers import PEOPLE, person
from tests.rules.weakened_rules import CLOSED_TO_ALL, OPEN_TO_ALL

if TYPE_CHECKING:
    from tests.rules.rest import Project

READING = {"read", "get", "list"}


def test_the_shipped_rules_load_without_a_complaint(fresh: Project, rules_text: str) -> None:
    assert fresh.load_rules(rules_text) == []


def test_loading_tells_of_a_function_that_does_not_exist(fresh: Project) -> None:
    issues = fresh.load_rules(CLOSED_TO_ALL.replace("if false", "if isAdmn()"))
    assert any("isAdmn" in issue["description"] for issue in issues)


@pytest.mark.parametrize("name", PEOPLE)
def test_rules_that_deny_all_deny_everyone_everything(fresh: Project, name: str) -> None:
    assert fresh.load_rules(CLOSED_TO_ALL) == []
    caller = person(fresh, name)
    assert caller.get("plans/free").status_code == 403
    assert caller.update("users/alice", {"x": 1}, "x").status_code == 403


@pytest.mark.parametrize("name", PEOPLE)
def test_rules_that_allow_all_allow_everyone_everything(fresh: Project, name: str) -> None:
    assert fresh.load_rules(OPEN_TO_ALL) == []
    caller = person(fresh, name)
    assert caller.get("customers/stripe_c1").status_code == 200
    assert caller.update("users/alice", {"x": 1}, "x").status_code == 200


def test_no_rule_speaks_of_writing(rules_text: str) -> None:
    allowed = re.findall(r"allow\s+([^:;]*)", _without_comments(rules_text))
    assert {action for each in allowed for action in re.split(r",\s*", each.strip())} <= READING
    assert allowed


def test_no_rule_believes_the_token_in_more_than_the_uid(rules_text: str) -> None:
    used = set(re.findall(r"request\.auth\b[.\w]*", _without_comments(rules_text)))
    assert used == {"request.auth", "request.auth.uid", "request.auth.uid.size"}


def test_every_function_carries_the_name_of_the_product(rules_text: str) -> None:
    names = re.findall(r"function\s+(\w+)", rules_text)
    assert names
    assert all(name.startswith("genquota") for name in names)


def test_an_app_can_paste_the_marked_part_among_its_own_rules(
    fresh: Project, rules_text: str
) -> None:
    marked = rules_text.partition("Genquota begins\n")[2].partition("// ---")[0]
    pasted = """
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    function isOwn() { return request.auth != null; }
    match /apps/{id} { allow read, write: if isOwn(); }
    MARKED
  }
}
""".replace("MARKED", marked)
    assert fresh.load_rules(pasted) == []
    alice, root = person(fresh, "alice"), person(fresh, "root")
    assert alice.update("apps/own", {"of": "alice"}).status_code == 200
    assert alice.get("users/alice").status_code == 200
    assert root.get("users/alice").status_code == 200
    assert alice.get("users/bob").status_code == 403
    assert alice.update("users/alice", {"role": "admin"}, "role").status_code == 403


def _without_comments(rules: str) -> str:
    return re.sub(r"//.*", "", rules)
