"""Frozen dataclasses with slots, made in a fraction of the time that the standard library takes.

It compiles six methods for each class, one by one, and a cold start makes seventy classes. Here the three
that calls use (`__init__`, `__eq__`, `__hash__`) are compiled together, and the others are the same functions
for all classes. To type checkers this is the standard library's decorator; `replace`, `fields` and `asdict`
work. tests/unit/test_records.py compares both.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(**options: bool) -> Callable[[type[T]], type[T]]:
        is_record = options == {"frozen": True, "slots": True}
        return _record if is_record else dataclasses.dataclass(**options)


__all__ = ["dataclass"]


def _record(cls: type[T]) -> type[T]:
    cls.__doc__ = cls.__doc__ or cls.__name__  # or else the library writes the signature there
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)
    compiled = _compiled(made, fields)
    for name, function in (compiled | _METHODS).items():
        if name not in vars(made):
            setattr(made, name, function)
    return made  # type: ignore[no-any-return]


def _compiled(cls: type, fields: tuple[Field[Any], ...]) -> dict[str, Callable[..., Any]]:
    """Return the methods that name the fields."""
    names: dict[str, Any] = {"MISSING": MISSING}
    parameters, body = ["self"], [" pass"]
    for field in fields:
        name = field.name
        if not field.init or field.kw_only:
            raise TypeError(f"{cls.__qualname__}.{name}: only plain fields are supported")
        names[f"set_{name}"] = getattr(cls, name).__set__
        value = name
        if field.default is not MISSING:
            names[f"default_{name}"] = field.default
            parameters.append(f"{name}=default_{name}")
        elif field.default_factory is not MISSING:
            names[f"default_{name}"] = field.default_factory
            parameters.append(f"{name}=MISSING")
            value = f"default_{name}() if {name} is MISSING else {name}"
        else:
            parameters.append(name)
        body.append(f" set_{name}(self,{value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    own, others = (
        "".join(f"{of}.{field.name}," for field in fields if field.compare)
        for of in ("self", "other")
    )
    lines = (
        f"def __init__({','.join(parameters)}):",
        *body,
        "def __eq__(self,other):",
        " if other.__class__ is not self.__class__: return NotImplemented",
        f" return ({own})==({others})",
        "def __hash__(self):",
        f" return hash(({own}))",
    )
    exec("\n".join(lines), names)  # noqa: S102 - as the library does it
    methods: dict[str, Callable[..., Any]] = {
        name: names[name] for name in ("__init__", "__eq__", "__hash__")
    }
    for name, method in methods.items():
        method.__qualname__ = f"{cls.__qualname__}.{name}"
    return methods


class _Methods:
    """What all records have in common; each gets these functions."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]]

    @recursive_repr()
    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self) -> list[object]:
        return [getattr(self, name) for name in self.__match_args__]

    def __setstate__(self, state: list[object]) -> None:
        for name, value in zip(self.__match_args__, state, strict=True):
            object.__setattr__(self, name, value)


_METHODS = {name: each for name, each in vars(_Methods).items() if callable(each)}
