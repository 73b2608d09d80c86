"""A generation that was opened at noon, under a plan of ten credits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genquota.domain.quota.decision import QuotaRequest, decide
from genquota.domain.quota.generation import GenerationOutcome, reserve
from tests.unit.samples import NOW, POLICY, account, at, limits, plan

if TYPE_CHECKING:
    from genquota.domain.quota.account import Account

TERMS = plan(limits(period=10))
IN_TIME = at("2026-11-18T12:14:59")
AT_THE_END = at("2026-11-18T12:15:00")
"""Of the hold."""


def opened(
    alice: Account | None = None, quota_request: QuotaRequest | None = None
) -> GenerationOutcome:
    """Open a generation at noon; its hold ends at a quarter past."""
    alice = alice or account(TERMS)
    quota_request = quota_request or QuotaRequest()
    return reserve(
        alice,
        decide(alice, TERMS, "test", quota_request, NOW, POLICY),
        "g1",
        quota_request.type,
        NOW,
    )
