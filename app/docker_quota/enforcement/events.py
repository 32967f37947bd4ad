"""The events that tell of enforcement, as the master is told them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from app.db.repositories.docker_enforcement import StoredEvent
from app.docker_quota.enforcement.values import Case, Kind, Step

DEVICE = "docker"
TYPES = {
    Kind.WARN: "docker.warned",
    Kind.STOP: "docker.container_stopped",
    Kind.REMOVE: "docker.container_removed",
    Kind.SKIP: "docker.skipped",
    Kind.BACK_BELOW: "docker.back_below",
    Kind.FORGET: "",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Which host tells, and when; of a dry run nobody else is told."""

    host_id: str
    at: datetime
    dry_run: bool


def as_event(told: Told, case: Case, step: Step) -> StoredEvent:
    """The event of this step, with an id of its own."""
    event_id, container = str(uuid4()), step.container
    body = {
        "id": event_id,
        "host": told.host_id,
        "type": TYPES[step.kind],
        "occurred_at": f"{told.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "device": DEVICE,
        "uid": case.uid,
        "user": case.name,
        "container": None if container is None else {"id": container.id, "name": container.name},
        "used_bytes": case.used,
        "limit_bytes": case.limit or 0,
        "explanation": step.explanation,
    }
    return StoredEvent(event_id, json.dumps(body), told.at, "dry_run" if told.dry_run else "queued")
