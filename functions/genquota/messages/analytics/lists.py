"""Top lists in the analytics: users, prompts and errors."""

from collections.abc import Mapping, Sequence
from typing import Generic, Self, TypeVar

from genquota.domain.statistics.top_lists import TopList, TopListEntry
from genquota.messages.answers.callable_answers import Answer

L = TypeVar("L", bound="Listed")


class Listed(Answer):
    """How often something came, with most first."""

    count: int
    """Generations: exact, or at most this many if the list is not."""
    over: int
    """How many of `count` may be too many; 0 in an exact list."""


class TopUser(Listed):
    user_id: str | None
    """None: not for this caller, who is told the name."""
    name: str | None
    """As in the live feed; None for admins, who know the user by `userId`."""
    charged: int | None
    """Credits; None: not for this caller."""

    @classmethod
    def of(cls, uid: str, entry: TopListEntry) -> Self:
        """Show a user to an admin."""
        charged = entry.charged
        return cls(count=entry.n, over=entry.over, user_id=uid, name=None, charged=charged)

    @classmethod
    def by_name(cls, name: str, entry: TopListEntry) -> Self:
        """Show a user to everybody."""
        return cls(count=entry.n, over=entry.over, user_id=None, name=name, charged=None)


class PopularPrompt(Listed):
    prompt_id: str
    charged: int
    """Credits."""

    @classmethod
    def of(cls, prompt_id: str, entry: TopListEntry) -> Self:
        return cls(count=entry.n, over=entry.over, prompt_id=prompt_id, charged=entry.charged)


class CommonError(Listed):
    error: str
    """At most 120 characters; addresses, emails and words with digits are masked."""

    @classmethod
    def of(cls, error: str, entry: TopListEntry) -> Self:
        return cls(count=entry.n, over=entry.over, error=error)


class TopListAnswer(Answer, Generic[L]):
    """The highest of a list, and what is in none of its items."""

    items: Sequence[L]
    rest: int | None
    """Generations that no item counts; None: not for this caller."""
    is_exact: bool


def users_of(users: TopList) -> TopListAnswer[TopUser]:
    """Return users for an admin."""
    items = [TopUser.of(*each) for each in users.entries.items()]
    return TopListAnswer[TopUser](items=items, rest=users.rest, is_exact=users.is_exact)


def named_users_of(users: TopList, names: Mapping[str, str]) -> TopListAnswer[TopUser]:
    """Return those among the users who may be named, for everybody."""
    named = ((names[uid], entry) for uid, entry in users.entries.items() if uid in names)
    items = [TopUser.by_name(*each) for each in named]
    return TopListAnswer[TopUser](items=items, rest=None, is_exact=users.is_exact)


def prompts_of(prompts: TopList) -> TopListAnswer[PopularPrompt]:
    items = [PopularPrompt.of(*each) for each in prompts.entries.items()]
    return TopListAnswer[PopularPrompt](items=items, rest=prompts.rest, is_exact=prompts.is_exact)


def errors_of(errors: TopList) -> TopListAnswer[CommonError]:
    items = [CommonError.of(*each) for each in errors.entries.items()]
    return TopListAnswer[CommonError](items=items, rest=errors.rest, is_exact=errors.is_exact)
