"""Lifetime counts: what all generations of a user add up to, those without a record included."""

from dataclasses import dataclass

from genquota.domain.words import Status


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Counts of some generations: all that a user ever had, or those that no record stands for."""

    success: int = 0
    failed: int = 0
    """Failed, cancelled and expired."""
    outputs: int = 0

    def plus(self, other: "Lifetime") -> "Lifetime":
        return Lifetime(
            self.success + other.success, self.failed + other.failed, self.outputs + other.outputs
        )


def lifetime_of(status: Status, output_count: int) -> Lifetime:
    """Return what one generation counts for: nothing while it is open."""
    if status.is_open:
        return Lifetime()
    is_success = status is Status.SUCCESS
    return Lifetime(int(is_success), int(not is_success), output_count if is_success else 0)
