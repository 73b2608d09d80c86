"""The made-up users' sign-ins, in Firebase Auth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firebase_admin import auth

from ops.command import CommandError
from ops.seeding.personas import PASSWORD

if TYPE_CHECKING:
    from ops.seeding.personas import Person


def make_account(person: Person) -> bool:
    """Let somebody sign in. Return False if they could already.

    Raises:
        CommandError: Another user has that email.
    """
    try:
        auth.create_user(
            uid=person.uid,
            email=person.email,
            password=PASSWORD,
            display_name=person.name,
            email_verified=True,
        )
    except auth.UidAlreadyExistsError:
        return False
    except auth.EmailAlreadyExistsError as taken:
        if auth.get_user_by_email(person.email).uid == person.uid:
            return False
        raise CommandError(f"Another user has the email {person.email}.") from taken
    return True


def remove_account(person: Person) -> bool:
    """Remove a sign-in. Return False if there was none."""
    try:
        auth.delete_user(person.uid)
    except auth.UserNotFoundError:
        return False
    return True
