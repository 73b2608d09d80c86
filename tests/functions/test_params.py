"""An instance reads the same values without the SDK as the SDK's params have."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from dev.setup import ROOT, VENV

READ = """
import json, sys
from genquota import params
made = {
    "TEXT": params.StringParam("TEXT", default="a"),
    "NONE": params.StringParam("NONE", default=""),
    "NUMBER": params.IntParam("NUMBER", default=60),
    "SWITCH": params.BoolParam("SWITCH", default=False),
    "SECRET": params.SecretParam("SECRET"),
}
values = {}
for name, param in made.items():
    try:
        values[name] = param.value
    except ValueError:
        values[name] = "ValueError"
assert all(param.name == name for name, param in made.items())
print(json.dumps([values, "firebase_functions.params" in sys.modules]))
"""
DEFAULTS = {"TEXT": "a", "NONE": "", "NUMBER": 60, "SWITCH": False, "SECRET": ""}


def values_of(env: dict[str, str]) -> tuple[dict[str, Any], bool]:
    command = [str(VENV / "bin" / "python"), "-c", READ]
    printed = subprocess.check_output(command, cwd=ROOT / "functions", env=env, text=True)
    values, has_sdk = json.loads(printed)
    return values, has_sdk


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, {}),
        ({"TEXT": "b", "NONE": "c", "SECRET": "s"}, {"TEXT": "b", "NONE": "c", "SECRET": "s"}),
        ({"TEXT": "", "SECRET": ""}, {"TEXT": "", "SECRET": ""}),
        ({"NUMBER": "7"}, {"NUMBER": 7}),
        ({"NUMBER": " -1 "}, {"NUMBER": -1}),
        ({"NUMBER": ""}, {"NUMBER": "ValueError"}),
        ({"NUMBER": "1.5"}, {"NUMBER": "ValueError"}),
        ({"SWITCH": "true"}, {"SWITCH": True}),
        ({"SWITCH": "TRUE"}, {"SWITCH": True}),
        ({"SWITCH": "1"}, {"SWITCH": False}),
        ({"SWITCH": ""}, {"SWITCH": False}),
    ],
)
def test_an_instance_reads_what_the_sdk_would(
    env: dict[str, str], expected: dict[str, Any]
) -> None:
    served = {**env, "FUNCTION_TARGET": "create_generation"}
    assert values_of(served) == ({**DEFAULTS, **expected}, False)
    assert values_of(env) == ({**DEFAULTS, **expected}, True)
