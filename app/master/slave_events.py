"""The use cases "a host tells what happened there" and "what did hosts tell"."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.auth.signatures import AcceptedKey, DatabaseNonces, SignatureVerifier, SignedMessage
from app.db.engine import Database
from app.db.repositories.slave_events import EventFilter, SlaveEvent, SlaveEventRepository
from app.master.hosts.listing import LiveHosts
from app.master.wire.slave_events import (
    AcceptedOut,
    DockerEventFilters,
    DockerEventOut,
    DockerEventsOut,
    DockerEventsQuery,
    EventContainer,
    SlaveEventsIn,
)
from app.quota.clock import Clock
from app.quota.errors import FieldFault, InvalidInputError
from app.settings.keys import SigningKey

DOCKER = "docker"


_APART = timedelta(microseconds=1)
"""What hosts tell has whole seconds: within one, the order is that in which it came."""


@dataclass(frozen=True, slots=True)
class SlaveEvents:
    """Events are kept once, however often a host tells them. `settled` are the keys of the settings, by host."""

    database: Database
    live: LiveHosts
    settled: Mapping[str, Sequence[SigningKey]]
    clock: Clock

    def take(self, message: SignedMessage, told: SlaveEventsIn) -> AcceptedOut:
        """Keeps what was not known. SignatureInvalidError: it is not signed with an event key of that very host.

        InvalidInputError: a host speaks for itself alone.
        """
        host_id = told.events[0].host
        if any(event.host != host_id for event in told.events):
            fault = FieldFault("events", "events of several hosts", "those of the host that signs")
            raise InvalidInputError("The body is not as expected.", fields=[fault])
        SignatureVerifier(self._keys(host_id), DatabaseNonces(self.database), self.clock).verify(message)
        now = self.clock()
        with self.database.write() as connection:
            rows = SlaveEventRepository(connection)
            for place, event in enumerate(told.events):
                rows.add(
                    SlaveEvent(
                        host_id=host_id,
                        id=event.id,
                        type=event.type,
                        occurred_at=event.occurred_at,
                        received_at=now + place * _APART,
                        device=event.device,
                        uid=event.uid,
                        user=event.user,
                        container_id=event.container.id if event.container else None,
                        container_name=event.container.name if event.container else None,
                        used_bytes=event.used_bytes,
                        limit_bytes=event.limit_bytes,
                        explanation=event.explanation,
                    )
                )
        return AcceptedOut(accepted=[event.id for event in told.events])

    def docker_page(self, query: DockerEventsQuery) -> DockerEventsOut:
        """What enforcement did on all hosts, or on one, the newest first."""
        wanted = docker_filter(query)
        offset = (query.page - 1) * query.page_size
        with self.database.read() as connection:
            found, total = SlaveEventRepository(connection).page(wanted, limit=query.page_size, offset=offset)
        items = [docker_event_out(event) for event in found]
        return DockerEventsOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def _keys(self, host_id: str) -> Collection[AcceptedKey]:
        keys = [*self.settled.get(host_id, ()), *self.live.event_keys(host_id)]
        return [AcceptedKey.of(key, "events") for key in keys]


def docker_filter(query: DockerEventFilters) -> EventFilter:
    """Which events of enforcement are asked for."""
    return EventFilter(DOCKER, query.host, query.type, query.user, query.since, query.until)


def docker_event_out(event: SlaveEvent) -> DockerEventOut:
    """An event as admins see it."""
    container = None
    if event.container_id is not None:
        container = EventContainer(id=event.container_id, name=event.container_name or "")
    return DockerEventOut(
        id=event.id,
        host=event.host_id,
        type=event.type,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        device=event.device,
        uid=event.uid,
        user=event.user,
        container=container,
        used_bytes=event.used_bytes,
        limit_bytes=event.limit_bytes,
        explanation=event.explanation,
    )
