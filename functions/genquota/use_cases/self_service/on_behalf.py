"""Users' own matters, done by an admin in their stead."""

from datetime import timedelta

from genquota.domain.permissions import Permission
from genquota.store.privacy.user_documents import Place
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.reader import admit
from genquota.use_cases.self_service.delete_user import Deletion, delete_user
from genquota.use_cases.self_service.export_user import Exported, export_user

TIME_ALLOWED = timedelta(seconds=40)
"""Through Hosting a request ends after 60 s."""


def export_data_of(
    context: Context, operator: Caller | None, user_id: str, place: Place, most: int
) -> Exported:
    """Return a page of all that is kept of a user, of at most so many documents.

    Raises:
        GenquotaError: The operator is no admin, or see `export_user`.
    """
    admit(context, operator, Permission.EXPORT_USER_DATA)
    return export_user(context, operator, user_id, place, most=most)


def delete_data_of(context: Context, operator: Caller | None, user_id: str, deed: Deed) -> Deletion:
    """Bar a user and delete what is kept of them, or go on with it.

    Raises:
        GenquotaError: The operator is no admin, or see `delete_user`.
    """
    admit(context, operator, Permission.DELETE_USER)
    return delete_user(context, operator, user_id, TIME_ALLOWED, deed)
