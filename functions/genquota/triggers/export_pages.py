"""Pages of a user's data on the wire, for the callable and its twin in the HTTP API."""

from genquota.domain.errors import InvalidArgument
from genquota.messages.answers.self_service_answers import ExportAnswer, StoredDocument
from genquota.messages.export.user_data import stored_to_json
from genquota.messages.requests.composite_cursors import cursor_from_text, cursor_to_text
from genquota.store.privacy.user_documents import Place
from genquota.use_cases.self_service.export_user import Exported


def export_place(cursor: str | None) -> Place:
    """Return where a page begins.

    Raises:
        InvalidArgument: The cursor is none of ours.
    """
    if cursor is None:
        return Place()
    section, after = cursor_from_text(cursor, 2)
    if section is None or after is None:
        raise InvalidArgument((("cursor", "not one of ours"),))
    return Place(section, after)


def export_answer(page: Exported) -> ExportAnswer:
    """Return a page as it is answered."""
    place = page.next
    return ExportAnswer(
        user_id=page.user_id,
        documents=[
            StoredDocument(path=each.reference.path, data=stored_to_json(each.to_dict()))
            for each in page.documents
        ],
        cursor=cursor_to_text(place.section, place.after) if place else None,
    )
