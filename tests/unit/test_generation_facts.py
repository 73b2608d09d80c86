"""What the statistics take from a record, and which records they pass over because somebody edited them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from genquota.store.documents import NOT_UNDERSTOOD
from genquota.store.statistics.generation_facts import (
    closed_generation,
    facts_from_text,
    facts_to_text,
)

AT = datetime(2027, 3, 15, 9, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "userId": "ada",
    "createdAt": AT,
    "previousAt": AT,
    "type": "image",
    "engine": "flux",
    "generationStatus": "success",
    "charged": 2,
    "refunded": False,
    "late": False,
    "outputCount": 2,
    "completedAt": AT,
}
EDITED: list[dict[str, Any]] = [
    {"userId": ["x"]},
    {"userId": {"a": 1}},
    {"userId": ""},
    {"userId": "x" * 129},
    {"createdAt": datetime(1, 1, 1, tzinfo=UTC)},
    {"createdAt": datetime(9999, 12, 31, tzinfo=UTC)},
    {"previousAt": datetime(1969, 12, 31, tzinfo=UTC)},
    {"previousAt": "x"},
    {"type": "____"},
    {"generationStatus": "pending"},
    {"generationStatus": "done"},
    {"generationStatus": ["success"]},
    {"charged": 2**62},
    {"charged": -1},
    {"charged": float("nan")},
    {"outputCount": 1001},
    {"outputCount": 1e300},
    {"outputCount": -1},
    {"generationStatus": "failed", "errorMessage": 7},
    {"metadata": "x"},
    {"completedAt": "x"},
]
FACTS: list[tuple[int, Any]] = [
    (0, None),
    (1, ["x"]),
    (1, "\ud800"),
    (2, "0001-01-01T00:00:00+00:00"),
    (4, "__x__"),
    (5, "x" * 129),
    (8, 5),
    (9, "pending"),
    (10, "5"),
    (10, 1.5),
    (11, 2**62),
    (12, "x"),
    (14, -1),
    (15, "x" * 10**6),
]


def test_facts_survive_being_text() -> None:
    generation = closed_generation("g1", RECORD)
    assert (generation.uid, generation.charged, generation.outputs) == ("ada", 2, 2)
    assert facts_from_text(facts_to_text(generation)) == generation


@pytest.mark.parametrize("edit", EDITED, ids=str)
def test_an_edited_record_is_not_understood(edit: dict[str, Any]) -> None:
    with pytest.raises(NOT_UNDERSTOOD):
        closed_generation("g1", {**RECORD, **edit})


@pytest.mark.parametrize(("index", "value"), FACTS)
def test_edited_text_is_not_understood(index: int, value: object) -> None:
    facts = json.loads(facts_to_text(closed_generation("g1", RECORD)))
    facts[index] = value
    with pytest.raises(NOT_UNDERSTOOD):
        facts_from_text(json.dumps(facts))


def test_an_absurd_processing_time_is_a_long_one() -> None:
    """It is the app's own word, and no reason to leave the generation out."""
    generation = closed_generation("g1", {**RECORD, "metadata": {"processingTime": 1e308}})
    assert generation.duration_ms == 10**15
