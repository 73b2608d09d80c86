"""The description of a route: path, permission, models, handler."""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flask import Response

from genquota.domain.permissions import Permission
from genquota.domain.records import dataclass
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.requests.callable_requests import Message
from genquota.messages.requests.queries import Nothing
from genquota.use_cases.core.context import Caller, Context

P = TypeVar("P", bound=Message)
Q = TypeVar("Q", bound=Message)
B = TypeVar("B", bound=Message)


@dataclass(frozen=True, slots=True)
class ApiRequest(Generic[P, Q, B]):
    """A request that was understood."""

    context: Context
    caller: Caller | None
    """None where anybody may call."""
    path: P
    query: Q
    body: B
    url_path: str
    """As it was called, for links to the next page."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, `/api` left out. Names in braces are fields of the path's model."""

    method: str
    pattern: str
    permission: Permission
    summary: str
    handle: Callable[[ApiRequest[Any, Any, Any]], Answer | Response]
    answer: type[Answer] | None
    """None: it is not one JSON model; `media` says what."""
    path: type[Message] = Nothing
    query: type[Message] = Nothing
    body: type[Message] | None = None
    media: tuple[str, ...] = ("application/json",)
    or_answer: type[Answer] | None = None
    """Another model that the JSON may be of, if the query asks for it."""

    @property
    def rule(self) -> str:
        """The pattern as werkzeug writes it."""
        return re.sub(r"{(\w+)}", r"<\1>", self.pattern)
