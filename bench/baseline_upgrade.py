"""The bare SDK doing what the first event of a subscription does to the store.

The same four documents are read in one `get_all`, and written in one commit with the same
preconditions. The values are copies of what Genquota wrote for another user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.firestore import Client

    Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What one event names."""

    uid: str
    subscription: str
    customer: str
    event: str

    @classmethod
    def of(cls, uid: str) -> Names:
        return cls(uid, f"sub_{uid}", f"cus_{uid}", f"evt_{uid}")

    @property
    def paths(self) -> tuple[str, str, str, str]:
        return (
            f"webhookEvents/stripe_{self.event}",
            f"subscriptions/{self.subscription}",
            f"customers/stripe_{self.customer}",
            f"users/{self.uid}",
        )


_PERIOD = ("paidFrom", "paidUntil", "paidEnds", "windows")


@dataclass(frozen=True, slots=True)
class Model:
    """What Genquota left behind after an event."""

    receipt: Json
    subscription: Json
    customer: Json
    user: Json
    """Only the fields that were written, by path; the subscription's own has no name yet."""
    compact: str

    @classmethod
    def read(cls, db: Client, names: Names) -> Model:
        receipt, subscription, customer, user = (
            db.document(path).get().to_dict() or {} for path in names.paths
        )
        plain = ("lastResetDate", "nextResetDate", "subscription", "updatedAt", "usage")
        written = {name: user[name] for name in plain}
        quota = user["quota"]
        written |= {f"quota.{name}": quota[name] for name in _PERIOD}
        (compact,) = quota["subscriptions"].values()
        return cls(receipt, subscription, customer, written, compact)


def upgrade(db: Client, names: Names, model: Model) -> None:
    """Read the four documents and write them."""
    references = [db.document(path) for path in names.paths]
    seen = {snapshot.reference.path: snapshot for snapshot in db.get_all(references)}
    batch = db.batch()
    created = (model.receipt, model.subscription, model.customer)
    for reference, content in zip(references, created, strict=False):
        batch.create(reference, content)
    unchanged = db.write_option(last_update_time=seen[references[3].path].update_time)
    own = {f"quota.subscriptions.{names.subscription}": model.compact}
    batch.update(references[3], {**model.user, **own}, option=unchanged)
    batch.commit()
