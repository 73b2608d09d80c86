"""Architecture rules: which way imports run, who may catch every exception, who may read the clock."""

from __future__ import annotations

import ast
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.import_exceptions import CATCH_ALL, CLOCKS, EXTRAS
from tests.unit.import_rules import ROOMS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"
PACKAGE = FUNCTIONS / "genquota"

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "manager", "base"}
LONGEST_FILE = 250


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "venv" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def attributes_of(path: Path) -> frozenset[str]:
    """Return the attributes of names that a file uses, such as `os.environ`."""
    return frozenset(
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )


def imports_of(path: Path) -> Iterator[str]:
    """Give the modules and names that a file imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports say where from in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, module: str) -> bool:
    # google.cloud.firestore_v1 is the same library as google.cloud.firestore.
    return f"{name}.".startswith((f"{module}.", f"{module}_v1."))


def room_of(path: Path) -> str:
    """Return the narrowest room that a file stands in."""
    name = name_of(path)
    return max((room for room in ROOMS if f"{name}/".startswith(f"{room}/")), key=len)


def unallowed(path: Path) -> set[tuple[str, str]]:
    """Return what a file of the package imports beyond its room and the standard library."""
    room = room_of(path)
    return {
        (name_of(path), name)
        for name in imports_of(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        if not any(is_within(name, module) for module in ROOMS[room])
    }


def test_every_file_stands_in_a_room() -> None:
    assert {room_of(path) for path in sources(PACKAGE)} == set(ROOMS)


@pytest.mark.parametrize("path", sources(PACKAGE), ids=name_of)
def test_a_file_imports_what_its_room_may(path: Path) -> None:
    beyond = unallowed(path)
    assert {
        (file, name)
        for file, name in beyond
        if not any(file == each and is_within(name, module) for each, module in EXTRAS)
    } == set()


def test_every_exception_to_that_is_needed() -> None:
    beyond = set[tuple[str, str]]().union(*(unallowed(path) for path in sources(PACKAGE)))
    for file, module in EXTRAS:
        assert any(file == each and is_within(name, module) for each, name in beyond)


def test_packages_import_one_another_in_no_circle() -> None:
    """Of `use_cases`, `store`, `domain` and so on: each package below them is one point."""
    below: dict[str, set[str]] = {}
    for path in sources(PACKAGE):
        package = package_of(name_of(path).removesuffix(".py"))
        for name in imports_of(path):
            if (imported := module_of(name)) and package_of(imported) != package:
                below.setdefault(package, set()).add(package_of(imported))
    order = TopologicalSorter(below)
    order.prepare()  # raises CycleError, which names them


def module_of(name: str) -> str | None:
    """Return the module of the package that an import is of, as a path; None: it is of another one."""
    parts = name.split(".")[1:] if name.startswith("genquota.") else []
    for length in range(len(parts), 0, -1):
        stem = PACKAGE.joinpath(*parts[:length])
        if stem.with_suffix(".py").is_file() or (stem / "__init__.py").is_file():
            return "/".join(parts[:length])
    return None


def package_of(module: str) -> str:
    """Return the package below a room that a module is in, or the module if it is in none."""
    parts = module.split("/")
    return "/".join(parts[:2])


def test_the_door_knows_triggers_settings_and_firebase_only() -> None:
    allowed = (
        *("genquota.triggers", "genquota.billing.webhooks"),
        *("genquota.params", "genquota.settings"),
        *("firebase_functions", "firebase_admin", "cold_start"),
    )
    for name in imports_of(FUNCTIONS / "main.py"):
        is_standard = name.split(".")[0] in sys.stdlib_module_names
        assert is_standard or any(is_within(name, module) for module in allowed), name


def test_only_settings_reads_params_and_the_environment() -> None:
    readers = {
        name_of(path)
        for path in sources(PACKAGE)
        if any(is_within(name, "firebase_functions.params") for name in imports_of(path))
        or attributes_of(path) & {"os.environ", "os.getenv"}
    }
    assert readers == {"params.py", "settings.py"}


def test_nobody_catches_everything_but_at_the_ways_in() -> None:
    found = {
        (name_of(path), caught)
        for path in sources(PACKAGE)
        for node in ast.walk(tree_of(path))
        for caught in _caught_by(node)
        if caught in {"Exception", "BaseException", "everything"}
    }
    assert found == CATCH_ALL


def _caught_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ExceptHandler):
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return [ast.unparse(each) if each else "everything" for each in caught]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return [ast.unparse(each) for each in node.args]
    return []


def test_nobody_looks_at_the_clock_but_the_clock() -> None:
    assert {
        (name_of(path), call) for path in sources(PACKAGE) for call in _looks_at_the_clock(path)
    } == CLOCKS


def test_no_unit_test_looks_at_the_clock() -> None:
    """C9: the suite says the same when today is the 29th, 30th or 31st."""
    looks = {
        path.name: calls
        for path in sources(ROOT / "tests" / "unit")
        if (calls := list(_looks_at_the_clock(path)))
    }
    assert looks == {}


def _looks_at_the_clock(path: Path) -> Iterator[str]:
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield from (each for each in clocks if f".{called}".endswith(f".{each}"))


def test_no_use_case_or_trigger_reads_or_writes_the_database_itself() -> None:
    """A2: all reads and writes of a verb go through its transaction, or a query of the store's."""
    touches = {
        (name_of(path), ast.unparse(node))
        for room in ("use_cases", "triggers", "billing/use_cases", "billing/webhooks")
        for path in sources(PACKAGE / room)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value).split(".")[-1] in {"db", "_db"}
    }
    assert touches == set()


def test_the_domains_data_is_frozen() -> None:
    loose = {
        f"{path.name}: {node.name}"
        for room in ("domain", "billing/domain")
        for path in sources(PACKAGE / room)
        # The interpreter writes an exception's traceback, and records.py makes the others frozen.
        if path.name not in {"errors.py", "records.py"}
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and not node.bases
        if [ast.unparse(each) for each in node.decorator_list]
        != ["dataclass(frozen=True, slots=True)"]
    }
    assert loose == set()


def test_dataclasses_are_made_by_the_packages_own_decorator() -> None:
    assert {
        name_of(path)
        for path in sources(PACKAGE)
        if "dataclasses.dataclass" in imports_of(path) and path.name != "records.py"
    } == set()


def test_no_file_holds_two_things() -> None:
    own = [FUNCTIONS, ROOT / "ops", ROOT / "dev", ROOT / "bench", ROOT / "tests" / "unit"]
    assert {
        path.relative_to(ROOT).as_posix(): length
        for folder in own
        for path in sources(folder)
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    } == {}


def test_nothing_is_named_for_what_it_is_not() -> None:
    names = ("functions", "ops", "dev", "bench", "tests", "docs")
    folders = [ROOT / name for name in names]
    named = {part for folder in folders for path in sources(folder) for part in path.parts}
    stems = {Path(part).stem for part in named - set(ROOT.parts)}
    assert stems & FORBIDDEN_NAMES == set()
