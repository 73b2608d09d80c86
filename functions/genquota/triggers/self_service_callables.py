"""The callable functions of users' own matters.

What they do is imported with their first request: other functions start without it.
"""

from collections.abc import Mapping
from typing import Any

from firebase_functions.https_fn import CallableRequest, on_call

from genquota import settings
from genquota.triggers.boundary import door

Json = Mapping[str, Any]


@door
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def register_device(request: CallableRequest[Any]) -> Json:
    """Tell where notices shall be sent to, or not any more."""
    from genquota.triggers import self_service as own_matters  # noqa: PLC0415 - see above

    return own_matters.register_device(request)


@door
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def export_my_data(request: CallableRequest[Any]) -> Json:
    """Hand out all that is kept of the caller, page by page."""
    from genquota.triggers import self_service as own_matters  # noqa: PLC0415 - see above

    return own_matters.export_my_data(request)


@door
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def delete_my_data(request: CallableRequest[Any]) -> Json:
    """Bar the caller's account and delete what is kept of them."""
    from genquota.triggers import self_service as own_matters  # noqa: PLC0415 - see above

    return own_matters.delete_my_data(request)
