"""`python -m dev.reference`: write docs/reference/ from what the code states.

Settings come from `functions/.env`, audit actions from their enum, routes from their table, fields
from the models of requests and answers.
"""

from __future__ import annotations

import inspect
import re
import sys
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dev.setup import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic import BaseModel

    from genquota.triggers.api.routes import Route

FOLDER = ROOT / "docs" / "reference"
_PAGE_IN_TEXT = re.compile(r"docs/([a-z-]+)\.md(#[\w-]+)?")
_OTHER_USER = "`userId?`"
"""Of every request, and so said once."""
_NOTES = {"`note`", "`?note`"}
_UNRESERVED = r"(?!\.{1,2}$)(?!__(.*__|_)?$)"
_MEMBER = re.compile(r'^    \w+ = "([a-z-]+)"\n    """(.+)"""$', re.MULTILINE)
_PATTERNS = {
    r"^[A-Za-z0-9_-]{1,128}$": "id",
    r"^[^/\x00-\x1f\x7f]{1,128}$": "a uid",
}


def pages() -> dict[str, str]:
    """Return every page of docs/reference by its name."""
    sys.path.insert(0, str(ROOT / "functions"))
    return {
        "settings.md": _settings(),
        "functions.md": _functions(),
        "routes.md": _routes(),
        "audit-actions.md": _audit_actions(),
    }


def _page(title: str, source: str, *parts: str) -> str:
    origin = f"Written by `python -m dev.reference` from {source}; do not edit."
    return "\n\n".join((f"# {title}", origin, *parts)) + "\n"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _settings() -> str:
    rows = []
    for block in (ROOT / "functions" / ".env").read_text(encoding="utf-8").split("\n\n")[1:]:
        if block.startswith("## "):
            continue
        *comment, assignment = block.strip().splitlines()
        values, *meaning = (line.removeprefix("# ") for line in comment)
        name, _, default = assignment.partition("=")
        described = (values.removeprefix("Values: "), _linked(" ".join(meaning)))
        rows.append((f"`{name}`", f"`{default}`" if default else "empty", *described))
    return _page(
        "Settings",
        "`functions/.env`",
        "How to set them, and the secrets: [settings](../settings.md).",
        _table(("setting", "default", "values", "meaning"), rows),
    )


def _linked(text: str) -> str:
    return _PAGE_IN_TEXT.sub(lambda found: f"[{found[1]}](../{found[1]}.md{found[2] or ''})", text)


def _audit_actions() -> str:
    from genquota.domain.audit_actions import AuditAction  # noqa: PLC0415 - after sys.path is set

    stated = _MEMBER.findall(inspect.getsource(AuditAction))
    if [name for name, _ in stated] != [action.value for action in AuditAction]:
        raise ValueError("each action is followed by a line that says what was done")
    return _page(
        "Audit actions",
        "`functions/genquota/domain/audit_actions.py`",
        "The `action` of an entry in `auditLog`. In detail: [admin actions](../admin-actions.md).",
        _table(("action", "what was done"), ((f"`{name}`", text) for name, text in stated)),
    )


def _functions() -> str:
    parts = []
    for function, request, answer in _callables():
        described = str(inspect.getdoc(function)).splitlines()[0]
        parts += [f"## `{function.__name__}`", described]
        if fields := [field for field in _fields(request) if field[0] != _OTHER_USER]:
            groups = groupby(fields, itemgetter(1))
            lines = (f"- {', '.join(name for name, _ in same)}: {form}" for form, same in groups)
            parts.append("\n".join(lines))
        if answer:
            parts.append(f"Answer: {', '.join(_names(answer))}.")
    return _page(
        "Callable functions",
        "`functions/genquota/messages`",
        "`?` marks optional fields; an id is 1-128 of `A-Z a-z 0-9 _ -`; numbers after text and url are"
        " lengths. All functions take `userId?`, which like `credits` is for services and admins. Rules"
        " for all fields: [clients](../clients/README.md#fields).",
        *parts,
    )


def _callables() -> Iterator[tuple[Callable[..., Any], type[BaseModel], type[BaseModel] | None]]:
    from genquota.messages.answers import callable_answers as answers  # noqa: PLC0415
    from genquota.messages.answers.usage import UsageAnswer  # noqa: PLC0415
    from genquota.messages.requests import callable_requests as requests  # noqa: PLC0415
    from genquota.messages.requests import report_requests, self_service_requests, user_requests  # noqa: PLC0415
    from genquota.triggers import self_service  # noqa: PLC0415
    from genquota.triggers.callables import check_limit, create_generation, update_generation, user  # noqa: PLC0415

    yield check_limit.check_limit, user_requests.CheckLimit, answers.QuotaAnswer
    yield create_generation.create_generation, requests.CreateGeneration, answers.OpenedAnswer
    yield (
        update_generation.update_generation,
        report_requests.UpdateGeneration,
        answers.ReportedAnswer,
    )
    yield user.get_usage, user_requests.GetUsage, UsageAnswer
    yield user.delete_generation, user_requests.DeleteGeneration, answers.DeletedAnswer
    yield user.update_profile, user_requests.UpdateProfile, None
    yield self_service.register_device, self_service_requests.RegisterDevice, None
    yield self_service.export_my_data, self_service_requests.ExportMyData, None
    yield self_service.delete_my_data, self_service_requests.DeleteMyData, None


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    for name, field in schema.get("properties", {}).items():
        mark = "" if name in schema.get("required", ()) else "?"
        yield f"`{name}{mark}`", _form(field, definitions)


def _form(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Describe a JSON schema in a few words."""
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _form(option, definitions)
    if "$ref" in schema:
        inner = definitions[schema["$ref"].rpartition("/")[2]]
        required = inner.get("required", ())
        names = (f"{name}{'' if name in required else '?'}" for name in inner["properties"])
        return f"`{{{', '.join(names)}}}`"
    if "enum" in schema:
        form = ", ".join(f"`{value}`" for value in schema["enum"])
    elif schema.get("type") == "array":
        form = f"up to {schema['maxItems']}: {_form(schema['items'], definitions)}"
    else:
        form = _scalar(schema)
    default = schema.get("default")
    return form if default is None else f"{form}; default `{default}`"


def _scalar(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "").replace(_UNRESERVED, "")
    if pattern in _PATTERNS:
        return _PATTERNS[pattern]
    match schema.get("type"):
        case "integer":
            most = schema.get("maximum", "2^63 - 1")
            return f"integer, {schema['minimum']}-{most}"
        case "boolean":
            return "`true` or `false`"
        case "object":
            return "a map"
    least, longest = schema.get("minLength"), schema.get("maxLength")
    kind = "url" if "://" in pattern else "text"
    if longest is None:
        return kind
    return f"{kind}, {least or 0}-{longest}"


def _names(model: type[BaseModel]) -> list[str]:
    from genquota.messages.answers.callable_answers import QuotaAnswer  # noqa: PLC0415

    names = [f"`{field.alias or name}`" for name, field in model.model_fields.items()]
    if model is not QuotaAnswer and issubclass(model, QuotaAnswer):
        return ["all of `check_limit`", *names[len(QuotaAnswer.model_fields) :]]
    return names


def _routes() -> str:
    from genquota.domain.permissions import PERMISSIONS, Who  # noqa: PLC0415
    from genquota.triggers.api.route_table import ROUTES  # noqa: PLC0415

    rows, others = [], []
    for route in ROUTES:
        called = f"`{route.method} {route.pattern}`"
        taken = [*_taken(route)]
        if {"`?dryRun`"} < {*taken} and _NOTES & {*taken}:
            taken = [each for each in taken if each not in {"`?dryRun`", *_NOTES}]
        elif route.method != "GET":
            others.append(called)
        fields = f" ({', '.join(taken)})" if taken else ""
        who = PERMISSIONS[route.permission]
        rows.append((called, "" if who is Who.ADMIN else who.value, route.summary + fields))
    return _page(
        "Routes",
        "`functions/genquota/triggers/api/route_table.py`",
        "Paths are below `/api`. A `?` before a name marks a query parameter; other names are fields of"
        " the body, optional if followed by `?`. All changes also take `?dryRun` and a"
        f" [`note`](../api.md#changes), except {' and '.join(others)}. Models and answers:"
        " `/api/openapi.json`.",
        _table(("route", "who may, if not only admins", "what (and what it takes)"), rows),
    )


def _taken(route: Route) -> Iterator[str]:
    from genquota.messages.operators.plans import PlanTerms  # noqa: PLC0415

    for name, _ in _members(route.query):
        yield f"`?{name}`"
    if not route.body:
        return
    is_plan = issubclass(route.body, PlanTerms)
    if is_plan:
        yield "a [plan](../plans.md#fields)"
    for name, mark in _members(route.body):
        if not (is_plan and name in {field for field, _ in _members(PlanTerms)}):
            yield f"`{name}{mark}`"


def _members(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield field.alias or name, "" if field.is_required() else "?"


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
