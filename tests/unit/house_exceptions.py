"""Who may do what the house's rules forbid, each with the reason why."""

from __future__ import annotations

EXTRAS = {
    # It calls the store below the library's conveniences.
    ("store/rpc.py", "grpc"),
    # It makes the one client of the process.
    ("triggers/runtime.py", "google.cloud.firestore"),
    # It names the type of the client that the app's own functions hand over.
    ("triggers/in_process.py", "google.cloud.firestore"),
    # It turns Python's names into those of the request models.
    ("triggers/in_process.py", "pydantic"),
    # They know who a token is from: the libraries that check its signature.
    ("triggers/api/callers.py", "firebase_admin"),
    ("triggers/api/callers.py", "google.auth"),
    ("triggers/api/callers.py", "google.oauth2"),
    ("triggers/api/callers.py", "requests"),
    ("triggers/api/callers.py", "cachecontrol"),
    # It asks pydantic for the schemas of the models.
    ("triggers/api/openapi.py", "pydantic"),
    # The one place that speaks to Stripe's library.
    ("triggers/webhooks/stripe_library.py", "stripe"),
    # The way out to devices: it names the client that it is given.
    ("triggers/push.py", "google.cloud.firestore"),
    # Outgoing HTTP that ends in time: the library that can, and Google's credentials led through it.
    ("triggers/bounded_http.py", "httpx"),
    ("triggers/fcm.py", "httpx"),
    ("triggers/access_token.py", "httpx"),
    ("triggers/access_token.py", "google.auth"),
    # It tells errors whose text may be logged from those that may repeat what a user sent.
    ("triggers/logs.py", "google.api_core"),
}
CATCH_ALL = {
    # The wall between the wire and the house.
    ("triggers/boundary.py", "Exception"),
    ("triggers/api/serving.py", "Exception"),
    # The other way in: the scheduler.
    ("triggers/schedules.py", "Exception"),
    # The way in of payment providers.
    ("triggers/webhooks/taking.py", "Exception"),
    # The end of a thread that nobody is above: a push fails for itself alone.
    ("triggers/push.py", "Exception"),
    # Whatever ends the caller's block, even an interrupt, gives the hold back and goes on.
    ("triggers/in_process.py", "BaseException"),
}
CLOCKS = {
    ("store/clock.py", "datetime.now"),
    # When a token expires is a fact of the real world, time travel or not.
    ("triggers/tokens.py", "time.time"),
    # So is when a webhook was signed.
    ("triggers/webhooks/proof.py", "time.time"),
}
