"""`seed`, `seed-clean`, `seed-reset`: made-up users for development."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from genquota.store.transaction import Transaction
from genquota.use_cases.jobs.daily_statistics import daily_statistics
from genquota.use_cases.jobs.sweep import expire_generations, reset_periods
from ops.command import Command, CommandError, Session
from ops.seeding.accounts import make_account, remove_account
from ops.seeding.personas import PASSWORD, PEOPLE
from ops.seeding.removal import remove
from ops.seeding.simulation import Simulation, simulate
from ops.seeding.subscriptions import offer_of, remove_offers
from ops.statistics import count_anew

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from datetime import datetime

    from ops.seeding.personas import Person

MOST_MONTHS = 24
_LONGEST_MONTH = timedelta(days=31)
_TIME_FOR_JOBS = timedelta(minutes=10)


def seed(session: Session, args: Namespace) -> int:
    """Make the users and their months, but for what is there already."""
    _require_playground(session, args)
    clock = session.context.clock
    now = clock.at(Transaction(session.context.db).read(clock.paths()))
    if session.dry_run:
        for person in PEOPLE:
            session.say(f"{person.email}: about {person.per_month} generations a month")
        return 0
    plans = sorted({person.plan_id for person in PEOPLE if person.plan_id})
    offers = {plan_id: offer_of(session.context.db, plan_id) for plan_id in plans}
    field = Simulation(session.context, args.seed, args.months, now, offers)

    def make(person: Person) -> int:
        is_new = make_account(person)
        result = simulate(field, person, session.say)
        signs_in = "can sign in now" if is_new else "could sign in before"
        refused = f", {result.refused} refused by the plan" if result.refused else ""
        session.say(f"{person.email}: {signs_in}, {result.generations} generations made{refused}")
        return result.generations

    with ThreadPoolExecutor(len(PEOPLE)) as at_once:
        made = sum(at_once.map(make, PEOPLE))
    if session.is_emulated:  # where no schedule runs by itself
        for job in (expire_generations, reset_periods):
            job(session.context, _TIME_FOR_JOBS)
    if made:
        _count(session, now, args.months)
    session.say(f'Everybody signs in with the password "{PASSWORD}".')
    return 0


def clean(session: Session, args: Namespace) -> int:
    """Remove the users that `seed` made, and all that is theirs."""
    _require_playground(session, args)
    removed = False
    for person in PEOPLE:
        count = remove(session.context.db, person, dry_run=session.dry_run)
        removed |= count is not None
        if count is None:
            session.say(f"{person.email}: not there")
        else:
            session.say(f"{person.email}: {count} documents")
        if not session.dry_run:
            remove_account(person)
    if not session.dry_run:
        remove_offers(session.context.db)
    if removed and not session.dry_run:
        clock = session.context.clock
        now = clock.at(Transaction(session.context.db).read(clock.paths()))
        _count(session, now, MOST_MONTHS, may_shrink=True)
    return 0


def reset(session: Session, args: Namespace) -> int:
    """Remove, then make anew."""
    return clean(session, args) or seed(session, args)


def _count(session: Session, now: datetime, months: int, *, may_shrink: bool = False) -> None:
    """Count the statistics of the made-up months, which are behind what the scheduled job looks at."""
    daily_statistics(session.context, _TIME_FOR_JOBS)
    first = (now - months * _LONGEST_MONTH).date()
    count_anew(session, first, now.date(), may_shrink=may_shrink)


def _require_playground(session: Session, args: Namespace) -> None:
    """Refuse a real project unless it is named twice: these users have a password that all know.

    Raises:
        CommandError: It is a real one, and was named once.
    """
    if not session.is_emulated and args.into_real_project != session.project:
        raise CommandError(
            f"{session.project} is a real project, and made-up users have a password that everybody "
            f"knows. If you mean it, add: --into-real-project {session.project}"
        )


def _options_to_remove(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--into-real-project", metavar="ID", help="name a real project a second time"
    )


def _options_to_make(parser: ArgumentParser) -> None:
    _options_to_remove(parser)
    parser.add_argument("--seed", type=int, default=1, help="another number is another history (1)")
    parser.add_argument(
        "--months",
        type=int,
        default=6,
        choices=range(1, MOST_MONTHS + 1),
        metavar="N",
        help="how far back it goes (6)",
    )


SEED = Command(
    "seed",
    "Make four users (free, plus, pro, trial) with months of generations.",
    seed,
    _options_to_make,
    needs_accounts=True,
)
SEED_CLEAN = Command(
    "seed-clean",
    "Remove the users that seed made, with all that is theirs.",
    clean,
    _options_to_remove,
    needs_accounts=True,
)
SEED_RESET = Command(
    "seed-reset", "seed-clean, then seed.", reset, _options_to_make, needs_accounts=True
)
