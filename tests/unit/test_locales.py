"""Locales of all platforms, kept as language, script and region; notices are in that language."""

from __future__ import annotations

import pytest

from genquota.domain.errors import InvalidArgument
from genquota.messages.requests.callable_requests import parse
from genquota.messages.requests.locales import language_of
from genquota.messages.requests.self_service_requests import RegisterDevice
from genquota.messages.requests.user_requests import UpdateProfile
from tests.unit.request_samples import TYPES

LOCALES = {
    "de": "de",
    "de-DE": "de-DE",
    "de_DE": "de-DE",
    "DE-de": "de-DE",
    "zh-Hant-TW": "zh-Hant-TW",
    "zh_Hant_TW": "zh-Hant-TW",
    "zh-Hans_CN": "zh-Hans-CN",
    "sr-Latn-RS": "sr-Latn-RS",
    "SR-LATN": "sr-Latn",
    "es-419": "es-419",
    "fil-PH": "fil-PH",
    "ar_SA@calendar=gregorian;numbers=latn": "ar-SA",
    "en_US@calendar=japanese;collation=phonebook;numbers=arab;rg=gbzzzz": "en-US",
    "de@collation=phonebook": "de",
    "zh_Hant_TW@calendar=roc": "zh-Hant-TW",
    "de_DE.UTF-8": "de-DE",
    "de_DE.UTF-8@euro": "de-DE",
    "de_DE@euro": "de-DE",
    "en_US_POSIX": "en-US",
    "en__POSIX": "en",
    "zh_TW_#Hant": "zh-Hant-TW",
    "th_TH_TH_#u-nu-thai": "th-TH",
    "de-DE-u-co-phonebk": "de-DE",
    "de-u-co-phonebk-nu-latn": "de",
    "de-CH-1996": "de-CH",
    "sl-rozaj-biske-1994": "sl",
    "ca-ES-valencia": "ca-ES",
    "en-US-x-twain": "en-US",
    "zh-yue-HK": "yue-HK",
}
NO_LANGUAGES = ["C", "C.UTF-8", "x-klingon", "i-klingon", "root-of-all", "d", "5", "x" * 35, "ä-DE"]
TOO_LONG = ["x" * 36, "d" * 256, "de_DE@" + "x" * 250]


def preferred(locale: str) -> str | None:
    asked = parse(UpdateProfile, {"preferences": {"locale": locale}}, types=TYPES, is_demo=False)
    assert asked.preferences
    return asked.preferences.locale


def registered(locale: str) -> str | None:
    device = {"token": "t", "platform": "ios", "locale": locale}
    return parse(RegisterDevice, device, types=TYPES, is_demo=False).locale


@pytest.mark.parametrize(("values", "kept"), LOCALES.items())
def test_a_locale_keeps_language_script_and_region(values: str, kept: str) -> None:
    assert (preferred(values), registered(values)) == (kept, kept)
    assert preferred(kept) == kept
    assert language_of(values) == kept.partition("-")[0]


def test_the_longest_that_icu_makes_is_understood() -> None:
    long = "sr_Latn_RS@" + ";".join(f"k{n}=value{n}" for n in range(20))
    assert 200 < len(long) <= 255
    assert preferred(long) == "sr-Latn-RS"


@pytest.mark.parametrize("locale", NO_LANGUAGES)
def test_a_name_of_no_language_is_kept_as_it_is(locale: str) -> None:
    assert (preferred(locale), registered(locale)) == (locale, locale)
    assert language_of(locale) is None


@pytest.mark.parametrize("locale", [*TOO_LONG, "de_DE\x00"])
def test_a_locale_is_refused_if_it_is_long_and_no_language_or_no_text(locale: str) -> None:
    for take in (preferred, registered):
        with pytest.raises(InvalidArgument) as refusal:
            take(locale)
        assert refusal.value.fields[0][0].endswith("locale")
