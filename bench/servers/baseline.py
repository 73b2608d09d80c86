"""Callables written with the bare SDKs: what Genquota's are compared with. Imports nothing of it."""

import threading
from datetime import UTC, datetime
from functools import cache
from typing import Any

from firebase_admin import initialize_app
from firebase_functions.https_fn import CallableRequest, FunctionsErrorCode, HttpsError, on_call
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import firestore

from bench import baseline, usual_flow

initialize_app()
_lock = threading.Lock()


@on_call()
def create_generation(request: CallableRequest[Any]) -> dict[str, Any]:
    """Make the two calls to the store that Genquota's function makes."""
    generation_id = _generation_id(request)
    baseline.create(_database(), _uid(request), generation_id)
    return {"generationId": generation_id}


@on_call()
def create_in_transaction(request: CallableRequest[Any]) -> dict[str, Any]:
    """Keep a limit as the SDK's documentation teaches it: read, decide and write in a transaction."""
    db, uid, generation_id = _database(), _uid(request), _generation_id(request)
    user, record = db.document("users", uid), db.document("userGenerations", generation_id)
    attempts = 0

    # Decorated for each call: what the decorator makes keeps state that threads must not share.
    @firestore.transactional
    def reserve(transaction: firestore.Transaction) -> bool:
        nonlocal attempts
        attempts += 1
        found = {each.id: each for each in db.get_all([user, record], transaction=transaction)}
        held = found[uid].get("quota").get("holds") or {}
        if len(held) >= request.data["limit"]:
            return False
        now = datetime.now(UTC)
        transaction.create(record, baseline.new_record(uid, generation_id, now))
        transaction.update(user, baseline.user_with_hold(generation_id, now))
        return True

    try:
        return {"passed": reserve(db.transaction()), "attempts": attempts}
    except (ValueError, GoogleAPICallError) as error:
        # It gives up with a bare ValueError; a read that was aborted comes as what it is.
        reason = {"reason": "contention", "attempts": attempts}
        raise HttpsError(FunctionsErrorCode.ABORTED, "gave up", reason) from error


@on_call()
def check_then_count(request: CallableRequest[Any]) -> dict[str, Any]:
    """Keep a limit as such backends usually do."""
    seconds = request.data["engineSeconds"]
    passed = usual_flow.generate(_database(), _uid(request), _generation_id(request), seconds)
    return {"passed": passed, "attempts": 1}


def _generation_id(request: CallableRequest[Any]) -> str:
    return f"g{request.data['idempotencyKey']}"


def _uid(request: CallableRequest[Any]) -> str:
    if request.auth is None or not request.auth.uid:
        raise HttpsError(FunctionsErrorCode.UNAUTHENTICATED, "sign in")
    return request.auth.uid


def _database() -> firestore.Client:
    with _lock:
        return _client()


@cache
def _client() -> firestore.Client:
    return firestore.Client()
