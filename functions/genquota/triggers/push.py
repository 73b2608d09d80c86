"""The way out to devices: Firebase Cloud Messaging. It may be slow or fail, and nobody minds.

A send happens after the commit that it tells of, in a thread of its own, and is waited for a moment only:
an instance that has answered may get no more time to send. Where as many sends are stuck as may run at
once, further ones are left out without any wait. The notices themselves are kept in any case.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from google.cloud.firestore import Client

from genquota import settings
from genquota.messages.notice_texts import notice_data, notice_text
from genquota.use_cases.own.push_notices import Message, Outgoing, push_notices

PATIENCE_SECONDS = 1.0
MOST_SENDS = 4
"""At once, in an instance."""
_HTTP_SECONDS = 5
_AT_ONCE = 50
"""The library starts a thread for each message of a call."""
_APP = "genquota-push"

_log = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(MOST_SENDS, thread_name_prefix=_APP)
_free = threading.BoundedSemaphore(MOST_SENDS)


def push(db: Client, outgoing: Sequence[Outgoing]) -> None:
    """Send within a moment, or not; never raises what the sending raises."""
    error: BaseException | None = TimeoutError()
    if _free.acquire(blocking=False):
        sending = _threads.submit(push_notices, db, _send, outgoing)
        sending.add_done_callback(lambda _: _free.release())
        try:
            error = sending.exception(timeout=PATIENCE_SECONDS)
        except TimeoutError as still_running:
            error = still_running
    if error:
        # Its text may repeat a token.
        _log.warning(
            "notices of %d users were not sent in time: %s", len(outgoing), type(error).__name__
        )


def _send(messages: Sequence[Message]) -> list[bool]:
    from firebase_admin import messaging  # noqa: PLC0415 - costs the cold start, and few calls send

    app, are_there = _app(settings.project_id(), settings.fcm_emulator()), []
    for begin in range(0, len(messages), _AT_ONCE):
        batch = [_to_fcm(messaging, each) for each in messages[begin : begin + _AT_ONCE]]
        for answer in messaging.send_each(batch, app=app).responses:
            is_gone = isinstance(answer.exception, messaging.UnregisteredError)
            if answer.exception and not is_gone:
                _log.warning("a notice was not taken: %s", type(answer.exception).__name__)
            are_there.append(not is_gone)
    return are_there


def _to_fcm(messaging: Any, message: Message) -> Any:  # noqa: ANN401 - imported late
    title, body = notice_text(message.notice, message.locale)
    shown = messaging.Notification(title=title, body=body)
    fcm = messaging.Message(notification=shown, data=notice_data(message.notice))
    # Named when it is made, the library warns that installation ids are to come; apps have tokens.
    fcm.token = message.token
    return fcm


@cache
def _app(project: str | None, emulator: str | None) -> Any:  # noqa: ANN401 - the library ships no types
    """Return an app of our own, whose calls end soon; against a stand-in, without credentials."""
    import firebase_admin  # noqa: PLC0415

    options = {"projectId": project, "httpTimeout": _HTTP_SECONDS}
    if emulator is None:
        return firebase_admin.initialize_app(options=options, name=_APP)
    from firebase_admin import credentials, messaging  # noqa: PLC0415
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415

    class Nobody(credentials.Base):  # type: ignore[misc] # the library ships no types
        def get_credential(self) -> AnonymousCredentials:
            return AnonymousCredentials()  # type: ignore[no-untyped-call]

    app = firebase_admin.initialize_app(Nobody(), options, name=f"{_APP}-{emulator}-{project}")
    # The library has no other way to name another host.
    service = messaging._get_messaging_service(app)  # noqa: SLF001
    service._fcm_url = f"http://{emulator}/v1/projects/{project}/messages:send"  # noqa: SLF001
    return app
