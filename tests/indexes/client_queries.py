"""The queries that clients make by themselves: the contract's list, and nothing else."""

from __future__ import annotations

from tests.indexes.shapes import DESCENDING, Shape


def _newest_first(collection: str, by: str, *equal: str) -> Shape:
    return Shape(collection, equal=frozenset(equal), order=((by, DESCENDING),))


CLIENT_QUERIES = {
    _newest_first("userGenerations", "createdAt", "userId", "isDeleted"): "an owner",
    _newest_first(
        "userGenerations", "createdAt", "userId", "isDeleted", "generationStatus"
    ): "an owner",
    _newest_first("userGenerations", "createdAt", "userId", "isDeleted", "type"): "an owner",
    _newest_first("usageDaily", "date", "userId"): "an owner",
    _newest_first("live_generations", "timestamp"): "any signed-in user",
    _newest_first("live_generations", "timestamp", "type"): "any signed-in user",
    _newest_first("userGenerations", "createdAt", "isDeleted"): "an admin",
    _newest_first("userGenerations", "createdAt", "isDeleted", "generationStatus"): "an admin",
    _newest_first("userGenerations", "createdAt", "isDeleted", "type"): "an admin",
    _newest_first("usageDaily", "date"): "an admin",
    # The rules ask for these filters.
    Shape("subscriptions", equal=frozenset({"userId"})): "an owner",
    Shape("plans", equal=frozenset({"active"})): "any signed-in user",
}

KEPT_INDEXED = {
    # What operators look users up by in the console. Written rarely.
    "users": {
        "email",
        "displayName",
        "timezone",
        "role",
        "disabled",
        "planId",
        "createdAt",
        "isDeleted",
        "deletedAt",
    },
    "userGenerations": {"userId", "closedAt"},
}
"""The collections that every generation writes to, and the fields there that stay indexed."""
