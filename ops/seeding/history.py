"""What the made-up users did: the same for the same number and the same day, whenever it is asked for."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.seeding.personas import Person

_DAYS_OF_A_MONTH = 30.4
_BUSY = {5: 1.5, 6: 1.4}  # weekends
_MODES = ("text-to-image", "image-to-image", "inpainting", "upscale")
_ENGINES = {
    "image": ("flux-1", "sdxl", "imagen-4"),
    "video": ("veo-3",),
    "audio": ("stable-audio",),
}
_STYLES = ("realistic", "watercolour", "pixel-art", "anime", "oil-painting")
_RATIOS = ("1:1", "16:9", "9:16", "4:3")
_WHO = ("a fox", "a lighthouse", "an old tram", "a dragon", "two cats", "a market", "a mountain")
_WHERE = (
    "in fog",
    "at sunset",
    "under the northern lights",
    "in the rain",
    "on the moon",
    "in snow",
)
_HOW = ("cinematic", "very detailed", "in soft light", "seen from above", "as a postcard")
_FAILURES = (
    "the engine ran out of memory",
    "the safety filter refused the result",
    "the engine timed out",
)
_ENDINGS = {"success": 90, "failed": 6, "cancelled": 2, "unreported": 1, "hidden": 1}
"""In hundred: `unreported` ones expire, `hidden` ones succeed and are deleted from the history."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One generation that somebody makes, and what becomes of it."""

    at: datetime
    key: str
    type: str
    engine: str
    quality: str
    count: int
    content: dict[str, Any]
    ending: str
    seconds: int
    """How long the engine works on it."""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def ends_at(self) -> datetime:
        return self.at + timedelta(seconds=self.seconds)


def history(person: Person, number: int, start: datetime, end: datetime) -> Iterator[Activity]:
    """Yield what somebody does from ``start`` until ``end``, in order; one is over before the next.

    Args:
        person: Who.
        number: Another number is another history.
        start: Aware, UTC.
        end: Aware, UTC; what would not be over by then is left out.
    """
    free_at = start
    zone = ZoneInfo(person.timezone)
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for activity in _day(person, number, day, zone):
            if activity.at >= free_at and activity.ends_at < end:
                yield activity
                free_at = activity.ends_at + timedelta(seconds=1)
        day += timedelta(days=1)


def _day(person: Person, number: int, day: date, zone: ZoneInfo) -> list[Activity]:
    """Return what somebody does on one of their days, in order."""
    chance = random.Random(f"{number} {person.uid} {day}")  # noqa: S311 - the same each time, on purpose
    expected = person.per_month / _DAYS_OF_A_MONTH * _BUSY.get(day.weekday(), 0.8)
    many = int(expected) + (chance.random() < expected % 1)
    seconds = sorted(int(chance.triangular(7, 23.9, 20) * 3600) for _ in range(many))
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    return [
        _activity(chance, midnight + timedelta(seconds=second), f"seed-{number}-{day}-{n}")
        for n, second in enumerate(seconds)
    ]


def _activity(chance: random.Random, at: datetime, key: str) -> Activity:
    (type_,) = chance.choices(("image", "video", "audio"), (90, 7, 3))
    engine = chance.choice(_ENGINES[type_])
    is_image = type_ == "image"
    prompt = f"{chance.choice(_WHO)} {chance.choice(_WHERE)}, {chance.choice(_HOW)}"
    content: dict[str, Any] = {
        "promptId": f"prompt-{chance.randrange(10**6)}",
        "promptText": prompt,
        "style": chance.choice(_STYLES),
        "aspectRatio": chance.choice(_RATIOS),
    }
    if is_image:
        content["mode"] = chance.choices(_MODES, (70, 20, 6, 4))[0]
        if content["mode"] != "text-to-image":
            content["inputs"] = [f"https://images.example.com/inputs/{key}.png"]
    if chance.random() < 0.2:
        content["negativePrompt"] = "blurry, text, watermark"
    count = chance.choices((1, 2, 4), (93, 5, 2))[0] if is_image else 1
    (ending,) = chance.choices(tuple(_ENDINGS), tuple(_ENDINGS.values()))
    seconds = chance.randrange(4, 40) if is_image else chance.randrange(40, 240)
    return Activity(
        at=at,
        key=key,
        type=type_,
        engine=engine,
        quality="hd" if chance.random() < 0.25 else "standard",
        count=count,
        content=content,
        ending=ending,
        seconds=seconds,
        report=_report(chance, ending, type_, key, count, seconds),
    )


def _report(
    chance: random.Random, ending: str, type_: str, key: str, count: int, seconds: int
) -> dict[str, Any]:
    if ending == "failed":
        return {"error_message": chance.choice(_FAILURES)}
    if ending not in {"success", "hidden"}:
        return {}
    outputs = [_output(chance, type_, f"{key}-{n}") for n in range(count)]
    return {"outputs": tuple(outputs), "metadata": {"processingTime": seconds * 1000}}


def _output(chance: random.Random, type_: str, name: str) -> dict[str, Any]:
    file = f"{name}.{ {'image': 'png', 'video': 'mp4', 'audio': 'mp3'}[type_] }"
    output: dict[str, Any] = {
        "url": f"https://images.example.com/{file}",
        "filename": file,
        "size": chance.randrange(200_000, 4_000_000),
    }
    if type_ == "audio":
        return output | {"durationMs": chance.randrange(5_000, 60_000)}
    size = {"width": 1024, "height": 1024} if type_ == "image" else {"width": 1280, "height": 720}
    more = {"durationMs": chance.randrange(4_000, 9_000)} if type_ == "video" else {}
    return output | size | more
