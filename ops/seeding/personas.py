"""The made-up users: one for each plan, and one in a trial."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "genquota-demo"  # noqa: S105 - of made-up users in emulators
"""Of all of them, so that a developer can sign in."""

MARK, MADE_BY = "seededBy", "make seed"
"""The field of a document that says who made it, and what it says."""


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up user."""

    uid: str
    email: str
    name: str
    timezone: str
    per_month: int
    """Generations, about."""
    plan_id: str | None = None
    """What they subscribe to; None: the default plan."""
    trial_days: int = 0
    """They are within a trial that is so long; they came shortly ago."""


PEOPLE = (
    Person("user_test_free_1", "free.user@example.com", "Finn Free", "Europe/Berlin", 5),
    Person(
        "user_test_plus_1", "plus.user@example.com", "Paula Plus", "America/New_York", 25, "plus"
    ),
    Person("user_test_pro_1", "pro.user@example.com", "Priya Pro", "Asia/Tokyo", 150, "pro"),
    Person(
        "user_test_trial_1",
        "trial.user@example.com",
        "Theo Trial",
        "Europe/London",
        40,
        "pro",
        trial_days=14,
    ),
)
