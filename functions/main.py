"""Entry point: the functions that the Firebase CLI deploys and the runtime serves.

The global options must be set before the triggers are imported, which read them as they are made.
"""

import cold_start  # isort: skip

from contextlib import suppress
from importlib import import_module

from firebase_admin import delete_app, get_app, initialize_app

from genquota import params, settings
from genquota.triggers import logs

settings.refuse_unsafe_environment()
logs.configure()
_target = params.served_function()
"""An instance serves one function, and a cold start imports its module only; the CLI asks for all."""
if _target is None:
    from firebase_functions.options import MemoryOption, set_global_options

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

_MODULES = {
    "genquota.triggers.callables.check_limit": ("check_limit",),
    "genquota.triggers.callables.create_generation": ("create_generation",),
    "genquota.triggers.callables.update_generation": ("update_generation",),
    "genquota.triggers.callables.user": ("delete_generation", "get_usage", "update_profile"),
    "genquota.triggers.self_service": (
        "delete_my_data",
        "export_my_data",
        "register_device",
    ),
    "genquota.triggers.api.serving": ("api",),
}
_TABLES = {
    "genquota.billing.webhooks.endpoints": "WEBHOOKS",  # one for each payment provider
    "genquota.triggers.schedules": "JOBS",  # one for each scheduled job
}
_wanted = [module for module, names in _MODULES.items() if _target in (None, *names)]

for _module in _wanted:
    globals().update({name: getattr(import_module(_module), name) for name in _MODULES[_module]})
if _target is None or not _wanted:
    for _module, _table in _TABLES.items():
        globals().update(getattr(import_module(_module), _table))
        if _target in globals():
            break
if "api" in globals():
    import_module("genquota.triggers.api.serving").answer_every_path()
cold_start.end()
