"""The flow that such backends usually have: check, create the record, generate, update it, count.

Each step is right by itself, increments included. Nothing holds between the check and the count, so
whoever asks meanwhile is let through too.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from google.cloud.firestore import Increment

from bench.baseline import IMAGE, PROMPT

if TYPE_CHECKING:
    from google.cloud.firestore import Client

SUBSCRIPTION, PLAN = "subscriptions/usual", "plans/usual"


def prepare(db: Client, uid: str, limit: int) -> None:
    """Make the documents that the flow looks at."""
    db.document(PLAN).set({"limit": limit})
    db.document(SUBSCRIPTION).set({"userId": uid, "planId": "usual", "status": "active"})
    db.document("users", uid).set({"generatedCount": 0, "currentPeriodCount": 0})


def generate(db: Client, uid: str, generation_id: str, engine_seconds: float) -> bool:
    """Generate something for the user, if the count says that they may.

    Args:
        db: The database.
        uid: Who wants it.
        generation_id: The new record's.
        engine_seconds: How long the engine works.

    Returns:
        Whether they might.
    """
    user, record = db.document("users", uid), db.document("userGenerations", generation_id)
    used = user.get().get("currentPeriodCount")
    plan_id = db.document(SUBSCRIPTION).get().get("planId")
    limit = db.document("plans", plan_id).get().get("limit")
    if used >= limit:
        return False
    now = datetime.now(UTC)
    record.create(
        {
            "userId": uid,
            "promptId": "lighthouse",
            "promptText": PROMPT,
            "generationStatus": "pending",
            "subscriptionId": "usual",
            "planId": plan_id,
            "createdAt": now,
        }
    )
    time.sleep(engine_seconds)
    record.update({"generationStatus": "success", "imageUrl": IMAGE["url"], "metadata": {}})
    user.update({"generatedCount": Increment(1), "currentPeriodCount": Increment(1)})
    return True
