"""Masking of personal data in what users type."""

import re

MASK = "…"

_TOP_LEVELS = (
    "com|net|org|edu|gov|info|biz|io|ai|app|dev|co|me|tv|gg|xyz|shop|site|online|eu|uk|de|fr|es|it|nl"
    "|pl|ru|ua|tr|ch|at|br|mx|in|id|jp|kr|cn|tw|au|ca|us"
)
_NAME = r"[^\s@\uff20<>()\[\]{},;:\"]"
_EMAIL = rf"{_NAME}{{1,64}}(?:[@\uff20]|\s?[(\[]\s?at\s?[)\]]\s?){_NAME}{{1,255}}"
_URL = (
    r"[a-z][a-z0-9+.-]{1,15}://\S+|www\.\S+|\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/\S*"
    rf"|\b[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{0,8}}\.(?:{_TOP_LEVELS})\b"
)
_IP_ADDRESS = r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}(?![\w:])"
_DATE = r"(?<![\d-])(?:1[89]|2[01])\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])"
_YEARS = r"(?<![\d-])(?:1\d|2[01])\d\d\s?[-\u2013]\s?(?:1\d|2[01])\d\d(?![\d-])"
_LONG_NUMBER = r"[+(]?\d(?:[^\w\n:,;]{0,5}\d){6,}|\d{6,}"
"""Seven digits with signs between, as in phone and card numbers, or six in a row."""

_MASKED = f"(?P<kept>{_DATE}|{_YEARS})|{_URL}|{_EMAIL}|{_IP_ADDRESS}|{_LONG_NUMBER}"


def mask_personal_data(text: str) -> str:
    """Put `…` for email, web and IP addresses, phone numbers, and other runs of six digits or more.

    Dates (2027-03-15) and spans of years (1914-1918) stay. This is no moderation: names, postal
    addresses, and whatever is written so that no pattern finds it stay as well.
    """
    # Not compiled on import: a cold start would wait 2 ms for it, and few calls mask anything.
    return re.sub(_MASKED, lambda found: found["kept"] or MASK, text, flags=re.IGNORECASE)
