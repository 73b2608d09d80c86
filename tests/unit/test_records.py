"""Records are what the standard library would have made of the same classes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field, fields, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from dev.setup import ROOT
from genquota.domain.quota.account import Allocation, GrantAllocation
from genquota.domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = ROOT / "functions" / "genquota"


def made_by(decorator: Callable[[type[Any]], type[Any]]) -> type[Any]:
    @decorator
    class Order:
        """What is ordered."""

        KIND: ClassVar[str] = "order"
        name: str
        prices: list[int] = field(default_factory=list)
        note: str | None = field(default=None, compare=False)
        count: int = 1

        def __post_init__(self) -> None:
            if self.count < 0:
                raise ValueError("less than none")

        @property
        def total(self) -> int:
            return self.count * sum(self.prices)

    return Order


OURS = made_by(dataclass(frozen=True, slots=True))
THEIRS = made_by(dataclasses.dataclass(frozen=True, slots=True))
ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", [1, 2], "note", 3), {}),
    ((), {"name": "a", "prices": [4]}),
    (("a",), {"count": 2, "note": "kept"}),
]


@pytest.mark.parametrize(("positional", "named"), ARGUMENTS)
def test_a_record_holds_and_shows_the_same(
    positional: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = OURS(*positional, **named), THEIRS(*positional, **named)
    assert repr(ours) == repr(theirs)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert dataclasses.astuple(ours) == dataclasses.astuple(theirs)
    assert ours.total == theirs.total


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((), {}),
        (("a", [], None, 1, 2), {}),
        (("a",), {"name": "b"}),
        (("a",), {"other": 1}),
        (("a",), {"count": -1}),
    ],
)
def test_it_refuses_the_same_arguments(positional: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)) as ours:
        OURS(*positional, **named)
    with pytest.raises((TypeError, ValueError)) as theirs:
        THEIRS(*positional, **named)
    assert (ours.type, str(ours.value)) == (theirs.type, str(theirs.value))


def test_it_is_equal_to_what_has_the_same_values_and_is_of_its_class() -> None:
    order = OURS("a", count=2)
    assert order == OURS("a", note="not compared", count=2)
    assert order != OURS("a", count=3)
    assert order != THEIRS("a", count=2)
    assert order != ("a", [], 2)


def test_it_is_hashed_by_what_is_compared() -> None:
    assert len({GrantAllocation("g", 1, None), GrantAllocation("g", 1, None)}) == 1
    assert len({Allocation(1, overage=0), Allocation(1, overage=5), Allocation(2)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(OURS("a"))


def test_defaults_are_not_shared() -> None:
    assert OURS("a").prices is not OURS("a").prices


@pytest.mark.parametrize("name", ["name", "count", "total", "other"])
def test_nothing_of_it_can_be_set_or_deleted(name: str) -> None:
    order = OURS("a")
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(order, name, 1)
    with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
        delattr(order, name)
    assert order == OURS("a")
    assert not hasattr(order, "__dict__")


def test_it_is_copied_pickled_and_replaced() -> None:
    order = OURS("a", [1], count=2)
    for twin in (copy.copy(order), copy.deepcopy(order)):
        assert (twin == order, twin is order) == (True, False)
    allocation = Allocation(1, (GrantAllocation("g", 1, None),), overage=1)
    assert repr(pickle.loads(pickle.dumps(allocation))) == repr(allocation)  # noqa: S301 - its own
    assert replace(order, count=3) == OURS("a", [1], count=3)
    with pytest.raises(ValueError, match="less than none"):
        replace(order, count=-1)


def test_a_record_that_holds_itself_is_shown() -> None:
    prices: list[Any] = []
    order = OURS("a", prices)
    prices.append(order)
    assert "prices=[...]" in repr(order)


def test_it_is_matched_by_position() -> None:
    match GrantAllocation("g", 1, None):
        case GrantAllocation(grant_id, credits_):
            assert (grant_id, credits_) == ("g", 1)


def test_it_may_have_no_fields() -> None:
    @dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    @dataclass(frozen=True, slots=True)
    class Zero:
        pass

    made: list[object] = [Nothing(), Nothing(), Zero()]
    assert (made[0] == made[1], made[1] == made[2]) == (True, False)
    assert repr(made[0]).endswith("Nothing()")


def test_it_may_extend_another() -> None:
    @dataclass(frozen=True, slots=True)
    class Dated(GrantAllocation):
        date: str = "2027-03-15"

    dated = Dated("g", 1, None)
    assert repr(dated).endswith(
        "Dated(grant_id='g', credits=1, expires_at=None, date='2027-03-15')"
    )
    assert (dated == Dated("g", 1, None, "2027-03-15"), dated == Dated("g", 2, None)) == (
        True,
        False,
    )
    assert dated != GrantAllocation("g", 1, None)


@pytest.mark.parametrize("option", ["init", "kw_only"])
def test_fields_of_other_kinds_are_refused(option: str) -> None:
    kind: Any = {"init": field(init=False), "kw_only": field(kw_only=True)}[option]
    with pytest.raises(TypeError, match="only plain fields"):

        @dataclass(frozen=True, slots=True)
        class _Order:
            name: str = kind


def test_other_options_are_left_to_the_library() -> None:
    @dataclass(slots=True)
    class Loose:
        name: str

    loose = Loose("a")
    loose.name = "b"
    assert loose == Loose("b")


def records() -> list[type[Any]]:
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py"))
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    modules = [import_module(name) for name in sorted(names)]
    found = (each for module in modules for each in vars(module).values())
    return [
        each
        for each in dict.fromkeys(each for each in found if isinstance(each, type))
        if dataclasses.is_dataclass(each)
        and vars(each).get("__setattr__") is vars(OURS)["__setattr__"]
    ]


def test_all_of_the_package_take_the_arguments_that_the_library_would_have_them_take() -> None:
    found = records()
    assert len(found) > 100
    for each in found:
        specified = [
            (of.name, object, field(default=of.default, default_factory=of.default_factory))
            for of in fields(each)
        ]
        theirs = inspect.signature(dataclasses.make_dataclass("_", specified)).parameters
        ours = inspect.signature(each).parameters
        assert [*ours] == [*theirs], each
        required = [name for name in ours if ours[name].default is inspect.Parameter.empty]
        assert required == [
            name for name in theirs if theirs[name].default is inspect.Parameter.empty
        ], each
