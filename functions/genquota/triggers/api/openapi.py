"""The OpenAPI document, made from the table of routes and the models."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from genquota.domain.permissions import PERMISSIONS, Who
from genquota.messages.answers.callable_answers import Answer
from genquota.messages.answers.refusal import ErrorAnswer
from genquota.messages.requests.callable_requests import Message
from genquota.triggers.api.routes import Route
from genquota.triggers.api.schemas import COMPONENTS, in_full, schemas_referred_to, without_null
from genquota.triggers.api.storable import STORABLE
from genquota.version import VERSION

Json = dict[str, Any]

_REFUSALS = {
    "400": "The request is not understood, or does not fit the state of things.",
    "401": "Not signed in.",
    "403": "Not allowed, or the caller's account is disabled or deleted.",
    "404": "No such thing.",
    "409": "The idempotency key was used for something else, or too many calls at once.",
    "429": "A limit or rate refuses.",
    "500": "Something went wrong; details.requestId tells support where to look.",
    "503": "The store did not answer; nothing was allowed.",
}


def describe(routes: Iterable[Route], types: Iterable[str]) -> Json:
    """Return the document.

    Args:
        routes: The table.
        types: The types of generation that this deployment meters.
    """
    routes = tuple(routes)
    models = _models(routes)
    by_model, defined = models_json_schema(models, ref_template=f"{COMPONENTS}{{model}}")
    schemas = {name: in_full(schema, types) for name, schema in defined["$defs"].items()}
    schemas |= STORABLE
    paths: Json = {}
    for route in routes:
        described = _operation(route, by_model, schemas)
        paths.setdefault(f"/api{route.pattern}", {})[route.method.lower()] = described
    bearer = "A Firebase ID token, or a Google-signed identity token of a listed service account."
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Genquota",
            "version": VERSION,
            "description": "Usage quotas for AI generations. Times are UTC; errors have a `details.reason`.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas_referred_to(paths, schemas),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": bearer}
            },
        },
    }


def _models(routes: Iterable[Route]) -> list[tuple[Any, JsonSchemaMode]]:
    models: dict[tuple[Any, JsonSchemaMode], None] = {(ErrorAnswer, "serialization"): None}
    for route in routes:
        for answer in _answers(route):
            models[answer, "serialization"] = None
        for model in (route.path, route.query, route.body):
            if model:
                models[model, "validation"] = None
    return list(models)


def _operation(route: Route, by_model: Any, schemas: Json) -> Json:  # noqa: ANN401 - pydantic's keys
    operation: Json = {
        "operationId": _name(route),
        "summary": route.summary,
        "description": f"For {PERMISSIONS[route.permission].value}.",
        "tags": [route.pattern.split("/")[1]],
        "parameters": [
            *_parameters(route.path, "path", by_model, schemas),
            *_parameters(route.query, "query", by_model, schemas),
        ],
        "responses": {"200": _success(route, by_model), **_refusals(by_model)},
        "security": [] if PERMISSIONS[route.permission] is Who.ANYBODY else [{"bearer": []}],
    }
    if route.body:
        schema = by_model[route.body, "validation"]
        is_required = bool(schemas[_name_of(schema)].get("required"))
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": is_required, "content": content}
    return operation


def _parameters(model: type[Message], place: str, by_model: Any, schemas: Json) -> list[Json]:  # noqa: ANN401
    schema = schemas[_name_of(by_model[model, "validation"])]
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": place,
            "required": place == "path" or name in required,
            "schema": without_null(field),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _success(route: Route, by_model: Any) -> Json:  # noqa: ANN401
    schemas = [by_model[answer, "serialization"] for answer in _answers(route)]
    schema = {"anyOf": schemas} if len(schemas) > 1 else schemas[0] if schemas else {}
    content = {
        media: {"schema": schema if media == "application/json" else {"type": "string"}}
        for media in route.media
    }
    return {"description": "Done.", "content": content}


def _answers(route: Route) -> list[type[Answer]]:
    return [answer for answer in (route.answer, route.or_answer) if answer]


def _refusals(by_model: Any) -> Json:  # noqa: ANN401
    schema = by_model[ErrorAnswer, "serialization"]
    return {
        status: {"description": text, "content": {"application/json": {"schema": schema}}}
        for status, text in _REFUSALS.items()
    }


def _name(route: Route) -> str:
    words = [route.method.lower(), *re.findall(r"\w+", route.pattern)]
    return str(words[0]) + "".join(word[0].upper() + word[1:] for word in words[1:])


def _name_of(schema: Json) -> str:
    return str(schema["$ref"]).removeprefix(COMPONENTS)
