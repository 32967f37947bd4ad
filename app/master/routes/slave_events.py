"""What hosts tell by themselves, and where admins read it."""

from flask import request

from app.auth.signatures import SignedMessage
from app.master.slave_events import SlaveEvents
from app.master.wire.slave_events import AcceptedOut, DockerEventsOut, DockerEventsQuery, SlaveEventsIn
from app.web.router import Api


def add_slave_events(api: Api, events: SlaveEvents) -> None:
    """`/api/internal/slave-events` and `/api/admin/docker/events`."""

    @api.route("POST", "/api/internal/slave-events", access="public", errors=(401, 503, 507))
    def take_slave_events(body: SlaveEventsIn) -> AcceptedOut:
        """A host tells what happened there, signed (RFC 9421, hmac-sha256) with one of its event keys.

        An event that was told before is accepted again, and kept once.
        """
        return events.take(SignedMessage.from_environ(request.environ, request.get_data(cache=True)), body)

    @api.route("GET", "/api/admin/docker/events", access="admin", errors=(503,), cache="page")
    def list_docker_events(query: DockerEventsQuery) -> DockerEventsOut:
        """What enforcement of the Docker quota did on all hosts, or on one, the newest first."""
        return events.docker_page(query)
