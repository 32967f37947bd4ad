"""The master's API, put together from its parts."""

from typing import Any

from app.web.openapi import openapi_document
from app.web.router import Api

TITLE = "qman master"
_SESSION: list[dict[str, list[str]]] = [{"session": []}]
_SECURITY: dict[str, list[dict[str, list[str]]]] = {"public": [], "user": _SESSION, "admin": _SESSION}
_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "qman_session",
        "description": "The cookie that a login gives. What changes something needs the header X-CSRF-Token too.",
    }
}


def new_api() -> Api:
    """The API before its routes are added."""
    return Api(TITLE, "Quotas of all hosts, as last heard of; changes go through to the hosts.")


def document(api: Api) -> dict[str, Any]:
    """The OpenAPI document that `/api/openapi.json` serves."""
    return openapi_document(api, security=_SECURITY, schemes=_SCHEMES)
