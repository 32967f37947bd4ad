"""Routes with typed input and output, declared once: the handler's signature is the call's documentation.

A handler takes, by name, what it needs: `caller` (from the guard), `query` (a Query model), `body` (an In model), and
the path's own parameters with their types. What it returns becomes the answer: an Out model, a JSON-ready object, or a
`Reply`.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_type_hints

import orjson
from flask import Flask, Response, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.quota.errors import InvalidInputError
from app.web.etag import content_etag, page_etag, with_etag
from app.web.sharing import SharedAnswers
from app.web.turns import Turns
from app.web.wire import JsonObject, NoQuery, faults_of, parse_body, parse_query, refuse_nul

Guard = Callable[[str], object]
"""Decides by the route's access whether the request may go on; gives the caller, or raises."""

_PATH_PARAMETER = re.compile(r"{(\w+)}")
_DIGITS = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not just a model: prepared bytes, another status, headers.

    A large body comes in pieces; one that is too large for memory is an iterator, made while it is sent: not with an
    ETag, so with `no-store` only.
    """

    body: bytes | tuple[bytes, ...] | Iterator[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    content_type: str = "application/json"


Answer = BaseModel | JsonObject | Reply
"""What a handler returns."""


@dataclass(frozen=True, slots=True)
class Route:
    """One call, as declared."""

    method: str
    path: str
    handler: Callable[..., Answer]
    access: str
    answer: Any
    status: int
    errors: tuple[int, ...]
    cache: str
    query: type[BaseModel]
    body: type[BaseModel] | None
    path_types: Mapping[str, Any]
    wants_caller: bool
    wants_query: bool
    media_type: str
    takes_if_match: bool

    @property
    def is_same_for_all(self) -> bool:
        """Does the answer depend on nothing but the URL, whoever of those that may see it asks?"""
        return self.method == "GET" and not self.wants_caller and self.cache != "no-store"

    @property
    def operation_id(self) -> str:
        """The name of the call in generated clients."""
        return self.handler.__name__

    def arguments(self, caller: object, path_values: Mapping[str, str]) -> dict[str, Any]:
        """What the handler is called with. Raises InvalidInputError naming what is wrong with the request."""
        given: dict[str, Any] = {
            name: _path_value(name, self.path_types[name], text) for name, text in path_values.items()
        }
        query = parse_query(self.query, request.args)
        if self.wants_query:
            given["query"] = query
        if self.body is not None:
            given["body"] = parse_body(self.body, request.get_data(cache=True))
        if self.wants_caller:
            given["caller"] = caller
        return given


def _path_value(name: str, wanted: Any, text: str) -> Any:
    refuse_nul(name, text, "The path is not as expected.")
    adapter = TypeAdapter(wanted)
    is_number = adapter.json_schema().get("type") == "integer"
    try:
        return adapter.validate_python(int(text) if is_number and _DIGITS.fullmatch(text) else text, strict=True)
    except ValidationError as error:
        raise InvalidInputError("The path is not as expected.", fields=faults_of(error, inside=name)) from error


class Api:
    """A set of routes under one title, registered on an app with a guard."""

    def __init__(self, title: str, description: str) -> None:
        """`title` and `description` head the OpenAPI document."""
        self.title = title
        self.description = description
        self.routes: list[Route] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        access: str,
        errors: Sequence[int] = (),
        answer: Any = None,
        status: int = 200,
        cache: str = "no-store",
        media_type: str = "application/json",
        if_match: bool = False,
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Declares a call.

        `answer` is the model of the body where the handler does not return it, `media_type` what it is instead of JSON;
        `cache` is `no-store`, `content` (an ETag that ignores instants) or `page` (an ETag that ignores ages); with
        `if_match` the call heeds that header.
        """

        def declare(handler: Callable[..., Answer]) -> Callable[..., Answer]:
            hints = get_type_hints(handler, include_extras=True)
            names = inspect.signature(handler).parameters
            returned = hints.get("return")
            self.routes.append(
                Route(
                    method=method,
                    path=path,
                    handler=handler,
                    access=access,
                    answer=answer if answer is not None or returned is Reply else returned,
                    status=status,
                    errors=tuple(errors),
                    cache=cache,
                    query=hints.get("query", NoQuery),
                    body=hints.get("body"),
                    path_types={name: hints[name] for name in _PATH_PARAMETER.findall(path)},
                    wants_caller="caller" in names,
                    wants_query="query" in names,
                    media_type=media_type,
                    takes_if_match=if_match,
                )
            )
            return handler

        return declare

    def register(self, app: Flask, guard: Guard, turns: Turns | None = None) -> None:
        """Puts the routes on the app; every request passes the guard before anything of it is read.

        With `turns`, what is only looked at by people who are known is computed in turns; and once for all who ask
        for it at the same time, where it is the same for all.
        """
        shared = None if turns is None else SharedAnswers[Reply](turns)
        for route in self.routes:
            app.add_url_rule(
                _PATH_PARAMETER.sub(r"<\1>", route.path),
                endpoint=f"{self.title}.{route.operation_id}",
                view_func=_view(route, guard, turns, shared),
                methods=[route.method],
                provide_automatic_options=False,
            )


def _view(
    route: Route, guard: Guard, turns: Turns | None, shared: SharedAnswers[Reply] | None
) -> Callable[..., Response]:
    def arguments(path_values: Mapping[str, str]) -> dict[str, Any]:
        return route.arguments(guard(route.access), path_values)

    def view(**path_values: str) -> Response:
        return render(route.handler(**arguments(path_values)), route)

    if turns is None or route.method != "GET" or route.access == "public":
        return view

    def view_in_turn(**path_values: str) -> Response:
        with turns.turn():
            return view(**path_values)

    if shared is None or not route.is_same_for_all:
        return view_in_turn

    def shared_view(**path_values: str) -> Response:
        with turns.turn():
            given = arguments(path_values)
        asked = (route.path, request.path, request.query_string)
        return _response(shared.answer(asked, lambda: _reply(route.handler(**given), route)), route)

    return shared_view


def render(result: Answer, route: Route) -> Response:
    """The HTTP answer for what a handler returned."""
    return _response(_reply(result, route), route)


def _reply(result: Answer, route: Route) -> Reply:
    """As bytes, with the ETag where the call has one."""
    if not isinstance(result, Reply):
        ready = result.model_dump(mode="json", exclude_unset=True) if isinstance(result, BaseModel) else result
        result = Reply(orjson.dumps(ready), route.status)
    if route.cache == "no-store" or result.etag is not None:
        return result
    whole = result.body if isinstance(result.body, bytes) else b"".join(result.body)
    return replace(result, etag=(content_etag if route.cache == "content" else page_etag)(whole))


def _response(reply: Reply, route: Route) -> Response:
    response = Response(reply.body, reply.status, headers=dict(reply.headers), content_type=reply.content_type)
    if route.cache == "no-store":
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    response.headers["Cache-Control"] = "private, no-cache"
    return with_etag(response, reply.etag or "")
