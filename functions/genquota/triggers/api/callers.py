"""Authentication of the API: Firebase ID tokens of users, Google's tokens of listed service accounts."""

from functools import cache, partial
from typing import Any

import requests
from cachecontrol import CacheControl
from firebase_admin import auth
from flask import Request as HttpRequest
from google.auth import exceptions, jwt
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from genquota import settings
from genquota.domain.errors import NotAllowed, NotSignedIn, Unavailable
from genquota.domain.texts import is_document_name, normalize_email
from genquota.triggers.admission import caller_of
from genquota.use_cases.core.context import Caller

_SCHEME = "bearer"
_GOOGLE = ("https://accounts.google.com", "accounts.google.com")
_SKEW_SECONDS = 10
_FETCH_SECONDS = 5.0
_BROKEN = (ValueError, TypeError, KeyError, UnicodeError, RecursionError)
"""What the libraries raise for what is no token; a refusal of theirs is a ValueError, too."""


def identify(request: HttpRequest) -> Caller:
    """Return who calls.

    Raises:
        NotSignedIn: No token, or one that is not to be believed.
        NotAllowed: A service account that is not listed.
        Unavailable: The certificates to check it by could not be had.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != _SCHEME or not token:
        raise NotSignedIn
    return _server(token) if _issuer(token) in _GOOGLE else _user(token)


def _user(token: str) -> Caller:
    try:
        claims = auth.verify_id_token(token, clock_skew_seconds=_SKEW_SECONDS)
    except auth.CertificateFetchError as no_answer:
        raise Unavailable from no_answer
    except (auth.InvalidIdTokenError, *_BROKEN) as refused:
        raise NotSignedIn from refused
    return caller_of(claims.get("uid"), claims)


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
            clock_skew_in_seconds=_SKEW_SECONDS,
        )
    except exceptions.TransportError as no_answer:
        raise Unavailable from no_answer
    except (exceptions.GoogleAuthError, *_BROKEN) as refused:
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
    except (exceptions.GoogleAuthError, *_BROKEN):
        return ""


@cache
def _transport() -> Any:  # noqa: ANN401 - the library ships no types
    """Return a connection that keeps Google's certificates for as long as Google says."""
    return partial(Request(session=CacheControl(requests.Session())), timeout=_FETCH_SECONDS)
