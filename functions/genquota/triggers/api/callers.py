"""Authentication of the API: Firebase ID tokens of users, Google's tokens of listed service accounts."""

from functools import cache, partial
from typing import Any

import requests
from cachecontrol import CacheControl
from google.auth import exceptions, jwt
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from genquota import settings
from genquota.domain.errors import NotAllowed, NotSignedIn, Unavailable
from genquota.domain.texts import is_document_name, normalize_email
from genquota.triggers.admission import BROKEN_TOKEN, CLOCK_SKEW_SECONDS, verify_user
from genquota.use_cases.core.context import Caller

_GOOGLE = ("https://accounts.google.com", "accounts.google.com")
_FETCH_SECONDS = 5.0


def identify(token: str) -> Caller:
    """Return who calls.

    Raises:
        NotSignedIn: The token is not to be believed.
        NotAllowed: A service account that is not listed.
        Unavailable: The certificates to check it by could not be had.
    """
    return _server(token) if _issuer(token) in _GOOGLE else verify_user(token)


def _server(token: str) -> Caller:
    """Return a service account, known by the email that Google signed."""
    listed = settings.service_accounts()
    if not listed:
        raise NotSignedIn
    try:
        claims = id_token.verify_token(
            token,
            _transport(),
            audience=settings.service_audiences(),
            certs_url=settings.GOOGLE_CERTS_URL.value,
            clock_skew_in_seconds=CLOCK_SKEW_SECONDS,
        )
    except exceptions.TransportError as no_answer:
        raise Unavailable from no_answer
    except (exceptions.GoogleAuthError, *BROKEN_TOKEN) as refused:
        raise NotSignedIn from refused
    account_id, email = claims.get("sub"), claims.get("email")
    is_named = isinstance(account_id, str) and is_document_name(account_id)
    is_text = email is None or isinstance(email, str)
    if claims.get("iss") not in _GOOGLE or not is_named or not is_text:
        raise NotSignedIn
    is_listed = isinstance(email, str) and normalize_email(email) in listed
    if claims.get("email_verified") is not True or not is_listed:
        raise NotAllowed
    return Caller.server(str(account_id))


def _issuer(token: str) -> str:
    """Return the issuer that a token claims; only its signature proves it."""
    try:
        claims: Any = jwt.decode(token, verify=False)  # type: ignore[no-untyped-call]
        return str(claims["iss"])
    except (exceptions.GoogleAuthError, *BROKEN_TOKEN):
        return ""


@cache
def _transport() -> Any:  # noqa: ANN401 - the library ships no types
    """Return a connection that keeps Google's certificates for as long as Google says."""
    return partial(Request(session=CacheControl(requests.Session())), timeout=_FETCH_SECONDS)
