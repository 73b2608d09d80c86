"""Export and deletion of a user's data by an admin."""

from datetime import timedelta

from genquota.domain.permissions import Permission
from genquota.store.privacy.user_documents import ExportCursor
from genquota.use_cases.core.authorized_read import authorize_read
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import AuditContext
from genquota.use_cases.self_service.delete_user import DeletionProgress, delete_user
from genquota.use_cases.self_service.export_user import ExportPage, export_user

TIME_ALLOWED = timedelta(seconds=40)
"""Through Hosting a request ends after 60 s."""


def export_user_as_admin(
    context: Context, operator: Caller | None, user_id: str, place: ExportCursor, most: int
) -> ExportPage:
    """Return a page of all that is kept of a user, of at most so many documents.

    Raises:
        GenquotaError: The operator is no admin, or see `export_user`.
    """
    authorize_read(context, operator, Permission.EXPORT_USER_DATA)
    return export_user(context, operator, user_id, place, most=most)


def delete_user_as_admin(
    context: Context, operator: Caller | None, user_id: str, audit: AuditContext
) -> DeletionProgress:
    """Disable a user and delete their data, or continue an unfinished deletion.

    Raises:
        GenquotaError: The operator is no admin, or see `delete_user`.
    """
    authorize_read(context, operator, Permission.DELETE_USER)
    return delete_user(context, operator, user_id, TIME_ALLOWED, audit)
