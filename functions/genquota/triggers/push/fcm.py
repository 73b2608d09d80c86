"""Firebase Cloud Messaging's protocol (HTTP v1): each message is sent once, in time or not at all.

firebase-admin speaks it too, and cannot be bounded: it obeys a `Retry-After` four times over.
"""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx

from genquota import settings
from genquota.domain.records import dataclass
from genquota.messages.answers.notice_texts import notice_data, notice_text
from genquota.triggers.push.access_token import AccessToken
from genquota.triggers.push.bounded_http import Answer, client, exchange, run, seconds_left
from genquota.use_cases.core.push_notices import PushMessage

MESSAGE_SECONDS = 2.0
"""For one message: one that hangs holds up the others of its call for no longer."""
_AT_ONCE = 20
"""Messages of one call."""
_FCM = "https://fcm.googleapis.com"
_UNREGISTERED, _WITHDRAWN = "UNREGISTERED", "HTTP 401"

_log = logging.getLogger(__name__)
_access_token = AccessToken()


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    headers: dict[str, str]


def send_messages(messages: Sequence[PushMessage], deadline: float) -> list[bool]:
    """Send messages until the deadline; return of each whether its device still exists.

    Args:
        messages: What to send, the first ones first.
        deadline: In seconds of `time.monotonic`. What is not sent by then is not sent.

    Raises:
        TimeoutError: There was no access token by then.
        GoogleAuthError: There is none to be had.
    """
    target = _target(deadline)
    results = run(_send_all(target, messages, seconds_left(deadline)))
    faults = [_fault(result) for result in results]
    if _WITHDRAWN in faults:
        _access_token.forget()
    refused = Counter(fault for fault in faults if fault not in (None, _UNREGISTERED))
    for fault, count in sorted(refused.items()):
        _log.warning("%d notices were not taken: %s", count, fault)
    return [fault != _UNREGISTERED for fault in faults]


async def _send_all(
    target: _Target, messages: Sequence[PushMessage], seconds: float
) -> list[Answer | BaseException]:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def send(message: PushMessage) -> Answer:
        async with asyncio.timeout(seconds), slots:
            body = {"message": _to_fcm(message)}
            request = http.build_request("POST", target.url, headers=target.headers, json=body)
            return await exchange(http, request, MESSAGE_SECONDS)

    async with client() as http:
        return await asyncio.gather(*map(send, messages), return_exceptions=True)


def _to_fcm(message: PushMessage) -> dict[str, Any]:
    title, body = notice_text(message.notice, message.locale)
    return {
        "token": message.token,
        "notification": {"title": title, "body": body},
        "data": notice_data(message.notice),
    }


def _fault(result: Answer | BaseException) -> str | None:
    """Name what went wrong, without a word that might repeat the token; None: it was taken."""
    if isinstance(result, BaseException):
        return type(result).__name__
    if result.status == httpx.codes.OK:
        return None
    try:
        details = json.loads(result.data)["error"]["details"]
        codes = [each["errorCode"] for each in details if "errorCode" in each]
    except (ValueError, KeyError, TypeError):
        codes = []
    named = [code for code in codes if isinstance(code, str) and re.fullmatch("[A-Z_]{1,40}", code)]
    return named[0] if named else f"HTTP {result.status}"


def _target(deadline: float) -> _Target:
    project, emulator = settings.project_id(), settings.fcm_emulator()
    if emulator:
        return _Target(f"http://{emulator}/v1/projects/{project}/messages:send", {})
    own, headers = _access_token.headers(deadline)
    return _Target(f"{_FCM}/v1/projects/{project or own}/messages:send", headers)
