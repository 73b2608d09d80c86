"""From the claims of a verified token to who calls."""

import time
from collections.abc import Mapping
from typing import Any

from genquota import settings
from genquota.domain.errors import NotSignedIn
from genquota.domain.former_users import email_hash
from genquota.domain.words import is_document_name
from genquota.use_cases.context import Caller


def caller_of(uid: object, claims: Mapping[str, Any]) -> Caller:
    """Return the user of a token whose signature was verified.

    Raises:
        NotSignedIn: It names nobody, or has expired; libraries pass expired ones where the Auth emulator
            is named.
    """
    if not isinstance(uid, str) or not is_document_name(uid):
        raise NotSignedIn
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= time.time():
        raise NotSignedIn
    email, key = claims.get("email"), settings.secret(settings.EMAIL_HASH_KEY)
    verified = email if isinstance(email, str) and claims.get("email_verified") is True else None
    return Caller(
        uid,
        email,
        claims.get("name"),
        claims.get("picture"),
        is_verified=bool(verified or claims.get("phone_number")),
        email_hash=email_hash(verified, key) if verified and key else None,
    )
