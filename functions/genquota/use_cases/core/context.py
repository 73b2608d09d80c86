"""The context of every use-case: database, clock, policy; and the caller."""

from collections.abc import Callable, Sequence
from typing import Self

from genquota.domain.policy import Policy
from genquota.domain.records import dataclass
from genquota.store.documents import Clock
from genquota.store.transaction import Database
from genquota.use_cases.core.push_notices import UserNotices


@dataclass(frozen=True, slots=True)
class Context:
    """The deployment that a call runs in."""

    db: Database
    clock: Clock
    policy: Policy
    push: Callable[[Sequence[UserNotices]], None] | None = None
    """Sends notices to devices after their commit; None: they are only kept."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as their verified token says; rights come from the user document, never from here."""

    uid: str
    email: str | None = None
    name: str | None = None
    picture: str | None = None
    is_verified: bool = False
    """The token shows a verified email or a phone number."""
    email_hash: str | None = None
    """Stands for a verified email; None without one, or where nothing is kept of former users."""
    is_server: bool = False
    """A service account: it has no user document, is nobody's self, and counts as `service`."""

    @classmethod
    def server(cls, account_id: str) -> Self:
        return cls(account_id, is_server=True)


IN_PROCESS = None
"""The caller of the app's own server code, which may act for any user."""
