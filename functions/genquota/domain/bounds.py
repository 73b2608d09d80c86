"""The largest values that are accepted, for requests, documents and settings alike."""

MAX_CREDITS = 1_000_000_000
"""Of one generation's output, grant or pack."""
MAX_PERIOD_UNITS = 1000
"""In one period: longer ones end beyond the calendar."""
MAX_TRIAL_DAYS = 3650
MAX_HOLD_SECONDS = 86_400
MAX_INTEGER = 2**63 - 1
"""The largest number that Firestore stores as a whole one."""
