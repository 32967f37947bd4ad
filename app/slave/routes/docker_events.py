"""The route of what enforcement of the Docker quota did."""

import orjson

from app.quota.errors import NotSupportedError
from app.slave.services import SlaveServices
from app.web.docker_events import EventsQuery, OutboxEventOut
from app.web.router import Api, Reply


def declare_docker_events(api: Api, services: SlaveServices) -> None:
    """Adds the route."""

    @api.route("GET", "/remote-api/docker/events", access="read", errors=(409, 503), answer=list[OutboxEventOut])
    def list_docker_events(query: EventsQuery) -> Reply:
        """Who was warned, whose containers were stopped or removed and why, the newest first; 409 without Docker."""
        if services.docker_events is None:
            raise NotSupportedError("Docker is not among the backends of this slave: USE_DOCKER_QUOTA is off.")
        return Reply(orjson.dumps(services.docker_events.newest(query.delivery, query.most)))
