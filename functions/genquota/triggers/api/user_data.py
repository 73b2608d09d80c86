"""`/users/{userId}` and `…/export`: a user's data, handed out or deleted by an admin in their stead."""

from genquota.domain.rights import Who
from genquota.messages.own_answers import ExportAnswer, OperatorsDeletionAnswer
from genquota.messages.queries import DryRunNoted, ExportUserQuery, Nothing, UserPath
from genquota.triggers.api.routes import Asked, Route
from genquota.triggers.exports import export_answer, export_place
from genquota.use_cases.operating.change_user import Deed
from genquota.use_cases.operating.user_data import delete_data_of, export_data_of


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


ROUTES = (
    Route("GET", "/users/{userId}/export", Who.ADMIN, "All that is kept of a user, page by page.",
          _export, ExportAnswer, path=UserPath, query=ExportUserQuery),
    Route("DELETE", "/users/{userId}", Who.ADMIN,
          "Bar a user and delete what is kept of them; `finished: false`: call again.",
          _delete, OperatorsDeletionAnswer, path=UserPath, query=DryRunNoted),
)  # fmt: skip
