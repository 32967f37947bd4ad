"""People and which accounts are theirs."""

from dataclasses import dataclass
from uuid import uuid4

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.mappings import ListedMapping, MappingFilter, MappingRecord, MappingRepository
from app.db.repositories.people import PersonRepository
from app.master.errors import MappingExistsError, MappingNotFoundError, PersonNotFoundError
from app.master.fleet import Fleet
from app.master.wire.people import MappingIn, MappingOut, MappingsOut, MappingsQuery
from app.quota.clock import Clock


@dataclass(frozen=True, slots=True)
class Mappings:
    """The mappings that admins make. Each change has its audit entry."""

    database: Database
    fleet: Fleet
    clock: Clock

    def page(self, query: MappingsQuery) -> MappingsOut:
        """A page of mappings, by host and name where no order is given."""
        wanted = MappingFilter(host=query.host, person=query.person, state=query.state, text=query.q)
        with self.database.read() as connection:
            found, total = MappingRepository(connection).page(
                wanted, query.order, limit=query.page_size, offset=(query.page - 1) * query.page_size
            )
        items = [_mapping_out(listed) for listed in found]
        return MappingsOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def add(self, caller: Caller, wanted: MappingIn) -> MappingOut:
        """Maps an account to a person. HostNotFoundError, PersonNotFoundError, MappingExistsError."""
        self.fleet.get(wanted.host)
        now = self.clock()
        mapping = MappingRecord(
            id=str(uuid4()),
            person_id=wanted.person,
            host_id=wanted.host,
            username=wanted.username,
            state="active",
            via="admin",
            created_at=now,
            created_by=caller.person.id,
        )
        with self.database.write() as connection:
            mappings = MappingRepository(connection)
            if PersonRepository(connection).find(wanted.person) is None:
                raise PersonNotFoundError("Nobody of this id has logged in.")
            if not mappings.add(mapping):
                raise MappingExistsError(f"The account {wanted.username} on {wanted.host} is mapped already.")
            AuditRepository(connection).add(self._entry(caller, mapping, "add_mapping"))
            found, _ = mappings.page(MappingFilter(id=mapping.id), [], limit=1, offset=0)
        return _mapping_out(found[0])

    def delete(self, caller: Caller, mapping_id: str) -> None:
        """Ends a mapping. MappingNotFoundError."""
        with self.database.write() as connection:
            mappings = MappingRepository(connection)
            mapping = mappings.find(mapping_id)
            if mapping is None or not mappings.delete(mapping_id):
                raise MappingNotFoundError("There is no mapping of this id.")
            AuditRepository(connection).add(self._entry(caller, mapping, "delete_mapping"))

    def _entry(self, caller: Caller, mapping: MappingRecord, action: str) -> AuditRecord:
        stands = {"person": mapping.person_id, "host": mapping.host_id, "username": mapping.username}
        return AuditRecord(
            id=str(uuid4()),
            at=self.clock(),
            actor_id=caller.person.id,
            actor_name=caller.person.name,
            via=caller.via,
            action=action,
            host_id=mapping.host_id,
            device=None,
            quota_type=None,
            target_id=mapping.id,
            target_name=mapping.username,
            before=stands if action == "delete_mapping" else None,
            after=stands if action == "add_mapping" else None,
            reason="",
            origin=caller.origin,
            outcome="applied",
            token_id=caller.token.id if caller.token else None,
            token_name=caller.token.name if caller.token else None,
        )


def _mapping_out(listed: ListedMapping) -> MappingOut:
    mapping = listed.mapping
    return MappingOut.model_validate(
        {
            "id": mapping.id,
            "person": {"id": mapping.person_id, "name": listed.person_name},
            "host": mapping.host_id,
            "username": mapping.username,
            "uid": listed.uid,
            "state": mapping.state,
            "via": mapping.via,
            "created_at": mapping.created_at,
        },
        strict=False,
    )
