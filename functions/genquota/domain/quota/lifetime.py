"""Lifetime counts of a user: of all generations, those without a record included."""

from genquota.domain.enums import Status
from genquota.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class LifetimeCounts:
    """Counts of some generations: all that a user ever had, or those that no record stands for."""

    success: int = 0
    failed: int = 0
    """Failed, cancelled and expired."""
    outputs: int = 0

    def plus(self, other: "LifetimeCounts") -> "LifetimeCounts":
        return LifetimeCounts(
            self.success + other.success, self.failed + other.failed, self.outputs + other.outputs
        )


def lifetime_counts_of(status: Status, output_count: int) -> LifetimeCounts:
    """Return what one generation counts for: nothing while it is open."""
    if status.is_open:
        return LifetimeCounts()
    is_success = status is Status.SUCCESS
    return LifetimeCounts(int(is_success), int(not is_success), output_count if is_success else 0)
