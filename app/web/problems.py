"""Renders errors as RFC 9457 problem documents. The one table from error codes to HTTP statuses."""

from typing import Final
from uuid import uuid4

import orjson
import structlog
from flask import Flask, Response, g, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from app.quota.errors import QmanError

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"

PROBLEMS: Final[dict[str, tuple[int, str]]] = {
    "invalid_input": (422, "Invalid input"),
    "not_found": (404, "Not found"),
    "device_not_found": (404, "No such device"),
    "user_not_found": (404, "No such user"),
    "host_not_found": (404, "No such host"),
    "person_not_found": (404, "No such person"),
    "mapping_not_found": (404, "No such mapping"),
    "token_not_found": (404, "No such API token"),
    "change_not_found": (404, "No such change"),
    "change_set_not_found": (404, "No such change set"),
    "method_not_allowed": (405, "Method not allowed"),
    "not_supported": (409, "Not supported by this device"),
    "stale_update": (409, "Changed by somebody else"),
    "mapping_exists": (409, "Mapping exists"),
    "host_exists": (409, "Host exists"),
    "host_in_settings": (409, "The host stands in the settings file"),
    "host_not_enrolled": (409, "The host is not enrolled"),
    "host_suspended": (409, "The host is suspended"),
    "enrolment_used": (409, "The enrolment code was used already"),
    "enrolment_expired": (409, "The enrolment code has expired"),
    "enrolment_wrong_host": (409, "The enrolment code is for another host"),
    "keys_changed": (409, "Somebody else changes these keys"),
    "too_many_tokens": (409, "Too many API tokens"),
    "not_undoable": (409, "Cannot be undone"),
    "change_set_state": (409, "Not possible now"),
    "too_large": (413, "Request too large"),
    "unauthenticated": (401, "Not logged in"),
    "signature_invalid": (401, "Signature refused"),
    "forbidden": (403, "Not allowed"),
    "csrf": (403, "Request forgery suspected"),
    "token_scope": (403, "Not with this API token"),
    "scope_missing": (403, "The key may not write"),
    "too_many_requests": (429, "Too many requests"),
    "internal": (500, "Internal error"),
    "host_refused": (502, "The host refused the connection"),
    "seal_broken": (502, "What was sealed does not open"),
    "host_error": (502, "The host answered with an error"),
    "host_timeout": (504, "The host did not answer in time"),
    "backend_unavailable": (503, "Backend unavailable"),
    "backend_forbidden": (503, "The operating system does not permit this"),
    "device_unavailable": (503, "Device unavailable"),
    "device_timeout": (503, "Device did not answer in time"),
    "overloaded": (503, "Too many requests in flight"),
    "login_not_configured": (503, "Login not configured"),
    "keys_not_writable": (503, "The keys file cannot be written"),
    "secrets_key_lost": (503, "The key of the stored secrets is lost"),
    "database_unavailable": (503, "Database unavailable"),
    "no_space": (507, "No space left for the database"),
}
"""Status and title by error code. A test proves that every error class has its row."""


class FieldFaultOut(BaseModel):
    """One wrong member of the request."""

    model_config = ConfigDict(frozen=True)
    field: str = Field(description="Name of the member, parameter or header")
    found: str = Field(description="What was found there")
    expected: str = Field(description="What is expected there")


class ProblemOut(BaseModel):
    """RFC 9457 problem details, with qman's stable `code`."""

    model_config = ConfigDict(frozen=True, title="Problem")
    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldFaultOut] = Field(default=[], description="Faults of the input, one for each wrong member")


def current_request_id() -> str:
    """The id of the request at hand, for logs, answers and people who ask for help."""
    if "request_id" not in g:
        g.request_id = uuid4().hex
    return str(g.request_id)


def problem_out(error: QmanError) -> ProblemOut:
    """The problem document of an error."""
    status, title = PROBLEMS[error.code]
    return ProblemOut(
        type=f"urn:qman:problem:{error.code}",
        title=title,
        status=status,
        code=error.code,
        detail=error.detail,
        request_id=current_request_id(),
        errors=[FieldFaultOut(field=f.field, found=f.found, expected=f.expected) for f in error.fields],
    )


def problem_response(error: QmanError) -> Response:
    """The HTTP answer for an error."""
    problem = problem_out(error)
    response = Response(orjson.dumps(problem.model_dump(exclude_defaults=True)), problem.status, mimetype=PROBLEM_JSON)
    response.cache_control.no_store = True
    if error.retry_after_seconds is not None:
        response.retry_after = error.retry_after_seconds
    return response


class MalformedRequestError(QmanError):
    """The request is not HTTP as we speak it."""

    code = "invalid_input"


class PathNotFoundError(QmanError):
    """Nothing stands at this path."""

    code = "not_found"


class MethodNotAllowedError(QmanError):
    """Something stands at this path, but not for this method."""

    code = "method_not_allowed"


class RequestTooLargeError(QmanError):
    """The body is larger than any call needs."""

    code = "too_large"


def _error_of(exception: HTTPException) -> QmanError:
    match exception.code:
        case 404:
            return PathNotFoundError(f"There is nothing at {request.path}.")
        case 405:
            return MethodNotAllowedError(f"{request.method} is not possible at {request.path}.")
        case 413:
            return RequestTooLargeError("The request is larger than 1 MiB.")
        case code if code is not None and 400 <= code < 500:  # noqa: PLR2004 - what the client did
            return MalformedRequestError(exception.description or exception.name)
        case _:
            return QmanError(exception.description or exception.name)


def _render_http_exception(exception: HTTPException) -> Response:
    response = problem_response(_error_of(exception))
    if exception.code == 405:  # noqa: PLR2004 - RFC 9110 wants Allow with it
        response.headers["Allow"] = ", ".join(sorted(getattr(exception, "valid_methods", None) or ()))
    return response


def _render_unexpected(exception: Exception) -> Response:
    where = {"path": request.path, "method": request.method, "request_id": current_request_id()}
    log.error("request_failed", exc_info=exception, **where)
    return problem_response(QmanError("Something went wrong inside qman. Its log has the details by the request id."))


def install_problems(app: Flask) -> None:
    """Makes every failure of the app a problem document; nothing leaves as HTML or as a stack trace."""
    app.register_error_handler(QmanError, problem_response)
    app.register_error_handler(HTTPException, _render_http_exception)
    app.register_error_handler(Exception, _render_unexpected)
