"""Entries of the audit trail about hosts and their keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from app.auth.caller import Caller
from app.db.repositories.audit import AuditRecord


def host_entry(
    caller: Caller,
    action: str,
    host_id: str,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditRecord:
    """Somebody did something with a host. Never a secret, key ids at most."""
    return AuditRecord(
        id=str(uuid4()),
        at=at,
        actor_id=caller.person.id,
        actor_name=caller.person.name,
        via=caller.via,
        action=action,
        host_id=host_id,
        device=None,
        quota_type=None,
        target_id=host_id,
        target_name=host_id,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reason="",
        origin=caller.origin,
        outcome="applied",
    )
