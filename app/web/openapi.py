"""The OpenAPI 3.1 document of an Api, generated from its routes."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from app import __version__
from app.web.problems import PROBLEM_JSON, ProblemOut
from app.web.router import Api, Route

_REF = "#/components/schemas/{model}"
_DESCRIPTIONS = {
    401: "Not authenticated",
    403: "Not allowed",
    404: "No such thing",
    405: "Method not allowed",
    409: "Not possible in the present state",
    413: "Request too large",
    422: "Malformed request",
    429: "Too many requests; Retry-After says when",
    502: "The host refused or failed",
    503: "Unavailable; Retry-After says when",
    504: "The host did not answer in time",
    507: "No space left",
}


Requirements = list[dict[str, list[str]]]
"""What OpenAPI calls security: alternatives, each a scheme with the scopes that are needed; empty for open calls."""


def openapi_document(
    api: Api, *, security: Callable[[Route], Requirements], schemes: Mapping[str, Any]
) -> dict[str, Any]:
    """The document. `security` says what a route requires, `schemes` names the security schemes."""
    models = _models(api.routes)
    references, definitions = models_json_schema([(model, mode) for model, mode in models], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in api.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, references, security(route))
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "description": api.description, "version": __version__},
        "paths": paths,
        "components": {"schemas": _plain(definitions["$defs"]), "securitySchemes": dict(schemes)},
    }


def _models(routes: Iterable[Route]) -> list[tuple[type[BaseModel], Any]]:
    found: dict[tuple[type[BaseModel], str], None] = {(ProblemOut, "serialization"): None}
    for route in routes:
        if route.body is not None:
            found[(route.body, "validation")] = None
        found |= dict.fromkeys((model, "serialization") for model in _models_in(route.answer))
    return list(found)


def _models_in(answer: Any) -> Iterator[type[BaseModel]]:
    """The model of an answer, or those in a list or a union of models."""
    if isinstance(answer, type) and issubclass(answer, BaseModel):
        yield answer
    for part in get_args(answer):
        yield from _models_in(part)


def _operation(route: Route, references: Mapping[Any, Any], security: Requirements) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(route.handler) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": " ".join(summary.split()),
        "tags": [route.path.split("/")[2] if route.path.count("/") > 1 else "server"],
        "security": security,
        "responses": _responses(route, references, bool(security)),
    }
    if description:
        operation["description"] = description
    if parameters := [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)]:
        operation["parameters"] = parameters
    if route.body is not None:
        schema = references[(route.body, "validation")]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _responses(route: Route, references: Mapping[Any, Any], secured: bool) -> dict[str, Any]:
    responses: dict[str, Any] = {str(route.status): _success(route, references)}
    if route.cache != "no-store":
        responses["304"] = {"description": "Not modified"}
    problem = {PROBLEM_JSON: {"schema": references[(ProblemOut, "serialization")]}}
    statuses = {422, *route.errors} | ({401, 403} if secured else set()) | ({413} if route.body is not None else set())
    for status in sorted(statuses):
        responses[str(status)] = {"description": _DESCRIPTIONS[status], "content": problem}
    return responses


def _success(route: Route, references: Mapping[Any, Any]) -> dict[str, Any]:
    if route.status in {204, 302}:
        return {"description": "Done" if route.status == 204 else "Go to Location"}  # noqa: PLR2004 - as above
    if route.media_type != "application/json":
        schema = {"type": "string"}
    elif isinstance(route.answer, type) and issubclass(route.answer, BaseModel):
        schema = references[(route.answer, "serialization")]
    elif route.answer is None:
        schema = {}
    else:
        schema = _plain(TypeAdapter(route.answer).json_schema(ref_template=_REF, mode="serialization"))
        schema.pop("$defs", None)
    return {"description": "As asked", "content": {route.media_type: {"schema": schema}}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _plain(TypeAdapter(wanted).json_schema())}
        for name, wanted in route.path_types.items()
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    schema = route.query.model_json_schema(ref_template=_REF)
    shared = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _plain(_inlined(_not_null(member), shared)),
            **({"description": member["description"]} if "description" in member else {}),
        }
        for name, member in schema.get("properties", {}).items()
    ]


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    if not route.takes_if_match:
        return []
    description = "The ETag of what the caller has read: 409 when it was changed since"
    return [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": description,
        }
    ]


def _not_null(member: dict[str, Any]) -> dict[str, Any]:
    """A URL has no null: `X | None` is X, and may be left out."""
    options = [option for option in member.get("anyOf", []) if option != {"type": "null"}]
    return {**{k: v for k, v in member.items() if k not in {"anyOf", "default"}}, **options[0]} if options else member


def _inlined(member: dict[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    name = re.sub(r"^#/components/schemas/", "", member.get("$ref", ""))
    return {**{k: v for k, v in member.items() if k != "$ref"}, **shared[name]} if name in shared else member


def _plain(schema: Any) -> Any:
    """Without `format: int32` (uids are unsigned 32 bit) and pydantic's titles of members."""
    if isinstance(schema, dict):
        return {
            key: _plain(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str)) and not (key == "format" and value == "int32")
        }
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema
