"""What the live feed shows of prompts and people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from genquota.domain.enums import Status
from genquota.domain.feed import (
    FeedProfile,
    FeedRules,
    FeedStatus,
    LiveFeed,
    Pseudonym,
    feed_profile_of,
    has_hidden_word,
    preview_url_of,
    pseudonym_for,
    visible_prompt,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = FeedRules(LiveFeed.ANONYMOUS, timedelta(hours=24), frozenset({"gun", "狐狸", "no go"}))


def first(choices: Sequence[str]) -> str:
    return choices[0]


def last(choices: Sequence[str]) -> str:
    return choices[-1]


def test_a_pseudonym_stays_for_its_day_and_then_changes() -> None:
    known = pseudonym_for(None, "2027-03-15", first)
    assert pseudonym_for(known, "2027-03-15", last) == known
    changed = pseudonym_for(known, "2027-03-16", last)
    assert (known.name, changed) == ("amber badger 10", Pseudonym("2027-03-16", "witty wren 99"))


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (Status.PENDING, FeedStatus.PROCESSING),
        (Status.PROCESSING, FeedStatus.PROCESSING),
        (Status.SUCCESS, FeedStatus.COMPLETED),
        (Status.FAILED, FeedStatus.FAILED),
        (Status.CANCELLED, FeedStatus.FAILED),
        (Status.EXPIRED, FeedStatus.FAILED),
    ],
)
def test_cancelled_and_expired_show_as_failed(status: Status, shown: FeedStatus) -> None:
    assert FeedStatus.of(status) is shown


@pytest.mark.parametrize("name", [None, 7, "", "  ", "ana@example.com", "Ana +49 151 1234567"])
def test_a_name_that_is_missing_or_tells_too_much_is_not_shown(name: object) -> None:
    assert feed_profile_of("u1", {"displayName": name}).name == "Anonymous"


@pytest.mark.parametrize(
    ("photo", "shown"),
    [
        ("https://x.y/a.png", "https://x.y/a.png"),
        ("https://x.y/u/ana@example.com.png", None),
        ("https://x.y/u?of=ana%40example.com", None),
        ("http://x.y/a.png", None),
        (None, None),
        (3, None),
    ],
)
def test_a_photo_is_shown_if_browsers_load_it(photo: object, shown: str | None) -> None:
    shown_as = feed_profile_of("u1", {"displayName": "Ana", "photoURL": photo})
    assert shown_as == FeedProfile("Ana", "u1", shown)


def test_a_prompt_without_a_name_is_cut_and_one_with_a_name_is_whole() -> None:
    prompt = "a fox " * 40
    assert visible_prompt(prompt, RULES, is_named=True) == prompt
    cut = visible_prompt(prompt, RULES, is_named=False)
    assert (len(cut), cut[-1]) == (140, "…")
    assert visible_prompt("x" * 140, RULES, is_named=False) == "x" * 140


@pytest.mark.parametrize("is_named", [True, False])
def test_personal_data_is_masked_in_both_modes_before_the_cut(*, is_named: bool) -> None:
    prompt = "b" * 130 + " ana@example.com"
    assert visible_prompt(prompt, RULES, is_named=is_named) == "b" * 130 + " …"


@pytest.mark.parametrize("text", ["a gun", "GUN!", "(gun)", "一只狐狸在雪里", "this is no go"])
def test_a_hidden_word_hides_the_whole_prompt(text: str) -> None:
    assert visible_prompt(text, RULES, is_named=True) == "…"


@pytest.mark.parametrize("text", ["a gunner", "begun", "no-go", "a fox", ""])
def test_a_word_that_only_contains_one_hides_nothing(text: str) -> None:
    assert not has_hidden_word(text, RULES.hidden_words)


def test_a_preview_is_an_image_that_browsers_load() -> None:
    web, cloud = {"url": "https://x.y/a.png"}, {"url": "gs://b/a.png"}
    assert preview_url_of("image", [web, cloud]) == "https://x.y/a.png"
    assert [
        preview_url_of("image", [cloud]),
        preview_url_of("image", []),
        preview_url_of("video", [web]),
    ] == [
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("prompt", [None, 5, ["a"]])
def test_a_record_without_a_prompt_shows_none(prompt: object) -> None:
    assert visible_prompt(prompt, RULES, is_named=True) == ""
