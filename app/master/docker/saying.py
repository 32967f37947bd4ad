"""Who says whose an object is: admins, whose word counts on the host, and users, whose claim waits for an admin."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.docker_hosts import OPEN, DockerHostRepository, StoredClaim
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Actor, Settlement, Trail, after_asking, not_applied
from app.master.docker.accounts import DockerAccounts
from app.master.docker.objects import find_object, objects_of
from app.master.docker.pages import may_be_of, my_claim
from app.master.docker.reading import DockerReadings
from app.master.docker.settling import DEVICE, LONGEST_ID, SET, WITHDRAWN
from app.master.fleet import Fleet, HostEntry
from app.master.wire.docker import ClaimIn, HostAttributedOut, HostAttributionIn, HostObjectQuery, MyClaimOut
from app.quota.clock import Clock
from app.quota.errors import FieldFault, NotFoundError, QmanError
from app.web.docker_objects import AttributedOut, DockerImageOut, DockerObjectOut

log = structlog.get_logger(__name__)

_LONGEST_NAME = 256
SHORTEST_BEGINNING = 8
"""So much of an id must be said at least."""


@dataclass(frozen=True, slots=True)
class Attributions:
    """Admins say whose objects are. Each word has its entry in the audit trail, committed before the host is asked."""

    database: Database
    fleet: Fleet
    slaves: SlaveCalls
    trail: Trail
    readings: DockerReadings
    clock: Clock

    def set(self, caller: Caller, body: HostAttributionIn) -> HostAttributedOut:
        """HostNotFoundError, InvalidInputError, what the host refuses; HostTimeoutError, HostFailedError: not known."""
        said = {"kind": body.kind, "id": body.id, "uid": body.uid, "reason": body.reason.strip()}
        place = (body.host, body.kind, body.id)
        done = self._carry_out(caller, SET, place, said, self.slaves.attribute_object)
        item = find_object(self.database, place)
        with after_asking(), self.database.write() as connection:
            created_at = item.created_at if item else None
            DockerHostRepository(connection).settle_claims(place, created_at, body.uid, self.clock())
        return done

    def withdraw(self, caller: Caller, query: HostObjectQuery) -> HostAttributedOut:
        """What an admin said no longer holds. Errors as for `set`."""
        said = {"kind": query.kind, "id": query.id, "reason": query.reason.strip()}
        place = (query.host, query.kind, query.id)
        return self._carry_out(caller, WITHDRAWN, place, said, self.slaves.withdraw_attribution)

    def _carry_out(
        self,
        caller: Caller,
        action: str,
        place: tuple[str, str, str],
        said: dict[str, Any],
        ask: Callable[[HostEntry, dict[str, Any]], AttributedOut],
    ) -> HostAttributedOut:
        host = self.fleet.get(place[0])
        self.trail.check_reason(said["reason"])
        record = self._entry(caller, action, place, said)
        with self.database.write() as connection:
            AuditRepository(connection).add(record)
        try:
            answer = ask(host, said | {"by": caller.person.name[:_LONGEST_NAME]})
        except QmanError as error:
            self.trail.settle([not_applied(record.id, error)])
            raise
        stands = answer.attribution.model_dump(mode="json") | {"kind": place[1]}
        self.trail.settle([Settlement(record.id, "applied", stands)])
        log.info("docker_object_attributed", action=action, host=host.id, kind=place[1], audit_id=record.id)
        with suppress(NoSpaceError, DatabaseUnavailableError):  # the next look reads it
            self.readings.read(host.id)
        return HostAttributedOut(audit_id=record.id, object=answer)

    def _entry(self, caller: Caller, action: str, place: tuple[str, str, str], said: dict[str, Any]) -> AuditRecord:
        actor, item = Actor.of(caller), find_object(self.database, place)
        before = None if item is None else item.attribution.model_dump(mode="json")
        return AuditRecord(
            id=str(uuid4()),
            at=self.clock(),
            actor_id=actor.id,
            actor_name=actor.name,
            via=actor.via,
            action=action,
            host_id=place[0],
            device=DEVICE,
            quota_type=None,
            target_id=place[2][:LONGEST_ID],
            target_name=(place[2] if item is None else item.name)[:_LONGEST_NAME],
            before=before,
            after={"kind": place[1], "uid": said.get("uid")} if action == SET else {"kind": place[1]},
            reason=said["reason"],
            origin=actor.origin,
            outcome="unknown",
            token_id=actor.token_id,
            token_name=actor.token_name,
        )


@dataclass(frozen=True, slots=True)
class Claims:
    """Users say what is theirs. That attributes nothing: it stands in the review queue until an admin decides."""

    database: Database
    accounts: DockerAccounts
    clock: Clock

    def claim(self, caller: Caller, body: ClaimIn) -> MyClaimOut:
        """A claim of the caller's; while it is open, the same one again. `id` may be the name, or an id's beginning.

        NotFoundError, alike whether there is no such object, it is somebody else's, several are called so, or the
        caller has no account there.
        """
        uids = self.accounts.of(caller).get(body.host, {})
        item = self._meant(body, uids) if uids else None
        if item is None:
            fault = FieldFault("id", body.id[:80], "something on a host of yours that is not known to be anybody's")
            raise NotFoundError("There is no such thing that you could claim.", fields=[fault])
        uid = next((each.uid for each in item.attribution.candidates if each.uid in uids), min(uids))
        place = (body.host, body.kind, item.id)
        with self.database.write() as connection:
            rows = DockerHostRepository(connection)
            for known in rows.claims(person_id=caller.person.id):
                is_it = (known.host_id, known.kind, known.object_id) == place and known.is_on(item.created_at)
                if known.state == OPEN and is_it:
                    return my_claim(known, item.name)
            person = caller.person
            name, now = person.name[:_LONGEST_NAME], self.clock()
            claim = StoredClaim(str(uuid4()), *place, person.id, name, uids[uid], uid, now, OPEN, None, item.created_at)
            rows.add_claim(claim)
        log.info("docker_object_claimed", host=body.host, kind=body.kind, uid=uid)
        return my_claim(claim, item.name)

    def _meant(self, body: ClaimIn, uids: Mapping[int, str]) -> DockerObjectOut | None:
        """Among what may be somebody's with these uids: by its id, else by its name, else by how its id begins.

        None where none or several are meant. What may not be theirs makes no difference.
        """
        with self.database.read() as connection:
            objects = objects_of(DockerHostRepository(connection).readings([body.host]).get(body.host))
        items = [] if objects is None else [each for each in objects.of_kind(body.kind) if may_be_of(each, uids)]
        is_beginning = len(body.id) >= SHORTEST_BEGINNING
        for found in (
            [each for each in items if each.id == body.id],
            [each for each in items if _is_called(each, body.id)],
            [each for each in items if is_beginning and each.id.removeprefix("sha256:").startswith(body.id)],
        ):
            if found:
                return found[0] if len(found) == 1 else None
        return None


def _is_called(item: DockerObjectOut, name: str) -> bool:
    return name == item.name or (isinstance(item, DockerImageOut) and name in item.tags)
