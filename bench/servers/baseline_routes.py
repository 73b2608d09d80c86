"""Flask routes written with the bare SDKs: what the HTTP API's are compared with."""

import threading
from functools import cache
from typing import Any

from firebase_admin import auth, initialize_app
from flask import Request, Response, jsonify
from google.cloud import firestore

from bench import baseline_reads

initialize_app()
_lock = threading.Lock()


def can_generate(request: Request) -> Response:
    """Read the user and answer a few of their fields."""
    found = baseline_reads.user(_database(), _uid(request))
    return jsonify(planId=found["usage"]["planId"], windows=found["usage"]["windows"])


def generations(request: Request) -> Response:
    """Read a page and answer it as it is."""
    size = int(request.args["pageSize"])
    items = baseline_reads.generations(_database(), _uid(request), size)
    return jsonify(items=items)


def analytics(request: Request) -> Response:
    """Read days and lists, and answer them as they are."""
    days = int(request.args["days"])
    return jsonify(items=baseline_reads.analytics(_database(), _uid(request), days))


def _uid(request: Request) -> str:
    claims: dict[str, Any] = auth.verify_id_token(
        request.headers["Authorization"].removeprefix("Bearer ")
    )
    return str(claims["uid"])


def _database() -> firestore.Client:
    with _lock:
        return _client()


@cache
def _client() -> firestore.Client:
    return firestore.Client()
