"""Histograms of durations, from which percentiles follow within 4.5 %.

Bucket 0 begins at 100 ms, and each is longer than the one before by the factor 2^(1/8): 128 buckets reach
to 1 h 49 min. Shorter durations are in the first bucket, longer ones in the last. The value that stands
for a bucket is its geometric middle, at most a factor of 2^(1/16) = 1.0443 from any value in it.
"""

from math import ceil, log2

from genquota.domain.records import dataclass
from genquota.domain.statistics.daily import Histogram

BUCKETS = 128
_FIRST_MS = 100
_PER_DOUBLING = 8


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Durations in milliseconds that 50, 95 and 99 of 100 successes do not exceed."""

    p50: int
    p95: int
    p99: int
    count: int
    """Successes whose duration is known."""


def bucket_of(duration_ms: int) -> int:
    """Return the bucket of a duration: 0 to `BUCKETS` - 1."""
    if duration_ms <= _FIRST_MS:
        return 0
    return min(int(log2(duration_ms / _FIRST_MS) * _PER_DOUBLING), BUCKETS - 1)


def percentiles(histogram: Histogram) -> Percentiles | None:
    """Return the percentiles of a histogram; None if it is empty."""
    count = sum(histogram.values())
    if count < 1:
        return None
    p50, p95, p99 = (_value_at(histogram, ceil(count * share / 100)) for share in (50, 95, 99))
    return Percentiles(p50, p95, p99, count)


def _value_at(histogram: Histogram, rank: int) -> int:
    """Return the duration of the ``rank``th shortest success."""
    seen = bucket = 0
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= rank:
            break
    return round(_FIRST_MS * 2 ** ((bucket + 0.5) / _PER_DOUBLING))
