"""`make run`: start everything, play an app's walk-through, and keep serving.

Settings, all by name after `make run`: ONCE=1 ends after the walk-through; NAME_PORT=... moves an
emulator, as in FIRESTORE_PORT=8081.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import NoReturn

from dev.emulators import free_port
from dev.plans import load_shipped_plans
from dev.setup import ROOT, SetupError, progress
from dev.suite import EMULATORS, Suite, emulator_suite, is_taken, shipped_ports
from ops.seeding.personas import PASSWORD, PEOPLE

PROJECT = "demo-genquota"
USER, ADMIN = PEOPLE[1], PEOPLE[2]


def main() -> int:
    """Run it all; return the walk-through's exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # in step with Node's lines, also into a file
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _leave)
    try:
        return _run(once=os.environ.get("ONCE", "") not in ("", "0"))
    except SetupError as error:
        print(f"\nmake run stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", file=sys.stderr)
        return 130


def _run(*, once: bool) -> int:
    with emulator_suite(PROJECT, _ports()) as suite:
        with progress("loading the shipped plans"):
            plans = load_shipped_plans(suite)
        print(f'\nPlans: {", ".join(plans)}. New users are on the plan "free".')
        code = _walk_through(suite)
        if code != 0:
            print(f"\nThe walk-through failed; the log is {suite.log}", file=sys.stderr)
        if once or code != 0:
            return code
        with progress("making users with a month of generations"):
            _fill(suite)
        _tell_how_to_try(suite)
        try:
            suite.process.wait()
        except KeyboardInterrupt:  # how serving is meant to end
            return 0
    raise SetupError(f"the emulators ended by themselves; the log is {suite.log}")


def _ports() -> dict[str, int]:
    """Return the ports to use: as firebase.json and the settings say.

    Those that only emulators use among themselves make way for other programs.

    Raises:
        SetupError: some are taken; the text says which, and how to move them.
    """
    ports, taken = {}, []
    for name, shipped in shipped_ports().items():
        setting = f"{name.upper()}_PORT"
        value = os.environ.get(setting, str(shipped))
        if not value.isdecimal():
            raise SetupError(f"{setting}={value}: a port is a number")
        ports[name] = int(value)
        if not is_taken(ports[name]):
            continue
        if name in EMULATORS or setting in os.environ:
            taken.append((name, ports[name], setting))
        else:
            ports[name] = free_port()
    if not taken:
        return ports
    which = "\n".join(f"  port {port} ({name})" for name, port, _ in taken)
    moves = " ".join(f"{setting}={free_port()}" for _, _, setting in taken)
    raise SetupError(f"another program listens on\n{which}\nEnd it, or: make run {moves}")


def _walk_through(suite: Suite) -> int:
    # It ends in the month after, so that nothing is left that closed in the future.
    last_month = datetime.now(UTC).replace(day=1) - timedelta(days=1)
    middle_of_the_month = last_month.strftime("%Y-%m-15T09:00:00Z")
    return subprocess.run(
        ["node", ROOT / "dev" / "walkthrough.mjs", middle_of_the_month],
        check=False,
        env={**os.environ, **suite.environment()},
    ).returncode


def _fill(suite: Suite) -> None:
    operator = ["--email", ADMIN.email, "--note", "make run: somebody has to look after it"]
    for command in (["seed", "--months", "1"], ["admin", *operator]):
        env = {**os.environ, **suite.environment()}
        ops = [sys.executable, "-m", "ops", *command]
        done = subprocess.run(ops, cwd=ROOT, check=False, env=env, capture_output=True, text=True)
        if done.returncode:
            raise SetupError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _tell_how_to_try(suite: Suite) -> None:
    auth, functions = f"http://{suite.host('auth')}", f"http://{suite.host('functions')}"
    sign_in = "identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=any"
    account = dumps({"email": USER.email, "password": PASSWORD, "returnSecureToken": True})
    call = f"{functions}/{suite.project}/{suite.region}/check_limit"
    json = "-H 'content-type: application/json'"
    read_token = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"idToken\"])'"  # noqa: S105 - a command
    print(f"""
The web pages are at http://{suite.host("hosting")} - sign in with the password {PASSWORD} as
  a user     {USER.email}
  an admin   {ADMIN.email}
or sign up. The live feed is on, with names.

An app reaches the rest with
  project    {suite.project} (any API key)
  auth       {auth}
  functions  {functions}, region {suite.region}
  HTTP API   {functions}/{suite.project}/{suite.region}/api
  firestore  {suite.host("firestore")}
  log        {suite.log.relative_to(ROOT)}

Try it: sign in as the user of the pages, then ask.
  token=$(curl -s '{auth}/{sign_in}' {json} -d '{account}' | {read_token})
  curl -s {call} -H "authorization: Bearer $token" {json} -d '{{"data":{{}}}}'

Serving until Ctrl-C; what was made is gone then.
""")


def _leave(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
