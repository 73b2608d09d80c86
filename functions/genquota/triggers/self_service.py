"""The self-service callables: devices, export, deletion."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from genquota.domain.enums import Role
from genquota.domain.permissions import Permission
from genquota.messages.answers.self_service_answers import DeletionAnswer, DeviceAnswer
from genquota.messages.export.user_data import escape_type_keys
from genquota.messages.requests import self_service_requests as requests
from genquota.store.notices.device_documents import Device, device_id_for
from genquota.triggers.boundary import callable_function
from genquota.triggers.export_pages import export_answer, export_cursor_of
from genquota.use_cases.core.authorization import authorize
from genquota.use_cases.core.context import Caller, Context
from genquota.use_cases.self_service import register_device as registering
from genquota.use_cases.self_service.delete_user import delete_user
from genquota.use_cases.self_service.export_user import MOST_DOCUMENTS, export_user
from genquota.use_cases.self_service.register_device import unregister_device

_TIME_ALLOWED = timedelta(seconds=40)
"""For deleting in one call, within the platform's 60."""


@callable_function(requests.RegisterDevice)
def register_device(
    context: Context, caller: Caller, body: requests.RegisterDevice
) -> DeviceAnswer:
    """Register or remove a device for notices."""
    _require_own(caller, Permission.REGISTER_DEVICE, body.user_id)
    token = body.token or ""
    if body.remove:
        device_id = body.device_id or device_id_for(token)
        unregister_device(context, caller, device_id)
    else:
        device = Device(token, body.platform or "", body.locale)
        device_id = registering.register_device(context, caller, device)
    return DeviceAnswer(device_id=device_id, registered=not body.remove)


@callable_function(requests.ExportMyData)
def export_my_data(
    context: Context, caller: Caller, body: requests.ExportMyData
) -> Mapping[str, Any]:
    """Export all data of the caller, page by page."""
    _require_own(caller, Permission.EXPORT_OWN_DATA, body.user_id)
    place, most = export_cursor_of(body.cursor), body.page_size or MOST_DOCUMENTS
    page = export_answer(export_user(context, caller, None, place, most=most)).to_json()
    return {**page, "documents": escape_type_keys(page["documents"])}


@callable_function(requests.DeleteMyData)
def delete_my_data(context: Context, caller: Caller, body: requests.DeleteMyData) -> DeletionAnswer:
    """Disable the caller's account and delete their data."""
    _require_own(caller, Permission.DELETE_OWN_DATA, body.user_id)
    done = delete_user(context, caller, None, _TIME_ALLOWED)
    return DeletionAnswer(
        user_id=done.user_id, finished=done.finished, documents=dict(done.documents)
    )


def _require_own(caller: Caller, permission: Permission, user_id: str | None) -> None:
    """Refuse another user's id: admins use the HTTP API, which asks for a note.

    Raises:
        NotAllowed
    """
    authorize(caller, Role.USER, permission, caller.uid if user_id is None else user_id)
