"""`make check` and `make test`: run each stage, whatever the one before said, and sum up."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from dev.setup import ROOT, RUN, VENV

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = VENV / "bin"
QUICK = {
    "format": [f"{TOOLS}/ruff", "format", "--check", "--quiet", "."],
    "lint": [f"{TOOLS}/ruff", "check", "--quiet", "."],
    "types": [f"{TOOLS}/mypy"],
    "unit": ["tests/unit"],
}
SLOW = {
    "emulator": ["tests/emulator"],
    "functions": ["tests/functions"],
    "ops": ["tests/ops"],
    "indexes": ["tests/indexes"],  # after those whose queries it has heard
    "docs": ["tests/docs"],
    "rules": ["tests/rules"],
    "e2e": ["tests/e2e"],
    "web": ["tests/web"],
}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a stage; a stage that is one command counts as one test."""

    stage: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def main(extent: str) -> int:
    """Run the stages of `quick` or `all`; return 1 if anything failed."""
    if forgotten := _folders_without_a_stage():
        print(f"dev/checks.py has no stage for {', '.join(sorted(forgotten))}", file=sys.stderr)
        return 1
    stages = QUICK | SLOW if extent == "all" else QUICK
    RUN.mkdir(exist_ok=True)
    results = [_run(stage, command) for stage, command in stages.items()]
    _sum_up(results)
    return int(any(result.failed for result in results))


def _folders_without_a_stage() -> set[str]:
    folders = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")}
    return folders - {command[0] for command in (QUICK | SLOW).values()}


def _run(stage: str, command: list[str]) -> Result:
    print(f"\n== {stage}", flush=True)
    report = RUN / f"test-{stage}.xml"
    is_pytest = command[0].startswith("tests/")
    if is_pytest:
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *command]
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    seconds = time.monotonic() - began
    passed, failed, skipped = _counted(report) if is_pytest else (int(code == 0), 0, 0)
    if code != 0 and failed == 0:
        failed = 1  # it broke before it could count
    return Result(stage, passed, failed, skipped, seconds)


def _counted(report: Path) -> tuple[int, int, int]:
    if not report.is_file():
        return 0, 0, 0
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - pytest wrote it just now
    tests = failed = skipped = 0
    for suite in suites:
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return max(0, tests - failed - skipped), failed, skipped


def _sum_up(results: list[Result]) -> None:
    print(f"\n{'stage':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for each in results:
        counts = f"{each.passed:>8}{each.failed:>8}{each.skipped:>9}"
        print(f"{each.stage:<12}{counts}{each.seconds:>9.1f}{'  FAILED' if each.failed else ''}")
    print()
    passed, failed, skipped = (
        sum(getattr(each, count) for each in results) for count in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
