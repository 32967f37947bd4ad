"""Events of enforcement on the wire, as a slave keeps them."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.quota_rows import Int64
from app.web.wire import Instant, Out, Query, Uid

Delivery = Literal["queued", "delivered", "parked", "dry_run"]


class EventsQuery(Query):
    """Which events."""

    delivery: Delivery | None = None
    most: Annotated[int, Field(ge=1, le=500)] = 100


class EventContainerOut(Out):
    """The container that an event is about."""

    id: str
    name: str


class OutboxEventOut(Out):
    """What was done to a user, and why. In a dry run it would have been done, and the master is not told."""

    id: str
    host: str
    type: str
    occurred_at: Instant
    device: str
    uid: Uid
    user: str | None
    container: EventContainerOut | None
    used_bytes: Int64
    limit_bytes: Int64
    explanation: str
    delivery: Delivery
    problem: str | None = Field(description="Why the master refused it")
