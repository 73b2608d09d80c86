"""`make check` and `make test`: run all stages, whatever the others say, and sum up.

Stages run beside each other, two more than the machine has processors: they wait for emulators, browsers
and deadlines. Each starts its own. What a stage prints is shown when it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
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
SLOW = {  # the longest first, so that none is waited for at the end
    "web-1": ["tests/web", "--ignore-glob=*/test_ret*", "--ignore-glob=*/test_[s-z]*"],
    "web-2": ["tests/web", "--ignore-glob=*/test_[a-q]*", "--ignore-glob=*/test_rea*"],
    "emulator": ["tests/emulator"],
    "functions": ["tests/functions"],
    "e2e": ["tests/e2e"],
    "rules": ["tests/rules"],
    "ops": ["tests/ops"],
    "docs": ["tests/docs"],
}
LAST = {"indexes": ["tests/indexes"]}  # after those whose queries it has recorded
NO_TESTS = 5
"""pytest's exit code where a folder has none of the feature."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a stage; a stage that is one command counts as one test."""

    stage: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def main(extent: str, feature: str = "") -> int:
    """Run the stages of `quick` or `all`, or the tests of one feature; return 1 if anything failed."""
    if forgotten := _folders_without_a_stage():
        print(f"dev/checks.py has no stage for {', '.join(sorted(forgotten))}", file=sys.stderr)
        return 1
    RUN.mkdir(exist_ok=True)
    began = time.monotonic()
    if feature:
        tests = {stage: each for stage, each in (SLOW | QUICK).items() if _is_tests(each)}
        results = _run_all({stage: [*each, "-m", feature] for stage, each in tests.items()})
    elif extent == "all":
        results = _run_all(SLOW | QUICK) + _run_all(LAST)
    else:
        results = _run_all(QUICK)
    _sum_up(results, time.monotonic() - began)
    is_empty = not any(result.passed for result in results)
    return int(is_empty or any(result.failed for result in results))


def _folders_without_a_stage() -> set[str]:
    folders = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")}
    return folders - {command[0] for command in (QUICK | SLOW | LAST).values()}


def _run_all(stages: dict[str, list[str]]) -> list[Result]:
    """Run stages beside each other; show what each printed once it has ended."""
    results = {}
    with ThreadPoolExecutor((os.cpu_count() or 1) + 2) as pool:
        running = [pool.submit(_run, stage, command) for stage, command in stages.items()]
        for each in as_completed(running):
            result, output = each.result()
            print(f"\n== {result.stage} ({result.seconds:.0f} s)\n{output}", end="", flush=True)
            results[result.stage] = result
    return [results[stage] for stage in stages]


def _run(stage: str, command: list[str]) -> tuple[Result, str]:
    print(f".. {stage} begins", flush=True)
    report = RUN / f"test-{stage}.xml"
    is_pytest = _is_tests(command)
    if is_pytest:
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *command]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    seconds = time.monotonic() - began
    is_of_one_feature = is_pytest and command[-2] == "-m"
    is_well = done.returncode == 0 or (is_of_one_feature and done.returncode == NO_TESTS)
    passed, failed, skipped = _counted(report) if is_pytest else (int(is_well), 0, 0)
    if not is_well and failed == 0:
        failed = 1  # it broke before it could count
    return Result(stage, passed, failed, skipped, seconds), done.stdout


def _is_tests(command: list[str]) -> bool:
    return command[0].startswith("tests/")


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


def _sum_up(results: list[Result], seconds: float) -> None:
    print(f"\n{'stage':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for each in results:
        counts = f"{each.passed:>8}{each.failed:>8}{each.skipped:>9}"
        print(f"{each.stage:<12}{counts}{each.seconds:>9.1f}{'  FAILED' if each.failed else ''}")
    print()
    passed, failed, skipped = (
        sum(getattr(each, count) for each in results) for count in ("passed", "failed", "skipped")
    )
    counts = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    print(f"{counts}, in {seconds / 60:.1f} minutes")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
