"""Pages of exported user data, for the callable and the HTTP API."""

from genquota.domain.errors import InvalidArgument
from genquota.messages.answers.self_service_answers import ExportAnswer, StoredDocument
from genquota.messages.export.user_data import stored_to_json
from genquota.messages.requests.cursors import parts_of_cursor, parts_to_cursor
from genquota.store.privacy.user_documents import ExportCursor
from genquota.use_cases.self_service.export_user import ExportPage


def export_cursor_of(cursor: str | None) -> ExportCursor:
    """Return where a page begins.

    Raises:
        InvalidArgument: The cursor is none of ours.
    """
    if cursor is None:
        return ExportCursor()
    section, after = parts_of_cursor(cursor, 2)
    if section is None or after is None:
        raise InvalidArgument((("cursor", "not one of ours"),))
    return ExportCursor(section, after)


def export_answer(page: ExportPage) -> ExportAnswer:
    """Return a page as it is answered."""
    place = page.next
    return ExportAnswer(
        user_id=page.user_id,
        documents=[
            StoredDocument(path=each.reference.path, data=stored_to_json(each.to_dict()))
            for each in page.documents
        ],
        cursor=parts_to_cursor(place.section, place.after) if place else None,
    )
