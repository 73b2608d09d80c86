"""Every command, in the order of `--help`."""

from ops.command import Command

COMMANDS: tuple[Command, ...] = ()
