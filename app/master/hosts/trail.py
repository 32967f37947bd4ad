"""Entries of the audit trail about hosts and their keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from app.auth.caller import Caller, CallerToken
from app.db.repositories.audit import AuditRecord
from app.db.repositories.enrolled_hosts import EnrolmentCode
from app.settings.keys import KeyPair


class Actor(NamedTuple):
    """Who does something, and from where."""

    id: str
    name: str
    via: str
    origin: str
    token: CallerToken | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Actor":
        """Somebody who calls the API."""
        return cls(caller.person.id, caller.person.name, caller.via, caller.origin, caller.token)


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
    return _entry(Actor.of(caller), action, host_id, at, before, after)


def keys_entry(
    actor: Actor, host_id: str, at: datetime, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> AuditRecord:
    """A host has other keys."""
    return _entry(actor, "rotate_keys", host_id, at, before, after)


def enrolled_entry(code: EnrolmentCode, pair: KeyPair, at: datetime, origin: str) -> AuditRecord:
    """A host got its keys, by the code that somebody made; `origin` is the host's address."""
    actor = Actor(code.person_id, code.person_name, "system", origin)
    return _entry(actor, "enrol_host", code.host_id, at, None, key_ids(pair) | {"code": code.id})


def key_ids(pair: KeyPair) -> dict[str, str]:
    """What may be told of keys."""
    return {"read_key": pair.read.id, "write_key": pair.write.id, "event_key": pair.event.id}


def _entry(
    actor: Actor,
    action: str,
    host_id: str,
    at: datetime,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> AuditRecord:
    return AuditRecord(
        id=str(uuid4()),
        at=at,
        actor_id=actor.id,
        actor_name=actor.name,
        via=actor.via,
        action=action,
        host_id=host_id,
        device=None,
        quota_type=None,
        target_id=host_id,
        target_name=host_id,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reason="",
        origin=actor.origin,
        outcome="applied",
        token_id=actor.token.id if actor.token else None,
        token_name=actor.token.name if actor.token else None,
    )
