"""Register or remove a device for notices."""

from genquota.domain.quota.decision import QuotaRequest
from genquota.store.notices.device_documents import (
    Device,
    delete_device,
    devices_of,
    devices_to_evict,
    read_tokens,
    write_device,
)
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.core.request_context import load_request


def register_device(context: Context, caller: Caller, device: Device) -> str:
    """Remember a device of the caller, or that it is still in use. Return its id.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> str:
        request = load_request(context, transaction, caller, None)
        user = request.user
        concerned = [device.id, *devices_to_evict(user.seen, device.id)]
        tokens = read_tokens(transaction, concerned)
        fields = write_device(transaction, user.seen, device, tokens, user.now)
        request.save(transaction, user.account, user.decide(QuotaRequest()), profile=fields)
        return device.id

    return run_transaction(context.db, attempt, lock_key=caller.uid)


def unregister_device(context: Context, caller: Caller, device_id: str) -> None:
    """Forget a device of the caller. One that is not known is no error.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> None:
        request = load_request(context, transaction, caller, None)
        user = request.user
        if device_id in devices_of(user.seen.data):
            tokens = read_tokens(transaction, [device_id])
            fields = delete_device(transaction, caller.uid, device_id, tokens)
            request.save(transaction, user.account, user.decide(QuotaRequest()), profile=fields)

    run_transaction(context.db, attempt, lock_key=caller.uid)
