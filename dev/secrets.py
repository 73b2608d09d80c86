"""The secrets of the emulators: functions/.secret.local, made from the example beside it."""

from __future__ import annotations

from dev.env_files import read_env_file
from dev.setup import ROOT

_EXAMPLE = ROOT / "functions" / ".secret.local.example"
_LOCAL = ROOT / "functions" / ".secret.local"


def local_secrets() -> dict[str, str]:
    """Return the emulators' secrets. Those that the developer has not set are taken from the example.

    Without the file, the Functions emulator would look for them in Google's Secret Manager; so it does
    for one that is empty.

    Raises:
        BadEnvFile: The developer's file is malformed: the emulator would pass over all of it.
    """
    own = {name: value for name, value in read_env_file(_LOCAL).items() if value}
    added = {name: value for name, value in read_env_file(_EXAMPLE).items() if name not in own}
    if added:
        text = _LOCAL.read_text(encoding="utf-8") if _LOCAL.is_file() else ""
        lines = "".join(f"{name}={value}\n" for name, value in added.items())
        _LOCAL.write_text(f"{text.rstrip()}\n{lines}".lstrip(), encoding="utf-8")
    return {**added, **own}
