"""What users have typed as an engine is not told to everybody."""

from __future__ import annotations

from genquota.domain.statistics.analytics import masked
from genquota.domain.statistics.daily import Counts


def test_names_with_personal_data_are_counted_as_other() -> None:
    named = {
        "flux-1.1-pro": Counts(success=5, charged=5),
        "ada@example.com": Counts(success=1),
        "+49 151 2345678": Counts(failed=2),
        "other": Counts(expired=1),
    }
    assert masked(named) == {
        "flux-1.1-pro": Counts(success=5, charged=5),
        "other": Counts(success=1, failed=2, expired=1),
    }
