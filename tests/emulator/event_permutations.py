"""Every order in which a provider may deliver a few events, each in an environment of its own."""

from __future__ import annotations

import secrets
from itertools import permutations
from typing import TYPE_CHECKING, Any

from google.cloud import firestore

from genquota.domain.policy import Policy
from tests.emulator.environment import Environment
from tests.emulator.provider_events import add_catalogue, send_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

Json = dict[str, Any]


def environments_of(
    events: Sequence[Json],
    now: datetime,
    prepare: Callable[[Environment], object] = lambda _: None,
    **policy: Any,  # noqa: ANN401 - settings
) -> Iterator[Environment]:
    """Give a world for each order of ``events``, delivered there; the first comes once more at the end.

    Args:
        events: Of Stripe or RevenueCat.
        now: The time of their delivery.
        prepare: Is called with the world before any of them.
        policy: Settings other than the usual ones.
    """
    for order in permutations(events):
        db = firestore.Client(project=f"demo-{secrets.token_hex(6)}")
        env = Environment(db, now, Policy(**policy))
        add_catalogue(env)
        prepare(env)
        for event in (*order, order[0]):
            send_event(env, event)
        yield env
        db.close()
