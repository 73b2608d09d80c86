"""Who pays for a generation: first the plan, then grants, then overage."""

from dataclasses import replace
from datetime import datetime

from genquota.domain.account import Account, GrantPart, Reserved, Split
from genquota.domain.rows import Row
from genquota.domain.words import LIMIT_WINDOWS, UNLIMITED


def available_grants(account: Account, reserved: Reserved, now: datetime) -> list[GrantPart]:
    """Return what each live grant still has, in the order of spending.

    Soonest expiry first. Of those that cannot expire, what was bought goes last.
    """
    parts = [
        GrantPart(
            grant_id,
            grant.credits - grant.used - reserved.by_grant.get(grant_id, 0),
            grant.expires_at,
        )
        for grant_id, grant in account.grants.items()
        if grant.is_live(now)
    ]
    return sorted(
        (part for part in parts if part.credits > 0),
        key=lambda part: (
            part.expires_at is None,
            part.expires_at or now,
            part.expires_at is None and account.grants[part.grant_id].purchased,
            part.grant_id,
        ),
    )


def split_credits(
    binding: list[Row], overage: int, credits: int, grants: list[GrantPart]
) -> tuple[Split, list[Row]]:
    """Split the credits: first the plan's room, then grants, then overage.

    Returns:
        The split, and the rows that refuse it, the one that resets last at the end.
    """
    room = min((row.limit - row.used - row.reserved for row in binding), default=credits)
    in_plan = min(credits, max(0, room))
    missing = credits - in_plan
    parts = []
    for grant in grants:
        if not missing:
            break
        part = replace(grant, credits=min(missing, grant.credits))
        parts.append(part)
        missing -= part.credits
    split = Split(in_plan + missing, tuple(parts))
    if not missing or overage == UNLIMITED:
        return split, []
    refused = [
        row for row in binding if row.used + row.reserved + split.windows > row.limit + overage
    ]
    refused.sort(
        key=lambda row: (
            credits > row.limit + overage,
            row.resets_at,
            LIMIT_WINDOWS.index(row.window),
        )
    )
    return split, refused
