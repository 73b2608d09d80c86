"""Languages as apps name them: BCP 47, ICU (Apple, Android), POSIX; kept as language, script and region."""

import re

MAX_LOCALE_CHARS = 255
"""ICU's own bound is 157."""
_MOST_OF_OTHERS = 35
"""What names no language is kept as it is, if it is no longer than this."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}")
_EXTENDED_LANGUAGE = re.compile(r"[A-Za-z]{3}")
_SCRIPT = re.compile(r"[A-Za-z]{4}")
_REGION = re.compile(r"[A-Za-z]{2}|[0-9]{3}")
_SUBTAG = re.compile(r"[A-Za-z0-9]{1,8}")


def plain_locale(text: str) -> str:
    """Return `language-Script-REGION`, as much of it as the text names.

    `ar_SA@calendar=gregorian` is `ar-SA`, `zh_Hant_TW` is `zh-Hant-TW`, `de_DE.UTF-8` is `de-DE`.

    Raises:
        ValueError: It names no language, and is too long for a name that only the app understands.
    """
    if found := _parts_of(text):
        return "-".join(part for part in found if part)
    if len(text) > _MOST_OF_OTHERS:
        raise ValueError("not a locale like de-DE")
    return text


def language_of(locale: str) -> str | None:
    """Return the language that a locale names, in lower case."""
    found = _parts_of(locale)
    return found[0] if found else None


def _parts_of(text: str) -> tuple[str, str, str] | None:
    """Return language, script and region; None if there is no language."""
    # Behind @ stand ICU's keywords, behind the dot POSIX' encoding; Java writes #Hant behind the region.
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
