"""The shipped rules with one hole each, and the attacks that a hole lets pass."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weakening:
    """One careless edit: ``shipped`` becomes ``careless``."""

    shipped: str
    careless: str
    lets_pass: tuple[str, ...]


_READ_USER = "allow read: if genquotaOwnerOrAdmin(uid);"
_LAST_LINE = "// ------------------------------------------------------------------ Genquota ends"

OPEN_TO_ALL = """
rules_version = '2';
service cloud.firestore {
  match /{document=**} {
    allow read, write: if true;
  }
}
"""

CLOSED_TO_ALL = OPEN_TO_ALL.replace("if true", "if false")

WEAKENED = {
    "owners may write what they may read": Weakening(
        _READ_USER,
        "allow read, write: if genquotaOwnerOrAdmin(uid);",
        (
            "alice forges her role by update",
            "alice forges her counter by merge",
            "alice forges her plan by replacement",
            "alice forges a number in her quota by update",
            "alice forges a field of her usage by merge",
            "alice forges her quota in a transaction",
            "alice deletes users/alice",
            "alice deletes users/alice by commit",
            "alice moves her numbers by an increment",
            "alice creates users/alice/grants/g9",
            "ghost makes a user document with a role",
            "dora takes her role back",
            "root, an admin, writes a user",
        ),
    ),
    "owners may create what is missing": Weakening(
        _READ_USER,
        _READ_USER + " allow create: if genquotaOwnerOrAdmin(uid);",
        ("ghost makes a user document with a role", "alice creates users/alice/own/x by commit"),
    ),
    "anybody passes as the owner": Weakening(
        "request.auth.uid == uid",
        "request.auth.uid != ''",
        (
            "bob reads alice's document",
            "bob reads alice's windows",
            "bob reads alice's generation",
            "bob reads alice's subscription",
            "bob reads alice's day",
            "bob reads alice's document among his own",
            "bob filters on alice",
            "bob counts alice's generations",
            "bob lists generations without a filter",
            "bob lists users",
        ),
    ),
    "the role comes from the token": Weakening(
        "return exists(self) && genquotaHasAdminRole(get(self).data);",
        "return request.auth.token.get('role', '') == 'admin';",
        (
            "dora, once an admin, reads alice's document",
            "dora, once an admin, lists generations",
            "ghost, admin by token only, reads the audit log",
        ),
    ),
    "who has no document counts as an admin": Weakening(
        "return exists(self) &&",
        "return !exists(self) ||",
        ("ghost, admin by token only, reads the audit log",),
    ),
    "every role but user is an admin": Weakening(
        "user.get('role', 'user') == 'admin'",
        "user.get('role', 'user') != 'user'",
        ("robot, a service, reads alice's document",),
    ),
    "a disabled admin stays one": Weakening(
        "user.get('disabled', false) == false",
        "true",
        ("barred, a disabled admin, reads alice's document",),
    ),
    "a deleted admin stays one": Weakening(
        "user.get('isDeleted', false) == false",
        "true",
        ("gone, a deleted admin, reads alice's document",),
    ),
    "retired plans are open": Weakening(
        "resource.data.get('active', true) == true",
        "true",
        ("bob reads a retired plan",),
    ),
    "retired plans are listed": Weakening(
        "(resource.data.active == true || genquotaAdmin())",
        "true",
        ("bob lists all plans",),
    ),
    "nobody need sign in": Weakening(
        "return request.auth != null;",
        "return true;",
        ("nobody reads the feed", "nobody reads a plan"),
    ),
    "figures are open": Weakening(
        "/analyticsDaily/{date}/{below=**} {\n      allow read: if genquotaSignedIn() && genquotaAdmin();",
        "/analyticsDaily/{date}/{below=**} {\n      allow read: if genquotaSignedIn();",
        ("bob reads the daily figures", "bob reads who generated most"),
    ),
    "the audit log is open": Weakening(
        "match /auditLog/{entryId} {\n      allow read: if genquotaSignedIn() && genquotaAdmin();",
        "match /auditLog/{entryId} {\n      allow read: if genquotaSignedIn();",
        ("bob reads the audit log",),
    ),
    "generations match at any depth": Weakening(
        "match /userGenerations/{generationId}",
        "match /{above=**}/userGenerations/{generationId}",
        ("alice reads generations as a collection group",),
    ),
    "windows match at any depth": Weakening(
        _LAST_LINE,
        "match /{above=**}/windows/{id} { allow read: if genquotaSignedIn(); }",
        (
            "alice reads windows as a collection group",
            "root, an admin, reads windows as a collection group",
        ),
    ),
    "devices match at any depth": Weakening(
        _LAST_LINE,
        "match /{above=**}/devices/{id} { allow read: if genquotaSignedIn(); }",
        ("alice reads devices as a collection group", "bob reads alice's device"),
    ),
    "a catch-all opens the rest": Weakening(
        _LAST_LINE,
        "match /{document=**} { allow read, write: if genquotaSignedIn(); }",
        (
            "bob reads customers",
            "bob reads what is kept of former users",
            "alice forges a pack by update",
            "alice creates testClock/later",
            "alice hides a forgery of her role",
            "alice forges a plan's limit by update",
            "robot, a service, writes a user",
        ),
    ),
}


def weaken(rules: str, hole: str) -> str:
    """Return the rules with the hole cut into them, once and where it is said to be."""
    edit = WEAKENED[hole]
    assert rules.count(edit.shipped) == 1, f"the rules no longer say {edit.shipped!r} once"
    return rules.replace(edit.shipped, edit.careless)
