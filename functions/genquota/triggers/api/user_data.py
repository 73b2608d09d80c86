"""`/users/{userId}`, `…/export`, `…/restore`: export, deletion and restoration of users."""

from genquota.domain.permissions import Permission
from genquota.messages.answers.self_service_answers import ExportAnswer, OperatorsDeletionAnswer
from genquota.messages.operators.changes import ChangeAnswer, Noted
from genquota.messages.requests.queries import (
    DryRun,
    DryRunNoted,
    ExportUserQuery,
    Nothing,
    UserPath,
)
from genquota.triggers.api.operators import answer_of, audit_of
from genquota.triggers.api.routes import ApiRequest, Route
from genquota.triggers.export_pages import export_answer, export_cursor_of
from genquota.use_cases.operators.restore_user import restore_user
from genquota.use_cases.self_service.on_behalf import delete_user_as_admin, export_user_as_admin


def _export(request: ApiRequest[UserPath, ExportUserQuery, Nothing]) -> ExportAnswer:
    place, most = export_cursor_of(request.query.cursor), request.query.page_size
    return export_answer(
        export_user_as_admin(request.context, request.caller, request.path.user_id, place, most)
    )


def _delete(request: ApiRequest[UserPath, DryRunNoted, Nothing]) -> OperatorsDeletionAnswer:
    audit = audit_of(request)
    done = delete_user_as_admin(request.context, request.caller, request.path.user_id, audit)
    return OperatorsDeletionAnswer(
        user_id=done.user_id,
        finished=done.finished,
        documents=dict(done.documents),
        dry_run=audit.dry_run,
        audit_id=done.audit_id,
    )


def _restore(request: ApiRequest[UserPath, DryRun, Noted]) -> ChangeAnswer:
    audit = audit_of(request)
    return answer_of(restore_user(request.context, request.caller, request.path.user_id, audit))


ROUTES = (
    Route("GET", "/users/{userId}/export", Permission.EXPORT_USER_DATA,
          "All stored data of a user, page by page.",
          _export, ExportAnswer, path=UserPath, query=ExportUserQuery),
    Route("DELETE", "/users/{userId}", Permission.DELETE_USER,
          "Block a user and delete their data; call again while `finished` is false.",
          _delete, OperatorsDeletionAnswer, path=UserPath, query=DryRunNoted),
    Route("POST", "/users/{userId}/restore", Permission.RESTORE_USER,
          "Let a deleted user sign up again, with the usage they had.",
          _restore, ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
)  # fmt: skip
