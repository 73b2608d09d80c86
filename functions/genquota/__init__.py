"""Genquota: usage quotas for apps on Firebase that sell AI generations.

A request takes one way: `triggers` understand it, a use-case of `use_cases` reads all documents at
once through `store`, asks `domain` for one decision, and writes one commit; the answer's shape is in
`messages`. Functions of the same codebase use the same verbs through `generation`, `reserve` and
`report`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genquota.triggers.in_process import generation, report, reserve

__all__ = ["generation", "report", "reserve"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - modules may hold anything
    # On demand: importing a rule must not import Firebase.
    if name in __all__:
        from genquota.triggers import in_process  # noqa: PLC0415

        return getattr(in_process, name)
    raise AttributeError(name)
