"""Answers that show documents. What is missing there, or of another kind than it should be, is left out.

Operators and apps may have written into documents by hand, and records may be older than Genquota.
"""

from collections.abc import Mapping
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator

from genquota.messages.answers.callable_answers import Answer, Time


def _only(kind: type | UnionType, default: object = None) -> BeforeValidator:
    return BeforeValidator(lambda value: value if isinstance(value, kind) else default)


def _items(value: object, kind: type) -> list[Any]:
    return [each for each in value if isinstance(each, kind)] if isinstance(value, list) else []


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
StoredTexts = Annotated[list[str], BeforeValidator(lambda value: _items(value, str))]
StoredTextsOrNone = Annotated[
    list[str] | None,
    BeforeValidator(lambda value: _items(value, str) if isinstance(value, list) else None),
]
StoredMaps = Annotated[list[dict[str, Any]], BeforeValidator(lambda value: _items(value, dict))]


class StoredAnswer(Answer):
    """An answer whose fields have the names of the document's."""

    _names: ClassVar[dict[str, str]]
    """The document's name of each field."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - as pydantic has it
        super().__pydantic_init_subclass__(**kwargs)
        cls._names = {name: field.alias or name for name, field in cls.model_fields.items()}

    @classmethod
    def from_document(cls, data: Mapping[str, Any], **known: Any) -> Self:  # noqa: ANN401
        """Show a document.

        Args:
            data: What it says. Fields that the answer does not name are left out.
            **known: Fields of the answer that are not read from the document.
        """
        names = cls._names
        shown = {alias: data.get(alias) for alias in names.values()}
        return cls.model_validate(shown | {names[name]: value for name, value in known.items()})
