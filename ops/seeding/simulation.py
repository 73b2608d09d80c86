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
from genquota.store.clock import Clock, to_utc_datetime
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
class Sown:
    """What one run made for one user."""

    generations: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """Where a history is sown: the deployment, the history's number, and until when."""

    context: Context
    number: int
    months: int
    now: datetime
    offers: Mapping[str, Offer]
    """By plan."""

    def at(self, instant: datetime) -> Context:
        """Return the deployment as it was at an instant."""
        return replace(self.context, clock=Clock(now=lambda: instant))


def sow(field: Field, person: Person, say: Callable[[str], None]) -> Sown:
    """Make what somebody did until now, but for what a run before has made.

    Args:
        field: Where.
        person: Who.
        say: Is told of each month that is done.

    Raises:
        CommandError: The user is there and was not made by this, or has another history.
    """
    since, last = _prepare(field, person)
    sown, month = Sown(), since
    news = _news(field, person, since)
    for activity in history(person, field.number, since, field.now):
        while news and news[0].at <= activity.at:
            event = news.popleft()
            apply_event(field.at(event.at), event)
        if last and activity.at < last:
            continue  # made by a run before; the last one may have been cut off, and is repeated
        if (activity.at.year, activity.at.month) != (month.year, month.month):
            say(f"{person.email}: {sown.generations} generations until {activity.at:%Y-%m}")
            month = activity.at
        try:
            sown.generations += _generate(field, person.uid, activity)
        except LimitRefusal:
            sown.refused += 1  # the plan's document says less than the shipped one
    for event in news:
        apply_event(field.at(event.at), event)
    return sown


def _news(field: Field, person: Person, since: datetime) -> deque[ProviderEvent]:
    """Return what the provider told of somebody's subscription. What was heard before says nothing."""
    if person.plan_id is None:
        return deque()
    return deque(events(person, field.offers[person.plan_id], since, field.now))


def _prepare(field: Field, person: Person) -> tuple[datetime, datetime | None]:
    """Make the user document unless it is there. Return since when, and when the last generation was."""
    transaction = Transaction(field.context.db)
    snapshot = transaction.read([user_path(person.uid)])[user_path(person.uid)]
    data: Mapping[str, Any] = snapshot.to_dict() or {}
    if not snapshot.exists:
        since = field.now - (_TRIAL_SO_FAR if person.trial_days else field.months * _MONTH)
        since = since.replace(hour=7, minute=0, second=0, microsecond=0)
        transaction.create(user_path(person.uid), _document(field, person, since))
        transaction.commit()
        check_limit(field.at(since), IN_PROCESS, person.uid, QuotaRequest())  # the first call
    elif (data.get(MARK), data.get("seedNumber")) == (MADE_BY, field.number):
        since = to_utc_datetime(data["createdAt"])
    elif data.get(MARK) == MADE_BY:
        raise CommandError(
            f"{person.email} has history number {data.get('seedNumber')}: make seed-reset."
        )
    else:
        raise CommandError(f"There is a user {person.uid} that was not made by {MADE_BY}.")
    last = data.get("lastGenerationAt")
    return since, to_utc_datetime(last) if last else None


def _document(field: Field, person: Person, since: datetime) -> dict[str, Any]:
    return {
        "email": person.email,
        "displayName": person.name,
        "timezone": person.timezone,
        "createdAt": since,
        MARK: MADE_BY,
        "seedNumber": field.number,
    }


def _generate(field: Field, uid: str, activity: Activity) -> bool:
    """Make one generation; tell whether it is new."""
    quota_request = QuotaRequest(activity.type, activity.engine, activity.quality, activity.count)
    command = CreateCommand(activity.key, quota_request, activity.content, {})
    opened = create_generation(field.at(activity.at), IN_PROCESS, uid, command)
    if not opened.replayed and opened.user.account.windows[Window.DAY].span.start > activity.at:
        raise CommandError(
            "A scheduled function has brought a made-up user to the present meanwhile. Pause the "
            "schedules, then: make seed-reset."
        )
    generation_id, over = opened.generation.id, field.at(activity.ends_at)
    if activity.ending == "unreported":
        return not opened.replayed
    status = Status.SUCCESS if activity.ending == "hidden" else Status(activity.ending)
    update_generation(
        over, IN_PROCESS, uid, ReportCommand(generation_id, status, **activity.report)
    )
    if activity.ending == "hidden":
        delete_generation(over, IN_PROCESS, uid, generation_id)
    return not opened.replayed
