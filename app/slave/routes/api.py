"""The slave's API as a whole."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.slave.routes.changes import declare_changes
from app.slave.routes.device_rules import declare_device_rules
from app.slave.routes.docker_events import declare_docker_events
from app.slave.routes.docker_objects import declare_docker_objects
from app.slave.routes.host import declare_host
from app.slave.routes.keys import declare_keys
from app.slave.routes.metrics import declare_metrics
from app.slave.routes.quotas import declare_quotas
from app.slave.routes.users import declare_users
from app.slave.services import SlaveServices
from app.web.openapi import openapi_document
from app.web.router import Api, Reply

SECURITY: Mapping[str, Any] = {"open": [], "read": [{"signature": []}], "write": [{"signature": []}]}
SCHEMES = {
    "signature": {
        "type": "http",
        "scheme": "signature",
        "description": (
            "HTTP Message Signatures (RFC 9421), hmac-sha256: covers @method, @path and @query (or @target-uri), and"
            " content-digest (RFC 9530) where there is a body; created within 60 seconds, a nonce used once, keyid."
        ),
    }
}


def build_api(services: SlaveServices) -> Api:
    """Every call of a slave, with its OpenAPI document."""
    api = Api("qman slave", "Reads and sets the quotas of one host.")
    declare_host(api, services)
    declare_quotas(api, services)
    declare_changes(api, services)
    declare_device_rules(api, services)
    declare_users(api, services)
    declare_docker_objects(api, services)
    declare_docker_events(api, services)
    declare_keys(api, services)
    declare_metrics(api, services)

    @api.route("GET", "/remote-api/openapi.json", access="read")
    def get_openapi() -> Reply:
        """This document."""
        return Reply(document)

    document = orjson.dumps(document_of(api))
    return api


def document_of(api: Api) -> dict[str, Any]:
    """The OpenAPI document of `build_api`'s result."""
    return openapi_document(api, security=lambda route: SECURITY[route.access], schemes=SCHEMES)
