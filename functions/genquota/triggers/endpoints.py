"""What the Firebase CLI reads of a function, as the SDK's decorators write it.

An instance that serves one function does not need it, and does not import the SDK for it: that is a tenth of
what a cold start waits for.
"""

from collections.abc import Callable
from typing import Any

from genquota import params


def declare_callable(function: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 - the SDK's
    """Declare a callable function, with options of `@on_call`."""
    if params.served_function() is None:
        from firebase_functions.https_fn import on_call  # noqa: PLC0415 - see above

        _declare(function, on_call(**options))


def declare_http(function: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 - the SDK's
    """Declare a function that is called by plain HTTP, with options of `@on_request`."""
    if params.served_function() is None:
        from firebase_functions.https_fn import on_request  # noqa: PLC0415 - see above

        _declare(function, on_request(**options))


def _declare(function: Any, decorator: Callable[[Any], Any]) -> None:  # noqa: ANN401 - gets an attribute
    function.__firebase_endpoint__ = decorator(function).__firebase_endpoint__
