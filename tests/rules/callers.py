"""The callers and documents of the rules suite."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rules.rest import Caller, Project
    from tests.rules.wire import Fields

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

PEOPLE = {
    "alice": "owns documents",
    "bob": "owns others",
    "root": "is an admin",
    "dora": "was an admin: her token still says so, her document does not",
    "barred": "is an admin, and disabled",
    "gone": "is an admin, and deleted",
    "robot": "is a service",
    "shouty": "has the role 'ADMIN', which is none",
    "plain": "has a document without a role",
    "ghost": "is signed in with a token that says admin, and has no document",
    "nobody": "is not signed in",
}

_ADMIN_CLAIMS = {"role": "admin", "admin": True}


def person(project: Project, name: str) -> Caller:
    """Return one of the people as a caller of the project."""
    if name == "nobody":
        return project.signed_out()
    claims = _ADMIN_CLAIMS if name in {"dora", "ghost"} else {}
    return project.signed_in(name, **claims)


DOCUMENTS: dict[str, Fields] = {
    "users/alice": {
        "role": "user",
        "planId": "free",
        "disabled": False,
        "isDeleted": False,
        "email": "alice@example.com",
        "generatedCount": 9,
        "currentPeriodCount": 9,
        "usage": {"planId": "free", "windows": [{"window": "period", "limit": 10, "used": 9}]},
        "quota": {"windows": {"period": {"used": {"image": 9}}}, "holds": {}, "grants": {}},
    },
    "users/alice/windows/period_2026-10-01": {"used": 10},
    "users/alice/grants/g1": {"credits": 50, "purchased": True, "createdAt": NOON},
    "users/alice/devices/d1": {"platform": "ios", "createdAt": NOON},
    "users/alice/notices/n1": {"percent": 80},
    "users/alice/notices/n1/deliveries/d1": {"at": NOON},
    "users/bob": {"role": "user"},
    "users/root": {"role": "admin", "disabled": False, "isDeleted": False},
    "users/dora": {"role": "user"},
    "users/barred": {"role": "admin", "disabled": True},
    "users/gone": {"role": "admin", "isDeleted": True},
    "users/robot": {"role": "service"},
    "users/shouty": {"role": "ADMIN"},
    "users/plain": {"planId": "free"},
    "userGenerations/a1": {
        "userId": "alice",
        "type": "image",
        "generationStatus": "success",
        "promptText": "a red fox",
        "credits": 1,
        "charged": 1,
        "refunded": False,
        "isDeleted": False,
        "createdAt": NOON,
    },
    "userGenerations/a2": {
        "userId": "alice",
        "type": "image",
        "generationStatus": "success",
        "isDeleted": True,
        "createdAt": NOON,
    },
    "userGenerations/b1": {"userId": "bob", "isDeleted": False, "createdAt": NOON},
    "userGenerations/stray": {"isDeleted": False, "createdAt": NOON},
    "subscriptions/s1": {"userId": "alice", "planId": "plus", "status": "active"},
    "subscriptions/unclaimed": {"provider": "stripe", "planId": "pro", "status": "active"},
    "usageDaily/alice_2026-11-19": {"userId": "alice", "date": "2026-11-19", "used": 3},
    "usageDaily/alice_2026-11-18": {"userId": "bob", "date": "2026-11-18", "used": 4},
    "usageDaily/bob_2026-11-20": {"userId": "bob", "date": "2026-11-20", "used": 1},
    "plans/odd": {"name": "Odd", "active": "yes", "limits": {"period": 5}},
    "plans/free": {"name": "Free", "active": True, "limits": {"period": 10}},
    "plans/retired": {"name": "Old", "active": False, "limits": {"period": 99}},
    "plans/draft": {"name": "Draft", "limits": {"period": 5}},
    "live_generations/f1": {"userName": "Fox 12", "type": "image", "timestamp": NOON},
    "analyticsDaily/2026-11-19": {"total": 12},
    "analyticsDaily/2026-11-19/lists/users": {"top": '{"keys":["alice"]}'},
    "analyticsChanges/g1_late": {"userId": "alice"},
    "auditLog/e1": {"actorId": "root", "action": "set-plan", "note": "asked for it"},
    "customers/stripe_c1": {"userId": "alice"},
    "payments/stripe_p1": {"userId": "alice"},
    "packs/small": {"credits": 50},
    "deviceTokens/d1": {"userId": "alice", "token": "fcm-token"},
    "deletions/gone": {"userId": "gone", "requestedAt": NOON},
    "formerUsers/h1": {"windows": "{}", "deleteAt": NOON},
    "webhookEvents/stripe_e1": {"at": NOON},
    "testClock/now": {"at": NOON},
    "jobs/reset_periods": {"cursor": "alice"},
    "apps/own": {"of": "an app that pasted the rules"},
}


def seed(project: Project) -> None:
    """Put every document into place, as it was."""
    owner = project.owner()
    answer = owner.commit(*(owner.writing(path, fields) for path, fields in DOCUMENTS.items()))
    assert answer.status_code == 200, answer.text


def reset(project: Project) -> None:
    """Put everything back as it was seeded; the rules stay in force."""
    project.clear()
    seed(project)
