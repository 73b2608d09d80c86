"""Params, as the SDK has them where the Firebase CLI lists the functions.

An instance that serves one function only reads their values, and does not import the SDK for it, whose
module of params takes 8 ms. Its values are the same: tests/functions/test_params.py.
"""

import os
from typing import TYPE_CHECKING


def served_function() -> str | None:
    """Return the name of the function that this process serves; None: it lists them all."""
    return os.environ.get("FUNCTION_TARGET")


if TYPE_CHECKING or served_function() is None:
    from firebase_functions.params import BoolParam, IntParam, SecretParam, StringParam
else:

    class StringParam:
        def __init__(self, name: str, default: object = "") -> None:
            self.name, self.default = name, default

        @property
        def value(self) -> object:
            return os.environ.get(self.name, self.default)

    class IntParam(StringParam):
        @property
        def value(self) -> int:
            return int(super().value)

    class BoolParam(StringParam):
        @property
        def value(self) -> bool:
            return str(super().value).lower() == "true"

    SecretParam = StringParam

__all__ = ["BoolParam", "IntParam", "SecretParam", "StringParam", "served_function"]
