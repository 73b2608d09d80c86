"""Query parameters of `/analytics`: the days, and the table."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from genquota.domain.errors import InvalidArgument
from genquota.domain.statistics.ranges import DateRange
from genquota.messages.analytics.tables import TableName
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Flag, Number

MOST_DAYS = 90
MOST_RECORDS = 500
USUAL_DAYS = 7
_DATE = re.compile(r"[2-9]\d{3}-\d\d-\d\d", re.ASCII)


def _date(text: object) -> date:
    if isinstance(text, str) and _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("not a date like 2027-03-15")


Date = Annotated[
    date,
    BeforeValidator(_date),
    Field(json_schema_extra={"type": "string", "format": "date", "pattern": "^[2-9]"}),
]
"""From the year 2000 on."""
Days = Annotated[int, Field(ge=1, le=MOST_DAYS), Number]
"""Up to today, which counts as one."""


class UserAnalyticsQuery(Message):
    days: Days = USUAL_DAYS
    records: Annotated[int, Field(ge=0, le=MOST_RECORDS), Number] = MOST_RECORDS
    """To read at most, for engines, prompts and durations."""


class AnalyticsQuery(Message):
    """`days` up to today, or the days from `from` to `to`, both included."""

    days: Days | None = None
    from_: Annotated[Date | None, Field(alias="from")] = None
    to: Date | None = None
    format: Literal["csv", "json"] | None = None
    table: TableName | None = None
    """Answered instead of the whole; as CSV, unless the format says otherwise."""
    lists: Flag = True
    """Whether the whole has the lists of users, prompts and errors: they are most of what it reads."""

    def wanted(self) -> DateRange | int:
        """Return the days, or how many of them up to today.

        Raises:
            InvalidArgument: They are said twice or by halves, or are none or too many.
        """
        first, last = self.from_, self.to
        if first is None and last is None:
            return self.days or USUAL_DAYS
        if self.days is not None:
            raise InvalidArgument((("days", "either days, or from and to"),))
        if first is None or last is None:
            raise InvalidArgument((("to" if first else "from", "from and to go together"),))
        if not 0 <= (last - first).days < MOST_DAYS:
            raise InvalidArgument((("to", f"must be from 0 to {MOST_DAYS - 1} days after from"),))
        return DateRange(first, last)
