"""Every command, in the order of `--help`."""

from ops.admin import ADMIN
from ops.backfill import BACKFILL
from ops.command import Command
from ops.jobs import CLEANUP, RECONCILE
from ops.override import OVERRIDE
from ops.resolve import RESOLVE
from ops.restore_user import RESTORE_USER
from ops.seed import SEED, SEED_CLEAN, SEED_RESET
from ops.statistics import STATISTICS

COMMANDS: tuple[Command, ...] = (
    ADMIN,
    OVERRIDE,
    RESOLVE,
    RESTORE_USER,
    SEED,
    SEED_CLEAN,
    SEED_RESET,
    CLEANUP,
    RECONCILE,
    BACKFILL,
    STATISTICS,
)
