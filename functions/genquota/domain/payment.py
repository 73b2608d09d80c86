"""Who pays for a generation: first the plan, then grants, then overage; who is paid back, the other way."""

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
    split = Split(in_plan + missing, tuple(parts), missing)
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


def split_for_outputs(split: Split, made: int, asked: int) -> Split:
    """Return who pays if fewer outputs were made than were asked for: in proportion, rounded down.

    Whoever would have paid last is let off first: overage, then grants from the last one on, then the
    plan. So what outlives the period is spared before what ends with it.

    Args:
        split: Who was to pay for all of it.
        made: Outputs, at most ``asked``.
        asked: Outputs, at least 1.
    """
    spared = split.credits - split.credits * made // asked
    overage = min(spared, split.overage)
    spared -= overage
    parts = []
    for part in reversed(split.grants):
        off = min(spared, part.credits)
        spared -= off
        if part.credits > off:
            parts.append(replace(part, credits=part.credits - off))
    return Split(split.windows - overage - spared, tuple(reversed(parts)), split.overage - overage)
