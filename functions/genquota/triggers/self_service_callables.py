"""The self-service callables: devices, export, deletion.

What they do is imported with their first request: other functions start without it.
"""

from collections.abc import Mapping
from typing import Any

from firebase_functions.https_fn import CallableRequest, on_call

from genquota import settings
from genquota.triggers.boundary import callable_middleware

Json = Mapping[str, Any]


@callable_middleware
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def register_device(request: CallableRequest[Any]) -> Json:
    """Register or remove a device for notices."""
    from genquota.triggers import self_service as own_matters  # noqa: PLC0415 - see above

    return own_matters.register_device(request)


@callable_middleware
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def export_my_data(request: CallableRequest[Any]) -> Json:
    """Export all data of the caller, page by page."""
    from genquota.triggers import self_service as own_matters  # noqa: PLC0415 - see above

    return own_matters.export_my_data(request)


@callable_middleware
@on_call(secrets=settings.SECRETS_OF_CALLABLES)
def delete_my_data(request: CallableRequest[Any]) -> Json:
    """Disable the caller's account and delete their data."""
    from genquota.triggers import self_service as own_matters  # noqa: PLC0415 - see above

    return own_matters.delete_my_data(request)
