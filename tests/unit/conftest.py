"""How hypothesis searches here: the same examples for everyone, in seconds, unless asked for more."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A suite that fails on one machine and not on the next teaches people to run it again. Who wants to
# search says HYPOTHESIS_PROFILE=search.
settings.register_profile(
    "steady",
    max_examples=100,
    deadline=None,  # a slow machine is no bug
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", parent=settings.get_profile("steady"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
