"""The table of what stands in the audit log names every action, and no other."""

from __future__ import annotations

import re

from genquota.domain.audit_actions import AuditAction
from tests.docs.pages import page


def test_the_page_of_operators_names_every_action_and_no_other() -> None:
    said = {
        name
        for row in page("docs/operators.md").rows()
        if row[0].startswith("`") and row[0] == row[0].lower()
        for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row[0])
    }
    assert said == {action.value for action in AuditAction}
