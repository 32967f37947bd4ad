"""Events of hosts: as they tell them, and as admins see them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from app.master.wire.pages import PageOut, PageQuery
from app.web.wire import Instant, Out, Query, QueryInstant, QueryText, Uid

MOST_BYTES = 2**63 - 1

HostId = Annotated[str, Field(min_length=1, max_length=100)]
EventId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
EventType = Annotated[str, Field(max_length=50, pattern=r"^[a-z]+\.[a-z_]+$")]
Bytes = Annotated[int, Field(ge=0, le=MOST_BYTES)]
DockerEventType = Literal[
    "docker.warned", "docker.container_stopped", "docker.container_removed", "docker.back_below", "docker.skipped"
]


class EventContainer(Out):
    """The container that an event is about."""

    id: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=1000)]


class SlaveEventIn(Out):
    """An event as a host tells it; members that are not known here are passed over: the host may be newer."""

    id: EventId
    host: HostId
    type: EventType
    occurred_at: AwareDatetime
    device: Annotated[str, Field(max_length=1000)] | None = None
    uid: Uid | None = None
    user: Annotated[str, Field(max_length=256)] | None = None
    container: EventContainer | None = None
    used_bytes: Bytes | None = None
    limit_bytes: Bytes | None = None
    explanation: Annotated[str, Field(max_length=4000)] = ""


class SlaveEventsIn(Out):
    """At most 100 events of one host."""

    events: Annotated[list[SlaveEventIn], Field(min_length=1, max_length=100)]


class AcceptedOut(Out):
    """The ids of events that need not be told again."""

    accepted: list[str]


class DockerEventFilters(Query):
    """Which events of enforcement; what is left out is any."""

    host: QueryText | None = None
    type: DockerEventType | None = None
    user: QueryText | None = None
    since: QueryInstant | None = None
    until: QueryInstant | None = None


class DockerEventsQuery(DockerEventFilters, PageQuery):
    """Which events of enforcement, and which part of them."""


class DockerEventOut(Out):
    """What was done to a user of a host, and why."""

    id: str
    host: str
    type: str
    occurred_at: Instant
    received_at: Instant
    device: str | None
    uid: int | None
    user: str | None
    container: EventContainer | None
    used_bytes: int | None
    limit_bytes: int | None = Field(description="The hard limit; 0: none")
    explanation: str


class DockerEventsOut(PageOut):
    """A page of events, the newest first."""

    items: list[DockerEventOut]


class DockerEventFileOut(Out):
    """All events that the filters let through, the newest first."""

    items: list[DockerEventOut]
    total: int
