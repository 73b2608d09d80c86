"""Hide a generation from its user's history and from the live feed.

Quota is untouched; an open one runs on.
"""

from genquota.domain.permissions import Permission
from genquota.store.feed_document import remove_entry
from genquota.store.generation_document import generation_path
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import RequestContext, load_request


def delete_generation(
    context: Context, caller: Caller | None, user_id: str | None, generation_id: str
) -> str:
    """Mark the record deleted and return its id. Doing so again changes nothing.

    Raises:
        GenerationNotFound: There is none, or it is another user's.
        GenquotaError: The caller may not do this, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> str:
        request = load_request(context, transaction, caller, user_id, generation_id)
        request.authorize(Permission.ACT_FOR_USER)
        hide(transaction, request)
        return generation_id

    return run_transaction(context.db, attempt)


def hide(transaction: Transaction, request: RequestContext) -> bool:
    """Mark the record of a request deleted. Return whether it was not.

    Raises:
        GenerationNotFound: There is none, or it is another user's.
    """
    record, now = request.own_record, request.user.now
    if record.data["isDeleted"]:
        return False
    generation_id = record.generation.id
    fields = {"isDeleted": True, "deletedAt": now, "updatedAt": now}
    if record.data.get("live"):
        remove_entry(transaction, generation_id)
        fields["live"] = False  # or a report to come would show it again
    transaction.update(generation_path(generation_id), fields)
    return True
