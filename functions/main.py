"""Entry point: the functions that the Firebase CLI deploys and the runtime serves. No logic.

The global options must be set before the triggers are imported, which read them as they are made.
"""

from contextlib import suppress

from firebase_admin import delete_app, get_app, initialize_app
from firebase_functions.options import MemoryOption, set_global_options

from genquota import settings
from genquota.triggers import logs

settings.refuse_unsafe_environment()
logs.configure()
set_global_options(
    region=settings.REGION,  # type: ignore[arg-type] # the manifest takes the param, the type lags
    cpu=1,  # the SDK's default would be a fraction, which serves one request at a time
    memory=MemoryOption.MB_512,
    timeout_sec=60,
    concurrency=settings.CONCURRENCY,
    max_instances=settings.MAX_INSTANCES,
)
with suppress(ValueError):  # the module is loaded again where one process serves several functions
    delete_app(get_app())
initialize_app(options=settings.firebase_options())

from genquota.billing.webhooks.endpoints import WEBHOOKS  # noqa: E402
from genquota.triggers.api.function import answer_every_path, api  # noqa: E402
from genquota.triggers.callables import (  # noqa: E402
    check_limit,
    create_generation,
    delete_generation,
    get_usage,
    update_generation,
    update_profile,
)
from genquota.triggers.schedules import JOBS  # noqa: E402
from genquota.triggers.self_service_callables import (  # noqa: E402
    delete_my_data,
    export_my_data,
    register_device,
)

globals().update(WEBHOOKS)  # one for each payment provider
globals().update(JOBS)  # one for each scheduled job
answer_every_path()

__all__ = [
    "api",
    "check_limit",
    "create_generation",
    "delete_generation",
    "delete_my_data",
    "export_my_data",
    "get_usage",
    "register_device",
    "update_generation",
    "update_profile",
]
