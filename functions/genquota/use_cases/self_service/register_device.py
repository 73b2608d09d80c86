"""Tell where notices shall be sent to, or not any more."""

from genquota.domain.quota.decision import Ask
from genquota.store.notices.device_documents import (
    Device,
    devices_of,
    devices_to_drop,
    drop_device,
    keep_device,
    read_tokens,
)
from genquota.store.transaction import Transaction, run_transaction
from genquota.use_cases.core.access import open_case
from genquota.use_cases.core.context import Caller, Context


def register_device(context: Context, caller: Caller, device: Device) -> str:
    """Remember a device of the caller, or that it is still in use. Return its id.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> str:
        case = open_case(context, transaction, caller, None)
        holder = case.holder
        concerned = [device.id, *devices_to_drop(holder.seen, device.id)]
        tokens = read_tokens(transaction, concerned)
        fields = keep_device(transaction, holder.seen, device, tokens, holder.now)
        case.save(transaction, holder.account, holder.decide(Ask()), profile=fields)
        return device.id

    return run_transaction(context.db, attempt, lane=caller.uid)


def unregister_device(context: Context, caller: Caller, device_id: str) -> None:
    """Forget a device of the caller. One that is not known is no error.

    Raises:
        GenquotaError: The caller is barred, or the store did not answer.
    """

    def attempt(transaction: Transaction) -> None:
        case = open_case(context, transaction, caller, None)
        holder = case.holder
        if device_id in devices_of(holder.seen.data):
            tokens = read_tokens(transaction, [device_id])
            fields = drop_device(transaction, caller.uid, device_id, tokens)
            case.save(transaction, holder.account, holder.decide(Ask()), profile=fields)

    run_transaction(context.db, attempt, lane=caller.uid)
