"""Adjustments by operators: reset a running window, refund a generation.

Throughout, what generations were charged in a window less what was adjusted there is what the window
shows as used.
"""

from dataclasses import replace

from genquota.domain.enums import Status, Window
from genquota.domain.errors import GenerationClosed, InvalidArgument
from genquota.domain.quota.account import Account, Counter
from genquota.domain.quota.generation import Generation, GenerationOutcome
from genquota.domain.quota.usage_counters import ClosedWindowIncrement


def reset_window(account: Account, window: Window) -> Account:
    """Set what is used of a running window to zero. Open holds stay.

    Args:
        account: Rolled to now.
        window: One that limits credits.
    """
    counter = account.windows[window]
    adjusted = dict(counter.adjusted)
    for type_, credits in counter.used.items():
        adjusted[type_] = adjusted.get(type_, 0) + credits
    fresh = replace(counter, used={}, adjusted={key: n for key, n in adjusted.items() if n})
    return replace(account, windows={**account.windows, window: fresh})


def refund(account: Account, generation: Generation) -> GenerationOutcome:
    """Refund a settled generation to the windows and grants that paid for it.

    What a reset had taken off a window already is not taken off again. What was paid by a grant that
    is gone or has ended is lost.

    Args:
        account: Its user's, rolled to now.
        generation: As recorded.

    Returns:
        The outcome; with the very same generation if it was given back before.

    Raises:
        InvalidArgument: It is still open.
        GenerationClosed: It ended without a charge.
    """
    if generation.status.is_open:
        raise InvalidArgument((("id", "still open: cancel it instead"),))
    if generation.status is not Status.SUCCESS:
        raise GenerationClosed(generation.status)
    if generation.refunded:
        return GenerationOutcome(account, generation)
    hold, windows, increments = generation.hold, dict(account.windows), []
    for window, start in hold.starts.items():
        if windows[window].span.start == start:
            windows[window] = _take_off(windows[window], hold.type, hold.allocation.windows)
        else:
            credits = -hold.allocation.windows
            increments.append(ClosedWindowIncrement(window, start, hold.date, hold.type, credits))
    grants = dict(account.grants)
    for part in hold.allocation.grants:
        if grant := grants.get(part.grant_id):
            grants[part.grant_id] = replace(grant, used=max(0, grant.used - part.credits))
    account = replace(account, windows=windows, grants=grants)
    return GenerationOutcome(
        account, replace(generation, charged=0, refunded=True), tuple(increments)
    )


def take_off_closed(increment: ClosedWindowIncrement, used: int) -> ClosedWindowIncrement:
    """Split what is given back in a closed window: what a reset took off is not taken off again.

    Args:
        increment: With negative credits.
        used: Credits of its type that the window shows.
    """
    taken = min(-increment.credits, max(0, used))
    return replace(increment, credits=-taken, adjusted=increment.credits + taken)


def _take_off(counter: Counter, type_: str, credits: int) -> Counter:
    taken = min(credits, counter.used_by(type_))
    used = {**counter.used, type_: counter.used_by(type_) - taken}
    adjusted = {**counter.adjusted, type_: counter.adjusted.get(type_, 0) - (credits - taken)}
    return replace(
        counter,
        used={key: n for key, n in used.items() if n},
        adjusted={key: n for key, n in adjusted.items() if n},
    )
