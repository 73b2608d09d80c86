"""Locales in BCP 47, ICU (Apple, Android) and POSIX form, normalised to language, script and region."""

import re

MAX_LOCALE_CHARS = 255
"""ICU's own bound is 157."""
_MAX_OTHER_CHARS = 35
"""Text that is no locale is kept unchanged up to this length, as it always was."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}")
_EXTENDED_LANGUAGE = re.compile(r"[A-Za-z]{3}")
_SCRIPT = re.compile(r"[A-Za-z]{4}")
_REGION = re.compile(r"[A-Za-z]{2}|[0-9]{3}")
_SUBTAG = re.compile(r"[A-Za-z0-9]{1,8}")


def normalize_locale(text: str) -> str:
    """Normalise a locale to `language[-Script][-REGION]`.

    For example, `ar_SA@calendar=gregorian` becomes `ar-SA`, and `de_DE.UTF-8` becomes `de-DE`.

    Raises:
        ValueError: It is not a locale, and longer than 35 characters.
    """
    if found := _parse(text):
        return "-".join(part for part in found if part)
    if len(text) > _MAX_OTHER_CHARS:
        raise ValueError("not a locale like de-DE")
    return text


def language_of(locale: str) -> str | None:
    """Return the language subtag in lower case, or None if the text is not a locale."""
    found = _parse(locale)
    return found[0] if found else None


def _parse(text: str) -> tuple[str, str, str] | None:
    """Return language, script and region (empty if absent), or None if the text is not a locale."""
    # ICU keywords follow "@", a POSIX encoding follows ".", and Java appends "#Hant" after the region.
    named = re.split(r"[@.]", text, maxsplit=1)[0].replace("#", "")
    language, *rest = re.split("[-_]", named)
    if not _LANGUAGE.fullmatch(language):
        return None
    if rest and _EXTENDED_LANGUAGE.fullmatch(rest[0]):
        language = rest.pop(0)  # zh-yue is yue
    script = region = ""
    for part in rest:
        if part and not _SUBTAG.fullmatch(part):
            return None
        if len(part) == 1:
            break  # extensions and private use
        if not script and _SCRIPT.fullmatch(part):
            script = part.title()
        elif not region and _REGION.fullmatch(part):
            region = part.upper()
    return language.lower(), script, region
