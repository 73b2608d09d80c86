"""Delivery of notices to devices, bounded in time. A failed delivery fails no call.

A send happens after the commit that causes it, in a thread of its own, and is waited for a moment only:
an instance that has answered may get no more time to send. What is not sent a few seconds after the
commit is left out, and so are further sends while as many are under way as may be at once: a notice is
worth no old push, and is kept in any case. The threads are daemons: an instance that ends waits for none.
"""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from genquota.store.transaction import Database
from genquota.use_cases.core.push_notices import PushMessage, UserNotices, push_notices

PATIENCE_SECONDS = 1.0
"""How long the call waits that caused it."""
SEND_SECONDS = 5.0
"""After the commit. By then a message is sent, or it never is."""
MOST_SENDS = 32
"""At once, in an instance. A server that hangs keeps each for `SEND_SECONDS`."""

_log = logging.getLogger(__name__)
_free = threading.BoundedSemaphore(MOST_SENDS)


def push(db: Database, outgoing: Sequence[UserNotices]) -> None:
    """Send within a moment, or not; never raises what the sending raises."""
    error: BaseException | None = TimeoutError()
    if _free.acquire(blocking=False):
        sending: Future[None] = Future()
        deadline = time.monotonic() + SEND_SECONDS
        work = (sending, db, outgoing, deadline)
        threading.Thread(target=_send, args=work, daemon=True, name="genquota-push").start()
        try:
            error = sending.exception(timeout=PATIENCE_SECONDS)
        except TimeoutError as still_running:
            error = still_running
    if error:
        # Its text may repeat a token.
        _log.warning(
            "notices of %d users were not sent in time: %s", len(outgoing), type(error).__name__
        )


def _send(
    sending: "Future[None]", db: Database, outgoing: Sequence[UserNotices], deadline: float
) -> None:
    from genquota.triggers.push.fcm import send_messages  # noqa: PLC0415 - not in the time of the caller

    def send(messages: Sequence[PushMessage]) -> list[bool]:
        return send_messages(messages, deadline)

    try:
        push_notices(db, send, outgoing)
    except Exception as failed:  # noqa: BLE001 - the waiting call logs it, if one still waits
        sending.set_exception(failed)
    else:
        sending.set_result(None)
    finally:
        _free.release()
