"""The live feed: what every signed-in user may see of a generation, and for how long."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from genquota.domain.enums import Status
from genquota.domain.masking import MASK, mask_personal_data
from genquota.domain.records import dataclass

MAX_FEED_LENGTH = timedelta(days=7)
ANONYMOUS_PROMPT_CHARS = 140
NAMELESS = "Anonymous"
"""Stands for the name of a user who has none that can be shown."""

_AT_SIGN = re.compile("@|%40", re.IGNORECASE)

_ADJECTIVES = (
    *("amber", "brave", "bright", "calm", "clever", "cosy", "curious", "daring", "dreamy", "eager"),
    *("fancy", "fluffy", "gentle", "glad", "golden", "happy", "honest", "jolly", "kind", "lively"),
    *("lucky", "mellow", "merry", "nimble", "patient", "playful", "polite", "proud", "quick"),
    *("quiet", "rapid", "shiny", "silent", "silver", "sleepy", "snowy", "sunny", "swift", "witty"),
)
_ANIMALS = (
    *(
        "badger",
        "beaver",
        "bison",
        "camel",
        "crane",
        "deer",
        "dolphin",
        "falcon",
        "ferret",
        "finch",
    ),
    *("fox", "gecko", "hare", "hedgehog", "heron", "ibis", "jackdaw", "koala", "lark", "lemur"),
    *("lynx", "marmot", "marten", "moose", "newt", "ocelot", "otter", "owl", "panda", "pelican"),
    *("puffin", "raven", "robin", "seal", "sparrow", "swan", "tapir", "walrus", "wombat", "wren"),
)


class LiveFeed(StrEnum):
    """The setting of that name."""

    OFF = "off"
    ANONYMOUS = "anonymous"
    """A pseudonym that changes daily, the beginning of the prompt, no picture."""
    NAMED = "named"
    """Display name, photo, whole prompt, and of images a preview."""


class FeedStatus(StrEnum):
    """How far a generation is, as the feed says it."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @classmethod
    def of(cls, status: Status) -> "FeedStatus":
        if status.is_open:
            return cls.PROCESSING
        return cls.COMPLETED if status is Status.SUCCESS else cls.FAILED


@dataclass(frozen=True, slots=True)
class FeedRules:
    """The settings of the feed."""

    mode: LiveFeed = LiveFeed.OFF
    length: timedelta = timedelta(hours=24)
    """How long an entry is shown, from the generation's start."""
    hidden_words: frozenset[str] = frozenset()
    """In lower case. A prompt that has one of them is not shown."""


@dataclass(frozen=True, slots=True)
class FeedProfile:
    """How a user appears in the feed."""

    name: str
    user_id: str | None = None
    """Only in `named`: a stable id would undo a pseudonym that changes."""
    photo_url: str | None = None

    @property
    def is_named(self) -> bool:
        return self.user_id is not None


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """The name that a user has in the feed for one day."""

    day: str
    """Local date in `DEFAULT_TIMEZONE`."""
    name: str


def pseudonym_for(
    known: Pseudonym | None, day: str, pick: Callable[[Sequence[str]], str]
) -> Pseudonym:
    """Return the known pseudonym if it is of that day, else one chosen at random.

    It follows from nothing, so nobody can work it out who knows the user's id.
    """
    if known and known.day == day:
        return known
    number = pick([str(each) for each in range(10, 100)])
    return Pseudonym(day, f"{pick(_ADJECTIVES)} {pick(_ANIMALS)} {number}")


def feed_profile_of(uid: str, profile: Mapping[str, Any], nameless: str = NAMELESS) -> FeedProfile:
    """Return how a user appears by name.

    Args:
        uid: Whose.
        profile: `displayName` and `photoURL` as they stand in the user document.
        nameless: Stands for a name that is missing, or that contains personal data. Never a pseudonym,
            which would then be known to be this user's.
    """
    name, photo = profile.get("displayName"), profile.get("photoURL")
    shown = name if isinstance(name, str) and mask_personal_data(name) == name else ""
    return FeedProfile(shown.strip() or nameless, uid, _web_url(photo))


def visible_engine(engine: object, rules: FeedRules) -> str | None:
    """Return the engine's name; None if it has what would be masked or hidden in a prompt."""
    if not isinstance(engine, str) or has_hidden_word(engine, rules.hidden_words):
        return None
    return engine if mask_personal_data(engine) == engine else None


def visible_prompt(prompt: object, rules: FeedRules, *, is_named: bool) -> str:
    """Return what the feed shows of a prompt: personal data masked, and cut if its user has no name."""
    text = prompt if isinstance(prompt, str) else ""
    if has_hidden_word(text, rules.hidden_words):
        return MASK
    masked = mask_personal_data(text)
    if is_named or len(masked) <= ANONYMOUS_PROMPT_CHARS:
        return masked
    return masked[: ANONYMOUS_PROMPT_CHARS - 1] + MASK


def has_hidden_word(text: str, words: Iterable[str]) -> bool:
    """Return whether a text has one of the words: as a whole word, whatever its case.

    Words of scripts that put no blanks between words are found anywhere.
    """
    lowered = text.casefold()
    return any(
        re.search(rf"{_edge(word[0], '<!')}{re.escape(word)}{_edge(word[-1], '!')}", lowered)
        for word in words
        if word in lowered
    )


def preview_url_of(type_: str, outputs: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the address of an image to show: the first output, if it is one that browsers load."""
    return _web_url(outputs[0].get("url")) if outputs and type_ == "image" else None


def _edge(character: str, kind: str) -> str:
    return rf"(?{kind}\w)" if character.isascii() and character.isalnum() else ""


def _web_url(value: object) -> str | None:
    """Return an address that browsers load, unless an email is part of it."""
    is_fit = isinstance(value, str) and value.startswith("https://")
    return str(value) if is_fit and not _AT_SIGN.search(str(value)) else None
