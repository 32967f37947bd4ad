"""What the ledger keeps of each object, as values and as rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.db.repositories.docker_ledger import StoredObject
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Method

Key = tuple[ObjectKind, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of the ledger; see `DockerObjectRow` for what its members are.

    `facts` by kind: container `image`, `image_id`, `state`, `auto_remove`, `volumes`; image `tags`, `layers`,
    `untagged_at_first`, `came` (as `Came`); layer `diff_id`; volume `anonymous`, `first_mount`, a container id or None;
    cache the members of `CacheRecord`, once the engine told them, `in_use` None where it tells no more of it;
    of what has a label that names somebody `claimed`, the uid and its name.
    """

    kind: ObjectKind
    id: str
    name: str
    created_ns: int
    first_seen_at: datetime | None
    bytes: int = 0
    log_bytes: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    attribution: Attribution = UNKNOWN
    gone_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.kind, self.id

    @property
    def order(self) -> tuple[float, int, str]:
        """Sorts by when things were brought here; what is older than the ledger comes first."""
        return self.first_seen_at.timestamp() if self.first_seen_at else 0.0, self.created_ns, self.id


def to_row(entry: Entry) -> StoredObject:
    """As it is stored."""
    its = entry.attribution
    return StoredObject(
        kind=entry.kind.value,
        id=entry.id,
        name=entry.name,
        created_ns=entry.created_ns,
        first_seen_at=entry.first_seen_at,
        gone_at=entry.gone_at,
        bytes=entry.bytes,
        log_bytes=entry.log_bytes,
        facts=json.dumps(dict(entry.facts), sort_keys=True),
        uid=its.uid,
        user=its.user,
        method=its.method.value,
        certainty=its.certainty.value,
        candidates=json.dumps([[each.uid, each.user] for each in its.candidates]),
    )


def from_row(row: StoredObject) -> Entry:
    """As it is spoken of."""
    candidates = tuple(Candidate(uid, user) for uid, user in json.loads(row.candidates))
    attribution = Attribution(row.uid, row.user, Method(row.method), Certainty(row.certainty), candidates)
    return Entry(
        kind=ObjectKind(row.kind),
        id=row.id,
        name=row.name,
        created_ns=row.created_ns,
        first_seen_at=row.first_seen_at,
        bytes=row.bytes,
        log_bytes=row.log_bytes,
        facts=json.loads(row.facts),
        attribution=attribution,
        gone_at=row.gone_at,
    )
