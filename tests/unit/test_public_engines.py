"""What users have typed as an engine is not told to everybody."""

from __future__ import annotations

from genquota.domain.statistics.analytics import mask_names
from genquota.domain.statistics.daily import StatusCounts


def test_names_with_personal_data_are_counted_as_other() -> None:
    named = {
        "flux-1.1-pro": StatusCounts(success=5, charged=5),
        "ada@example.com": StatusCounts(success=1),
        "+49 151 2345678": StatusCounts(failed=2),
        "other": StatusCounts(expired=1),
    }
    assert mask_names(named) == {
        "flux-1.1-pro": StatusCounts(success=5, charged=5),
        "other": StatusCounts(success=1, failed=2, expired=1),
    }
