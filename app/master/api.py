"""The master's API, put together from its parts."""

from typing import Any

from app.auth.scopes import SESSION_ACCESSES, needed_scopes
from app.web.openapi import Requirements, openapi_document
from app.web.router import Api, Route

TITLE = "qman master"
_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "qman_session",
        "description": "The cookie that a login gives. What changes something needs the header X-CSRF-Token too.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "qman_…",
        "description": "An API token, made at /api/me/tokens. Each call names the scopes that it needs; write includes "
        "read, and admin alone includes both.",
    },
}


def new_api() -> Api:
    """The API before its routes are added."""
    return Api(TITLE, "Quotas of all hosts, as last heard of; changes go through to the hosts.")


def document(api: Api) -> dict[str, Any]:
    """The OpenAPI document that `/api/openapi.json` serves."""
    return openapi_document(api, security=_security, schemes=_SCHEMES)


def _security(route: Route) -> Requirements:
    """A session or a token with these scopes (OpenAPI 3.1 lets any scheme name them)."""
    if route.access == "public":
        return []
    session: Requirements = [{"session": []}]
    if route.access in SESSION_ACCESSES:
        return session
    return [*session, {"token": sorted(needed_scopes(route.access, route.method))}]
