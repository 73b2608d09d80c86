"""What somebody may try: each attack is one request that the shipped rules refuse."""

from __future__ import annotations

from tests.rules.forgeries import FORGERIES, Attack
from tests.rules.wire import equals, query

_ALICES = equals("userId", "alice")

SPYING: dict[str, Attack] = {
    "bob reads alice's document": Attack("bob", lambda c: c.get("users/alice")),
    "bob reads alice's windows": Attack("bob", lambda c: c.get("users/alice/windows")),
    "bob reads alice's grant": Attack("bob", lambda c: c.get("users/alice/grants/g1")),
    "bob reads alice's device": Attack("bob", lambda c: c.get("users/alice/devices/d1")),
    "bob reads alice's notice": Attack("bob", lambda c: c.get("users/alice/notices/n1")),
    "bob reads alice's generation": Attack("bob", lambda c: c.get("userGenerations/a1")),
    "bob reads alice's subscription": Attack("bob", lambda c: c.get("subscriptions/s1")),
    "bob reads alice's day": Attack("bob", lambda c: c.get("usageDaily/alice_2026-11-19")),
    "bob reads alice's document among his own": Attack(
        "bob", lambda c: c.batch_get("users/bob", "users/alice")
    ),
    "bob reads alice's document in a transaction": Attack(
        "bob", lambda c: c.batch_get("users/alice", newTransaction={})
    ),
    "bob lists generations without a filter": Attack("bob", lambda c: c.get("userGenerations")),
    "bob queries generations without a filter": Attack(
        "bob", lambda c: c.query(query("userGenerations"))
    ),
    "bob counts generations without a filter": Attack(
        "bob", lambda c: c.count(query("userGenerations"))
    ),
    "bob filters on alice": Attack("bob", lambda c: c.query(query("userGenerations", _ALICES))),
    "bob filters on alice in a transaction": Attack(
        "bob", lambda c: c.query_in_transaction(query("userGenerations", _ALICES))
    ),
    "bob counts alice's generations": Attack(
        "bob", lambda c: c.count(query("userGenerations", _ALICES))
    ),
    "bob lists users": Attack("bob", lambda c: c.get("users")),
    "bob lists subscriptions": Attack("bob", lambda c: c.get("subscriptions")),
    "bob reads a retired plan": Attack("bob", lambda c: c.get("plans/retired")),
    "bob lists all plans": Attack("bob", lambda c: c.get("plans")),
    "bob reads the audit log": Attack("bob", lambda c: c.get("auditLog/e1")),
    "bob reads the daily figures": Attack("bob", lambda c: c.get("analyticsDaily")),
    "bob reads who generated most": Attack(
        "bob", lambda c: c.get("analyticsDaily/2026-11-19/lists/users")
    ),
    "bob reads customers": Attack("bob", lambda c: c.get("customers")),
    "alice reads the push token of her own device": Attack(
        "alice", lambda c: c.get("deviceTokens/d1")
    ),
    "root, an admin, reads push tokens": Attack("root", lambda c: c.get("deviceTokens")),
    "bob reads what is kept of former users": Attack("bob", lambda c: c.get("formerUsers/h1")),
    "root, an admin, reads what is kept of former users": Attack(
        "root", lambda c: c.get("formerUsers")
    ),
    "root, an admin, reads receipts": Attack("root", lambda c: c.get("webhookEvents")),
    "alice reads devices as a collection group": Attack(
        "alice", lambda c: c.query(query("devices", everywhere=True))
    ),
    "alice reads windows as a collection group": Attack(
        "alice", lambda c: c.query(query("windows", everywhere=True))
    ),
    "alice reads generations as a collection group": Attack(
        "alice", lambda c: c.query(query("userGenerations", _ALICES, everywhere=True))
    ),
    "root, an admin, reads windows as a collection group": Attack(
        "root", lambda c: c.query(query("windows", everywhere=True))
    ),
    "alice asks which collections there are": Attack("alice", lambda c: c.collection_ids()),
    "alice asks what lies below bob": Attack("alice", lambda c: c.collection_ids("users/bob")),
    "dora, once an admin, reads alice's document": Attack("dora", lambda c: c.get("users/alice")),
    "dora, once an admin, lists generations": Attack("dora", lambda c: c.get("userGenerations")),
    "ghost, admin by token only, reads the audit log": Attack("ghost", lambda c: c.get("auditLog")),
    "barred, a disabled admin, reads alice's document": Attack(
        "barred", lambda c: c.get("users/alice")
    ),
    "gone, a deleted admin, reads alice's document": Attack("gone", lambda c: c.get("users/alice")),
    "robot, a service, reads alice's document": Attack("robot", lambda c: c.get("users/alice")),
    "nobody reads alice's document": Attack("nobody", lambda c: c.get("users/alice")),
    "nobody lists the feed newest first": Attack(
        "nobody", lambda c: c.query(query("live_generations", newest_by="timestamp"))
    ),
    "bob reads what lies below an entry of the feed": Attack(
        "bob", lambda c: c.get("live_generations/f1/drafts")
    ),
    "bob reads the feed as a collection group": Attack(
        "bob", lambda c: c.query(query("live_generations", everywhere=True))
    ),
    "nobody reads the feed": Attack("nobody", lambda c: c.get("live_generations")),
    "nobody reads a plan": Attack("nobody", lambda c: c.get("plans/free")),
}

ATTACKS = FORGERIES | SPYING

REFUSED_BY_FIRESTORE_ITSELF = {
    name for name in ATTACKS if name.endswith("in a batch write") or name.startswith("alice asks")
}
"""Reserved for servers: no rules of any kind open these to a client."""
