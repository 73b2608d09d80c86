"""The operator's command line: `python -m ops <command> --help`. Never deployed.

It calls the same use-cases as the functions, with the settings of `functions/.env`. A command is a
module that defines a `Command` and stands in the table of `ops/commands.py`.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if str(ROOT / "functions") not in sys.path:
    sys.path.insert(0, str(ROOT / "functions"))

if find_spec("firebase_admin") is None:
    sys.exit(
        "This Python lacks the libraries: functions/venv/bin/python -m ops (make setup makes it)."
    )
