"""`/users/{userId}`, `…/export`, `…/restore`: users' data, handed out, deleted, and the way back."""

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
from genquota.triggers.api.operators import answer_of
from genquota.triggers.api.routes import Asked, Route
from genquota.triggers.export_pages import export_answer, export_place
from genquota.use_cases.core.audit import Deed
from genquota.use_cases.operators.restore_user import restore_user
from genquota.use_cases.self_service.on_behalf import delete_data_of, export_data_of


def _export(asked: Asked[UserPath, ExportUserQuery, Nothing]) -> ExportAnswer:
    place, most = export_place(asked.query.cursor), asked.query.page_size
    return export_answer(
        export_data_of(asked.context, asked.caller, asked.path.user_id, place, most)
    )


def _delete(asked: Asked[UserPath, DryRunNoted, Nothing]) -> OperatorsDeletionAnswer:
    deed = Deed(asked.query.note, asked.query.dry_run)
    done = delete_data_of(asked.context, asked.caller, asked.path.user_id, deed)
    return OperatorsDeletionAnswer(
        user_id=done.user_id,
        finished=done.finished,
        documents=dict(done.documents),
        dry_run=deed.dry_run,
        audit_id=done.audit_id,
    )


def _restore(asked: Asked[UserPath, DryRun, Noted]) -> ChangeAnswer:
    deed = Deed(asked.body.note, asked.query.dry_run)
    return answer_of(restore_user(asked.context, asked.caller, asked.path.user_id, deed))


ROUTES = (
    Route("GET", "/users/{userId}/export", Permission.EXPORT_USER_DATA,
          "All that is kept of a user, page by page.",
          _export, ExportAnswer, path=UserPath, query=ExportUserQuery),
    Route("DELETE", "/users/{userId}", Permission.DELETE_USER,
          "Bar a user and delete what is kept of them; `finished: false`: call again.",
          _delete, OperatorsDeletionAnswer, path=UserPath, query=DryRunNoted),
    Route("POST", "/users/{userId}/restore", Permission.RESTORE_USER,
          "Let a deleted user sign up again, with what they had used; nothing deleted comes back.",
          _restore, ChangeAnswer, path=UserPath, query=DryRun, body=Noted),
)  # fmt: skip
