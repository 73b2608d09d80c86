"""`python -m ops <command>`: find the project, ask before writing to a real one, do it, say how to go on."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, NoReturn

from firebase_admin.exceptions import FirebaseError

from genquota.domain.errors import GenquotaError, InvalidArgument
from genquota.store.rpc import NO_ANSWER, StoreError
from ops.command import Command, CommandError, Session, why
from ops.commands import COMMANDS
from ops.progress import shown_progress
from ops.project import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence

STOPPED = 130


def main(arguments: Sequence[str] | None = None, commands: Sequence[Command] = COMMANDS) -> int:
    """Run one command; return its exit code (1: something failed, 2: not understood or not allowed)."""
    args = _parser(commands).parse_args(arguments)
    command: Command = args.command
    signal.signal(signal.SIGTERM, _leave)
    try:
        session = open_session(
            args.project, dry_run=args.dry_run, needs_accounts=command.needs_accounts
        )
        _require_consent(session, command, args)
        with shown_progress():
            return command.run(session, args)
    except CommandError as error:
        print(error, file=sys.stderr)
        return 2
    except GenquotaError as refusal:
        print(f"{command.name}: {why(refusal)}", file=sys.stderr)
        return 2 if isinstance(refusal, InvalidArgument) else 1
    except (StoreError, *NO_ANSWER) as failed:
        print(f"{command.name}: Firestore says: {failed}", file=sys.stderr)
        return 1
    except FirebaseError as failed:
        print(f"{command.name}: Firebase Auth says: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped. What was done is done; the same command again goes on from there.",
            file=sys.stderr,
        )
        return STOPPED


def _parser(commands: Sequence[Command]) -> ArgumentParser:
    shared = ArgumentParser(add_help=False)
    shared.add_argument("--project", help="its id; the default is the environment's GCLOUD_PROJECT")
    shared.add_argument(
        "--dry-run", action="store_true", help="say what would be done and write nothing"
    )
    shared.add_argument("--yes", action="store_true", help="write to a real project without asking")
    parser = ArgumentParser(prog="python -m ops", description="Genquota's command line.")
    verbs = parser.add_subparsers(required=True, metavar="command")
    for command in commands:
        verb = verbs.add_parser(
            command.name, parents=[shared], help=command.summary, description=command.summary
        )
        verb.set_defaults(command=command)
        command.add_options(verb)
    return parser


def _require_consent(session: Session, command: Command, args: Namespace) -> None:
    """Ask before anything is written to a real project.

    Raises:
        CommandError: The operator did not say yes.
    """
    where = "emulator" if session.is_emulated else "real"
    session.say(f"{command.name}: project {session.project} ({where})")
    if session.dry_run:
        session.say("Dry run: nothing is written.")
    elif not session.is_emulated and command.writes(args) and not args.yes:
        if not sys.stdin.isatty():
            raise CommandError(
                "This writes to a real project: add --yes, or --dry-run to see first."
            )
        if input("This writes to a real project. Type its id to go on: ") != session.project:
            raise CommandError("Nothing was done.")


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
