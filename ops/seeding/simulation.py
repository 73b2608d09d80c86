"""Simulate the seed users' months by calling the functions' own use-cases."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from genquota.billing.use_cases.apply_event import apply_event
from genquota.domain.enums import Status, Window
from genquota.domain.errors import LimitRefusal
from genquota.domain.quota.decision import QuotaRequest
from genquota.store.documents import Clock, to_utc_datetime
from genquota.store.transaction import Transaction
from genquota.store.user.user_document import user_path
from genquota.use_cases.core.context import IN_PROCESS, Context
from genquota.use_cases.generations.check_limit import check_limit
from genquota.use_cases.generations.create_generation import CreateCommand, create_generation
from genquota.use_cases.generations.delete_generation import delete_generation
from genquota.use_cases.generations.update_generation import ReportCommand, update_generation
from ops.command import CommandError
from ops.seeding.history import Activity, history
from ops.seeding.personas import MADE_BY, MARK
from ops.seeding.subscriptions import events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genquota.billing.domain.provider_events import ProviderEvent
    from ops.seeding.personas import Person
    from ops.seeding.subscriptions import Offer

_MONTH = timedelta(days=30.4)
_TRIAL_SO_FAR = timedelta(days=5)


@dataclass(slots=True)
class SimulationResult:
    """What one run made for one user."""

    generations: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Simulation:
    """One simulation: the deployment, the number of the history, and until when."""

    context: Context
    number: int
    months: int
    now: datetime
    offers: Mapping[str, Offer]
    """By plan."""

    def at(self, instant: datetime) -> Context:
        """Return the deployment as it was at an instant."""
        return replace(self.context, clock=Clock(now=lambda: instant))


def simulate(
    simulation: Simulation, person: Person, say: Callable[[str], None]
) -> SimulationResult:
    """Simulate what a user did until now, except what an earlier run has made.

    Args:
        simulation: Where, and until when.
        person: Who.
        say: Is called with a line for each month that is done.

    Raises:
        CommandError: The user is there and was not made by this, or has another history.
    """
    since, last = _prepare(simulation, person)
    result, month = SimulationResult(), since
    due = _due_events(simulation, person, since)
    for activity in history(person, simulation.number, since, simulation.now):
        while due and due[0].at <= activity.at:
            event = due.popleft()
            apply_event(simulation.at(event.at), event)
        if last and activity.at < last:
            continue  # made by a run before; the last one may have been cut off, and is repeated
        if (activity.at.year, activity.at.month) != (month.year, month.month):
            say(f"{person.email}: {result.generations} generations until {activity.at:%Y-%m}")
            month = activity.at
        try:
            result.generations += _generate(simulation, person.uid, activity)
        except LimitRefusal:
            result.refused += 1  # the plan's document says less than the shipped one
    for event in due:
        apply_event(simulation.at(event.at), event)
    return result


def _due_events(simulation: Simulation, person: Person, since: datetime) -> deque[ProviderEvent]:
    """Return the provider's events on a user's subscription. Those received before change nothing."""
    if person.plan_id is None:
        return deque()
    return deque(events(person, simulation.offers[person.plan_id], since, simulation.now))


def _prepare(simulation: Simulation, person: Person) -> tuple[datetime, datetime | None]:
    """Make the user document unless it is there. Return since when, and when the last generation was."""
    transaction = Transaction(simulation.context.db)
    snapshot = transaction.read([user_path(person.uid)])[user_path(person.uid)]
    data: Mapping[str, Any] = snapshot.to_dict() or {}
    if not snapshot.exists:
        since = simulation.now - (
            _TRIAL_SO_FAR if person.trial_days else simulation.months * _MONTH
        )
        since = since.replace(hour=7, minute=0, second=0, microsecond=0)
        transaction.create(user_path(person.uid), _document(simulation, person, since))
        transaction.commit()
        check_limit(simulation.at(since), IN_PROCESS, person.uid, QuotaRequest())  # the first call
    elif (data.get(MARK), data.get("seedNumber")) == (MADE_BY, simulation.number):
        since = to_utc_datetime(data["createdAt"])
    elif data.get(MARK) == MADE_BY:
        raise CommandError(
            f"{person.email} has history number {data.get('seedNumber')}: make seed-reset."
        )
    else:
        raise CommandError(f"There is a user {person.uid} that was not made by {MADE_BY}.")
    last = data.get("lastGenerationAt")
    return since, to_utc_datetime(last) if last else None


def _document(simulation: Simulation, person: Person, since: datetime) -> dict[str, Any]:
    return {
        "email": person.email,
        "displayName": person.name,
        "timezone": person.timezone,
        "createdAt": since,
        MARK: MADE_BY,
        "seedNumber": simulation.number,
    }


def _generate(simulation: Simulation, uid: str, activity: Activity) -> bool:
    """Make one generation; tell whether it is new."""
    quota_request = QuotaRequest(activity.type, activity.engine, activity.quality, activity.count)
    command = CreateCommand(activity.key, quota_request, activity.content, {})
    opened = create_generation(simulation.at(activity.at), IN_PROCESS, uid, command)
    if not opened.replayed and opened.user.account.windows[Window.DAY].span.start > activity.at:
        raise CommandError(
            "A scheduled function has brought a made-up user to the present meanwhile. Pause the "
            "schedules, then: make seed-reset."
        )
    generation_id, over = opened.generation.id, simulation.at(activity.ends_at)
    if activity.ending == "unreported":
        return not opened.replayed
    status = Status.SUCCESS if activity.ending == "hidden" else Status(activity.ending)
    update_generation(
        over, IN_PROCESS, uid, ReportCommand(generation_id, status, **activity.report)
    )
    if activity.ending == "hidden":
        delete_generation(over, IN_PROCESS, uid, generation_id)
    return not opened.replayed
