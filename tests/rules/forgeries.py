"""Attempts to write: every field worth forging, in every way that a client has of writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.rules.callers import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.rules.rest import Caller
    from tests.rules.wire import Fields, Json

    Send = Callable[[Caller], httpx.Response]


@dataclass(frozen=True, slots=True)
class Attack:
    """One request by one of the people."""

    by: str
    send: Send


@dataclass(frozen=True, slots=True)
class Forgery:
    """What somebody would like a document to say."""

    path: str
    fields: Fields
    field_path: str
    """What a mask names: a field, or a dotted path into one."""

    def update(self, caller: Caller) -> httpx.Response:
        return caller.update(self.path, self.fields, self.field_path)

    def merge(self, caller: Caller) -> httpx.Response:
        return caller.commit(caller.writing(self.path, self.fields, self.field_path))

    def replace(self, caller: Caller) -> httpx.Response:
        return caller.update(self.path, self.fields)

    def commit(self, caller: Caller) -> httpx.Response:
        return caller.commit(caller.writing(self.path, self.fields))

    def transact(self, caller: Caller) -> httpx.Response:
        write = caller.writing(self.path, self.fields, self.field_path)
        return caller.commit(write, transaction=caller.begin())

    def batch(self, caller: Caller) -> httpx.Response:
        return caller.batch_write(caller.writing(self.path, self.fields, self.field_path))

    def create(self, caller: Caller) -> httpx.Response:
        return caller.create(self.path, self.fields)

    def delete(self, caller: Caller) -> httpx.Response:
        return caller.delete(self.path)

    def commit_delete(self, caller: Caller) -> httpx.Response:
        return caller.commit({"delete": caller.name(self.path)})

    def hide(self, caller: Caller) -> httpx.Response:
        """Send it in one commit behind an innocent-looking write: all or nothing."""
        innocent = caller.writing("apps/own", {"of": "x"})
        return caller.commit(innocent, caller.writing(self.path, self.fields, self.field_path))


_ME = "users/alice"
_RICH = {"windows": {"period": {"used": {"image": 0}}}, "grants": {"g": {"credits": 999}}}
_HUGE = "x" * 900_000

CHANGES = {
    "her role": Forgery(_ME, {"role": "admin"}, "role"),
    "her plan": Forgery(_ME, {"planId": "pro"}, "planId"),
    "being disabled": Forgery(_ME, {"disabled": False}, "disabled"),
    "her counter": Forgery(_ME, {"generatedCount": 0}, "generatedCount"),
    "her period's counter": Forgery(_ME, {"currentPeriodCount": 0}, "currentPeriodCount"),
    "her quota": Forgery(_ME, {"quota": _RICH}, "quota"),
    "a number in her quota": Forgery(_ME, {"quota": _RICH}, "quota.windows.period.used"),
    "a grant in her quota": Forgery(_ME, {"quota": _RICH}, "quota.grants.g"),
    "her usage": Forgery(_ME, {"usage": {"windows": []}}, "usage"),
    "a field of her usage": Forgery(_ME, {"usage": {"planId": "pro"}}, "usage.planId"),
    "her subscription's copy": Forgery(_ME, {"subscription": {"planId": "pro"}}, "subscription"),
    "a huge display name": Forgery(_ME, {"displayName": _HUGE}, "displayName"),
    "a field of the app's own": Forgery(_ME, {"favourite": "fox"}, "favourite"),
    "a closed window": Forgery(f"{_ME}/windows/period_2026-10-01", {"used": 0}, "used"),
    "a grant's credits": Forgery(f"{_ME}/grants/g1", {"credits": 999}, "credits"),
    "a device": Forgery(f"{_ME}/devices/d1", {"platform": "web"}, "platform"),
    "a notice": Forgery(f"{_ME}/notices/n1", {"percent": 0}, "percent"),
    "a generation's status": Forgery(
        "userGenerations/a1", {"generationStatus": "failed"}, "generationStatus"
    ),
    "a generation's credits": Forgery("userGenerations/a1", {"credits": 0}, "credits"),
    "a generation's holder": Forgery("userGenerations/a1", {"userId": "bob"}, "userId"),
    "a day's usage": Forgery("usageDaily/alice_2026-11-19", {"used": 0}, "used"),
    "her subscription": Forgery("subscriptions/s1", {"planId": "pro"}, "planId"),
    "a plan's limit": Forgery("plans/free", {"limits": {"period": -1}}, "limits.period"),
    "a feed entry": Forgery("live_generations/f1", {"prompt": "spam"}, "prompt"),
    "the figures": Forgery("analyticsDaily/2026-11-19", {"total": 0}, "total"),
    "a list of the figures": Forgery("analyticsDaily/2026-11-19/lists/users", {"top": "{}"}, "top"),
    "a change of the figures": Forgery("analyticsChanges/g1_late", {"userId": "bob"}, "userId"),
    "the audit log": Forgery("auditLog/e1", {"note": "nothing happened"}, "note"),
    "the clock": Forgery("testClock/now", {"at": NOON}, "at"),
    "whom a subscription belongs to": Forgery(
        "subscriptions/unclaimed", {"userId": "alice"}, "userId"
    ),
    "a receipt": Forgery("webhookEvents/stripe_e1", {"at": NOON}, "at"),
    "a pack": Forgery("packs/small", {"credits": 9999}, "credits"),
    "what a job remembers": Forgery("jobs/reset_periods", {"cursor": ""}, "cursor"),
    "whom a push token belongs to": Forgery("deviceTokens/d1", {"userId": "bob"}, "userId"),
    "a deletion": Forgery("deletions/gone", {"userId": "bob"}, "userId"),
    "what is kept of a former user": Forgery("formerUsers/h1", {"windows": "{}"}, "windows"),
    "a customer": Forgery("customers/stripe_c1", {"userId": "alice"}, "userId"),
    "bob's document": Forgery("users/bob", {"planId": "free"}, "planId"),
    "bob's generation": Forgery("userGenerations/b1", {"userId": "alice"}, "userId"),
}

CREATIONS: dict[str, Fields] = {
    "users/alice/grants/g9": {"credits": 999},
    "users/alice/notices/n9": {"percent": 80},
    "users/alice/devices/d9": {"token": "made up"},
    "users/alice/windows/period_2026-09-01": {"used": 0},
    "users/alice/own/x": {"note": "a subcollection of her own"},
    "users/carol": {"role": "admin"},
    "userGenerations/a9": {"userId": "alice", "generationStatus": "pending"},
    "subscriptions/s9": {"userId": "alice", "planId": "pro", "status": "active"},
    "usageDaily/alice_2026-11-20": {"userId": "alice", "used": 0},
    "plans/mine": {"active": True, "limits": {"period": -1}},
    "live_generations/f9": {"userName": "x", "prompt": "spam", "timestamp": NOON},
    "analyticsDaily/2026-11-20": {"total": 0},
    "analyticsDaily/2026-11-19/lists/errors": {"top": "{}"},
    "analyticsChanges/g9_late": {"userId": "alice"},
    "auditLog/e9": {"actorId": "root"},
    "webhookEvents/stripe_e9": {"at": NOON},
    "customers/stripe_c9": {"userId": "alice"},
    "packs/mine": {"credits": 9999},
    "jobs/own": {"cursor": ""},
    "formerUsers/h9": {"windows": "{}"},
    "deviceTokens/d9": {"userId": "alice", "token": "made up"},
    "deletions/bob": {"userId": "bob"},
    "testClock/later": {"at": NOON},
    "anything/else": {"x": 1},
}

TRANSFORMS: dict[str, Json] = {
    "an increment": {"fieldPath": "generatedCount", "increment": {"integerValue": "-9"}},
    "a maximum": {"fieldPath": "quota.grants.g.credits", "maximum": {"integerValue": "999"}},
    "a server time": {"fieldPath": "quota.expireAt", "setToServerValue": "REQUEST_TIME"},
    "an array union": {
        "fieldPath": "usage.windows",
        "appendMissingElements": {"values": [{"stringValue": "x"}]},
    },
}


def _transforming(transform: Json) -> Send:
    def send(caller: Caller) -> httpx.Response:
        target: Json = {"update": {"name": caller.name(_ME)}, "updateMask": {}}
        return caller.commit(target | {"updateTransforms": [transform]})

    return send


def _by_alice() -> dict[str, Attack]:
    sends: dict[str, Send] = {}
    for what, forged in CHANGES.items():
        sends[f"alice forges {what} by update"] = forged.update
        sends[f"alice forges {what} by merge"] = forged.merge
        sends[f"alice forges {what} by replacement"] = forged.replace
        sends[f"alice forges {what} by commit"] = forged.commit
        sends[f"alice forges {what} in a transaction"] = forged.transact
        sends[f"alice forges {what} in a batch write"] = forged.batch
        sends[f"alice hides a forgery of {what}"] = forged.hide
        sends[f"alice deletes {forged.path}"] = forged.delete
        sends[f"alice deletes {forged.path} by commit"] = forged.commit_delete
    for path, fields in CREATIONS.items():
        made = Forgery(path, fields, next(iter(fields)))
        sends[f"alice creates {path}"] = made.create
        sends[f"alice creates {path} by setting it"] = made.replace
        sends[f"alice creates {path} by commit"] = made.commit
    for kind, transform in TRANSFORMS.items():
        sends[f"alice moves her numbers by {kind}"] = _transforming(transform)
    return {name: Attack("alice", send) for name, send in sends.items()}


_BOBS = CHANGES["bob's document"]

FORGERIES: dict[str, Attack] = _by_alice() | {
    "ghost makes a user document with a role": Attack(
        "ghost", Forgery("users/ghost", {"role": "admin"}, "role").create
    ),
    "dora takes her role back": Attack(
        "dora", Forgery("users/dora", {"role": "admin"}, "role").update
    ),
    "root, an admin, writes a user": Attack("root", _BOBS.update),
    "root, an admin, deletes an audit entry": Attack("root", CHANGES["the audit log"].delete),
    "robot, a service, writes a user": Attack("robot", _BOBS.update),
    "nobody writes a user": Attack("nobody", _BOBS.update),
    "nobody writes the feed": Attack(
        "nobody", Forgery("live_generations/f9", {"prompt": "spam"}, "prompt").create
    ),
}
