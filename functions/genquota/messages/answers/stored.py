"""Answers that show documents. What is missing there, or of another kind than it should be, is left out.

Operators and apps may have written into documents by hand, and records may be older than Genquota.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Self

from pydantic import BeforeValidator

from genquota.messages.answers.callable_answers import Answer, Time


def _only(kind: type | UnionType, default: object = None) -> BeforeValidator:
    return BeforeValidator(lambda value: value if isinstance(value, kind) else default)


def _list_of(kind: type) -> Callable[[object], list[Any] | None]:
    def read(value: object) -> list[Any] | None:
        return (
            [each for each in value if isinstance(each, kind)] if isinstance(value, list) else None
        )

    return read


def _whole(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the console stores 10 as a double when it was typed so
    return value if isinstance(value, int) and not isinstance(value, bool) else None


StoredText = Annotated[str | None, _only(str)]
StoredTextOrEmpty = Annotated[str, _only(str, "")]
StoredNumber = Annotated[int | None, BeforeValidator(_whole)]
StoredCount = Annotated[int, BeforeValidator(lambda value: _whole(value) or 0)]
StoredSeconds = Annotated[float | None, _only(int | float)]
StoredTime = Annotated[Time | None, _only(datetime)]
StoredFlag = Annotated[bool, BeforeValidator(lambda value: value is True)]
StoredMap = Annotated[dict[str, Any], _only(Mapping, {})]
StoredMapOrNone = Annotated[dict[str, Any] | None, _only(Mapping)]
StoredTextsOrNone = Annotated[list[str] | None, BeforeValidator(_list_of(str))]
StoredTexts = Annotated[list[str], BeforeValidator(lambda value: _list_of(str)(value) or [])]
StoredMaps = Annotated[
    list[dict[str, Any]], BeforeValidator(lambda value: _list_of(dict)(value) or [])
]


class StoredAnswer(Answer):
    """An answer whose fields have the names of the document's."""

    @classmethod
    def from_document(cls, data: Mapping[str, Any], **known: Any) -> Self:  # noqa: ANN401
        """Show a document.

        Args:
            data: What it says. Fields that the answer does not name are left out.
            **known: Fields of the answer that are not read from the document.
        """
        fields = cls.model_fields
        names = {name: field.alias or name for name, field in fields.items()}
        shown = {alias: data.get(alias) for alias in names.values()}
        return cls.model_validate(shown | {names[name]: value for name, value in known.items()})
