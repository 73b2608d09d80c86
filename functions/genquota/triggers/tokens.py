"""Callers from the claims of verified tokens."""

import time
from collections.abc import Mapping
from typing import Any

from genquota import settings
from genquota.domain.enums import MAX_UID_CHARS, is_document_name, is_storable
from genquota.domain.errors import NotSignedIn
from genquota.domain.users.former_users import email_hash
from genquota.use_cases.core.context import Caller

_LONGEST_CLAIM = 2048
"""Characters: of a picture's address, the longest of those that are kept."""


def caller_of(uid: object, claims: Mapping[str, Any]) -> Caller:
    """Return the user of a token whose signature was verified.

    Raises:
        NotSignedIn: It names nobody, or has expired; libraries pass expired ones where the Auth emulator
            is named.
    """
    if not isinstance(uid, str) or len(uid) > MAX_UID_CHARS or not is_document_name(uid):
        raise NotSignedIn
    expires_at = claims.get("exp")
    is_number = isinstance(expires_at, int) and not isinstance(expires_at, bool)
    if not is_number or expires_at <= time.time():  # type: ignore[operator]
        raise NotSignedIn
    email, key = _text(claims, "email"), settings.secret(settings.EMAIL_HASH_KEY)
    verified = email if claims.get("email_verified") is True else None
    return Caller(
        uid,
        email,
        _text(claims, "name"),
        _text(claims, "picture"),
        is_verified=bool(verified or _text(claims, "phone_number")),
        email_hash=email_hash(verified, key) if verified and key else None,
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """Return a claim that nobody needs; one that is no text, or none that can be stored, is missing."""
    value = claims.get(name)
    is_text = isinstance(value, str) and 0 < len(value) <= _LONGEST_CLAIM and is_storable(value)
    return value if is_text else None
