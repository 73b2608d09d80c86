"""What notices say on devices: short, in the device's language, and nothing but numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genquota.domain.enums import LIMIT_WINDOWS, Window
from genquota.domain.quota.allocation import LimitUsage
from genquota.domain.quota.notices import Notice, NoticeKind
from genquota.messages.answers.notice_texts import _TEXTS, _WINDOWS, notice_data, notice_text
from tests.unit.samples import at

ROW = LimitUsage(Window.DAY, None, at("2026-11-18"), at("2026-11-19"), 10, 8, 0)
NEARLY = Notice(NoticeKind.LIMIT, ROW, 80)


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("de", "Fast aufgebraucht"),
        ("de-AT", "Fast aufgebraucht"),
        ("es_MX", "Casi agotado"),
        ("FR", "Presque épuisé"),
        ("en-GB", "Almost used up"),
        ("de_DE.UTF-8", "Fast aufgebraucht"),
        ("fr@calendar=buddhist", "Presque épuisé"),
        ("es_419@numbers=latn", "Casi agotado"),
        ("ar_SA@calendar=gregorian;numbers=latn", "Almost used up"),
        ("ja", "Almost used up"),
        ("", "Almost used up"),
        (None, "Almost used up"),
    ],
)
def test_the_language_is_the_devices_or_english(locale: str | None, title: str) -> None:
    assert notice_text(NEARLY, locale)[0] == title


def test_every_language_says_everything() -> None:
    assert _TEXTS.keys() == _WINDOWS.keys()
    for language in _TEXTS:
        for window in LIMIT_WINDOWS:
            for threshold in (80, 100):
                notice = Notice(NoticeKind.LIMIT, replace(ROW, window=window), threshold)
                assert all(len(text) < 70 for text in notice_text(notice, language))
        period = Notice(NoticeKind.PERIOD, replace(ROW, window=Window.PERIOD))
        assert "10" in notice_text(period, language)[1]


def test_a_limit_of_one_type_names_it() -> None:
    video = replace(NEARLY, usage=replace(ROW, type="video"))
    assert notice_text(video, None)[1] == "video: 8 of 10 credits used (day)."


def test_an_app_that_says_it_itself_is_given_the_numbers_as_texts() -> None:
    assert notice_data(NEARLY) == {
        "noticeId": "day_20261118T000000Z_10_80",
        "key": "limit-80",
        "kind": "limit",
        "window": "day",
        "type": "",
        "limit": "10",
        "used": "8",
        "resetsAt": "2026-11-19T00:00:00Z",
    }
