"""Read `functions/.env` and its neighbours exactly as the Firebase CLI reads them.

The CLI has a grammar of its own (firebase-tools, `functions/env.js`): `#` begins a comment also without
a blank before it, only double quotes know escapes, a quoted value may run over lines. No library reads
it so, python-dotenv included. A command that took another value from the file than the deployed
functions did would, for one, delete by another retention. Standard library only: what installs the
libraries may need it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dev.setup import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCAL = ".env.local"
"""Read for emulators only."""

_BLANKS = "\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_TRIMMED = "".join(map(chr, range(0x2000, 0x200B))) + _BLANKS.replace("\u2000-\u200a", "")
_BREAKS = "\n\r\u2028\u2029"
"""Blanks and line ends are JavaScript's, which are not those of Python's `\\s`, `^` and `$`."""
_LINE_BEGINS, _LINE_ENDS = rf"(?:\A|(?<=[{_BREAKS}]))", rf"(?=[{_BREAKS}]|\Z)"
_ENTRY = re.compile(
    rf"{_LINE_BEGINS}[{_BLANKS}]*(?:export[{_BLANKS}]*)?"
    rf"([A-Za-z0-9_./]+)[{_BLANKS}]*=[\f\t\v]*"
    rf"([{_BLANKS}]*'(?:\\'|[^'])*'|[{_BLANKS}]*\"(?:\\\"|[^\"])*\"|[^#\r\n]*)?"
    rf"[{_BLANKS}]*(?:#[^\n]*)?{_LINE_ENDS}"
)
_QUOTED = re.compile(rf"{_LINE_BEGINS}([\"'])(.*)\1{_LINE_ENDS}", re.DOTALL)
_ESCAPE = re.compile(r"\\([nrtv\\'\"])")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_RESERVED = re.compile(
    "FIREBASE_CONFIG|CLOUD_RUNTIME_CONFIG|EVENTARC_CLOUD_EVENT_SOURCE|ENTRY_POINT|GCP_PROJECT|"
    "GCLOUD_PROJECT|GOOGLE_CLOUD_PROJECT|FUNCTION_TRIGGER_TYPE|FUNCTION_NAME|FUNCTION_MEMORY_MB|"
    "FUNCTION_TIMEOUT_SEC|FUNCTION_IDENTITY|FUNCTION_REGION|FUNCTION_TARGET|FUNCTION_SIGNATURE_TYPE|"
    "K_SERVICE|K_REVISION|PORT|K_CONFIGURATION"
)
_RESERVED_PREFIXES = ("X_GOOGLE_", "FIREBASE_", "EXT_", "KIT_")
_ALLOWED_ALL_THE_SAME = re.compile(
    r"FIREBASE_SECRET_REF_.+|EXT_MIGRATED_SYSTEM_.+|EXT_SELECTED_EVENTS", re.DOTALL
)


class BadEnvFile(SetupError):
    """A file that the Firebase CLI refuses; the text says which and why, without any value."""


class Parsed(NamedTuple):
    """What a text says, and the lines that say nothing."""

    values: dict[str, str]
    not_understood: list[str]


def parse(text: str) -> Parsed:
    """Parse a text as the CLI does; of a name that is there twice, the last value counts."""
    text = re.sub(r"\r\n?", "\n", text, count=1)  # the first only: so does the CLI
    values = {entry[1]: _value(entry[2] or "") for entry in _ENTRY.finditer(text)}
    values.pop("__proto__", None)  # no key of a JavaScript object
    rest = (line.strip(_TRIMMED) for line in re.split(r"[\r\n]+", _ENTRY.sub("", text)))
    return Parsed(values, [line for line in rest if line and not line.startswith("#")])


def read_env_file(path: Path) -> dict[str, str]:
    """Return what a file says; nothing, if there is no such file.

    Raises:
        BadEnvFile: The CLI would refuse it as well.
    """
    if not path.is_file():
        return {}
    text = path.read_bytes().decode(errors="replace")
    values, not_understood = parse(text)
    where = f"{path.parent.name}/{path.name}"
    if not_understood:
        numbers = ", ".join(map(str, _numbers(text, not_understood)))
        raise BadEnvFile(f"{where}, line {numbers}: not understood as NAME=value")
    for name in values:
        if why := _why_refused(name):
            raise BadEnvFile(f"{where}: {name} {why}")
    return values


def read_settings(
    folder: Path, project: str, alias: str | None = None, *, emulated: bool
) -> dict[str, str]:
    """Return the settings of a project: of all files that say something, the last one wins.

    Args:
        folder: Where the files are.
        project: The project's id, for `.env.<project>`.
        alias: The name in `.firebaserc` that the project was called by, for `.env.<alias>`.
        emulated: Whether `.env.local` counts.

    Raises:
        BadEnvFile: The CLI would refuse one of the files, or two that are there together.
    """
    both = (f".env.{project}", f".env.{alias}")
    if alias and all((folder / name).exists() for name in both):
        raise BadEnvFile(f"{both[0]} and {both[1]} are the same project's: keep one of them")
    names = [".env", both[0], *both[1:][: bool(alias)], *([LOCAL] if emulated else [])]
    settings: dict[str, str] = {}
    for name in names:
        settings |= read_env_file(folder / name)
    return settings


def _value(raw: str) -> str:
    value = raw.strip(_TRIMMED)
    quoted = _QUOTED.search(value)
    if quoted is None:
        return value
    if quoted[1] == "'":
        return quoted[2]
    return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), quoted[2])


def _why_refused(name: str) -> str | None:
    if _RESERVED.fullmatch(name):
        return "is reserved for the platform"
    if not _NAME.fullmatch(name):
        return "is no name: capital letters, digits and _ only, no digit first"
    if name.startswith(_RESERVED_PREFIXES) and not _ALLOWED_ALL_THE_SAME.fullmatch(name):
        return f"begins as reserved names do ({' '.join(_RESERVED_PREFIXES)})"
    return None


def _numbers(text: str, lines: list[str]) -> Iterator[int]:
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if line.strip(_TRIMMED) in lines:
            yield number
