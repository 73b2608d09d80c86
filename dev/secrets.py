"""The secrets of the emulators: functions/.secret.local, made from the example beside it."""

from __future__ import annotations

from dev.setup import ROOT

_EXAMPLE = ROOT / "functions" / ".secret.local.example"
_LOCAL = ROOT / "functions" / ".secret.local"


def local_secrets() -> dict[str, str]:
    """Return the emulators' secrets. Those that the developer has not set are taken from the example.

    Without the file, the Functions emulator would look for them in Google's Secret Manager.
    """
    said = _LOCAL.read_text() if _LOCAL.is_file() else ""
    own, missing = _parse(said), _parse(_EXAMPLE.read_text())
    added = {name: value for name, value in missing.items() if name not in own}
    if added:
        lines = "".join(f"{name}={value}\n" for name, value in added.items())
        _LOCAL.write_text(f"{said.rstrip()}\n{lines}".lstrip())
    return {**added, **own}


def _parse(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
