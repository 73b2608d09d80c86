"""Exceptions to the import rules, each with its reason."""

from __future__ import annotations

EXTRAS = {
    # It calls the store below the library's conveniences.
    ("store/rpc.py", "grpc"),
    # It turns Python's names into those of the request models.
    ("triggers/in_process.py", "pydantic"),
    # They know who a token is from, and from what app: the libraries that check its signature.
    ("triggers/admission.py", "firebase_admin"),
    ("triggers/boundary.py", "firebase_admin"),
    ("triggers/api/callers.py", "google.auth"),
    ("triggers/api/callers.py", "google.oauth2"),
    ("triggers/api/callers.py", "requests"),
    ("triggers/api/callers.py", "cachecontrol"),
    # It asks pydantic for the schemas of the models.
    ("triggers/api/openapi.py", "pydantic"),
    # What Stripe is asked for after an event is as of now.
    ("billing/stripe/provider.py", "genquota.store.documents"),
    # The one place that speaks to Stripe's library.
    ("billing/stripe/client.py", "stripe"),
    # Outgoing HTTP that ends in time: the library that can, and Google's credentials led through it.
    ("triggers/push/bounded_http.py", "httpx"),
    ("triggers/push/fcm.py", "httpx"),
    ("triggers/push/access_token.py", "httpx"),
    ("triggers/push/access_token.py", "google.auth"),
}
CATCH_ALL = {
    # The error boundary of callables and of the HTTP API.
    ("triggers/boundary.py", "Exception"),
    # The entry point of the scheduler.
    ("triggers/schedules.py", "Exception"),
    # The entry point of payment providers.
    ("billing/webhooks/receiver.py", "Exception"),
    # The top of a thread: a push fails for itself alone.
    ("triggers/push/delivery.py", "Exception"),
    # Whatever ends the caller's block, even an interrupt, gives the hold back and goes on.
    ("triggers/in_process.py", "BaseException"),
}
CLOCKS = {
    ("store/documents.py", "datetime.now"),
    # When a token expires is a fact of the real world, time travel or not.
    ("triggers/admission.py", "time.time"),
    # So is when a webhook was signed.
    ("billing/signatures.py", "time.time"),
}
