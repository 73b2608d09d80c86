"""The facts of a record that statistics count, and their text form in changes."""

import json
import math
from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.statistics.daily import ClosedGeneration
from genquota.domain.statistics.top_lists import mask_error
from genquota.store.documents import to_utc_datetime

CLOSED_FACTS = "closedFacts"
"""Field of a record that has changed after it closed: its facts as it closed, as text."""

FACT_FIELDS = (
    *("userId", "createdAt", "previousAt", "type", "engine", "planId", "promptId", "count"),
    *("generationStatus", "charged", "refunded", "late", "outputs", "outputCount", "errorMessage"),
    *("metadata.model", "metadata.processingTime", "startedAt", "completedAt"),
)
"""What `closed_generation` looks at."""

_LONGEST_NAME = 128
"""Characters, also of a uid: so many are what Firebase allows."""
_YEARS = range(1970, 9000)
"""Of times, so that all that is reckoned with them stays within the calendar."""
_MOST = 10**15
"""Credits, or milliseconds, of one generation."""
_MOST_OUTPUTS = 1000
_FINAL = (Status.SUCCESS, Status.FAILED, Status.CANCELLED, Status.EXPIRED)
_TICK = timedelta(milliseconds=1)


def closed_generation(id_: str, data: Mapping[str, Any]) -> ClosedGeneration:
    """Return the facts of a record as it is now; what can be counted of them is all right.

    Raises:
        ValueError, TypeError, LookupError, AttributeError, ArithmeticError: Somebody edited the record.
    """
    status = Status(data["generationStatus"])
    is_success = status is Status.SUCCESS
    type_ = _name(data["type"])
    if type_ is None or not data["userId"]:
        raise ValueError("no type, or no user")
    metadata = data.get("metadata") or {}
    output_count = (
        data.get("outputCount") or len(data.get("outputs") or ()) or data.get("count") or 0
    )
    generation = ClosedGeneration(
        id=id_,
        uid=data["userId"],
        created_at=to_utc_datetime(data["createdAt"]),
        previous_at=to_utc_datetime(data["previousAt"]) if data.get("previousAt") else None,
        type=type_,
        engine=_name(data.get("engine")),
        model=_name(metadata.get("model")),
        plan_id=_name(data.get("planId")),
        prompt_id=_name(data.get("promptId")),
        status=status,
        charged=int(data["charged"]),
        outputs=int(output_count) if is_success else 0,
        is_late=bool(data["late"]),
        is_refunded=is_success and bool(data["refunded"]),
        duration_ms=_duration(data, metadata.get("processingTime")) if is_success else None,
        error=mask_error(data.get("errorMessage")) if status is Status.FAILED else None,
    )
    _check(generation)
    return generation


def facts_to_text(generation: ClosedGeneration) -> str:
    """Write the facts down as a JSON list, in the order of the class; times in ISO 8601."""
    facts = [
        each.isoformat() if isinstance(each, datetime) else each for each in astuple(generation)
    ]
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def facts_from_text(text: str) -> ClosedGeneration:
    """Read what `facts_to_text` wrote.

    Raises:
        ValueError, TypeError, LookupError, AttributeError, ArithmeticError: Somebody edited it.
    """
    facts = json.loads(text)
    facts[2] = datetime.fromisoformat(facts[2])
    facts[3] = facts[3] and datetime.fromisoformat(facts[3])
    facts[9] = Status(facts[9])
    generation = ClosedGeneration(*facts)
    _check(generation)
    return generation


def facts_without_user(text: str) -> str:
    """Return facts, written down by `facts_to_text`, without the uid.

    Raises:
        ValueError, TypeError, LookupError, AttributeError, ArithmeticError: Somebody edited them.
    """
    return facts_to_text(replace(facts_from_text(text), uid=""))


def _check(generation: ClosedGeneration) -> None:
    """Refuse what could not be counted, or not be stored, and would stop all that comes after it.

    Raises:
        ValueError, TypeError, AttributeError, ArithmeticError: Somebody edited it.
    """
    uid, type_, error = generation.uid, generation.type, generation.error
    names = (generation.engine, generation.model, generation.plan_id, generation.prompt_id)
    numbers: tuple[tuple[Any, int], ...] = (
        (generation.charged, _MOST),
        (generation.outputs, _MOST_OUTPUTS),
        (generation.duration_ms or 0, _MOST),
    )
    texts = (generation.id, uid, error or "", type_, *(each for each in names if each is not None))
    "".join(texts).encode()
    years = [
        at.astimezone(UTC).year for at in (generation.created_at, generation.previous_at) if at
    ]
    is_right = (
        generation.status in _FINAL
        and len(uid) <= _LONGEST_NAME
        and len(error or "") <= _LONGEST_NAME
        and all(_name(each) == each for each in texts[3:])
        and all(type(each) is int and 0 <= each <= most for each, most in numbers)
        and all(isinstance(each, bool) for each in (generation.is_late, generation.is_refunded))
        and all(year in _YEARS for year in years)
    )
    if not is_right:
        raise ValueError("nothing that can be counted")


def _name(value: object) -> str | None:
    """Return a name that can be a field's name too; None for what is no name."""
    if not isinstance(value, str):
        return None
    name = value[:_LONGEST_NAME]
    if name.startswith("__") and name.endswith("__"):
        name = name.strip("_")  # Firestore's own
    return name or None


def _duration(data: Mapping[str, Any], stated: object) -> int | None:
    """Return milliseconds: as the engine stated, else from its start (or the order) to the result."""
    if isinstance(stated, int | float) and not isinstance(stated, bool) and math.isfinite(stated):
        return min(max(0, int(stated)), _MOST)
    begun = data.get("startedAt") or data["createdAt"]
    ended = data.get("completedAt")
    return max(0, (ended - begun) // _TICK) if ended else None
