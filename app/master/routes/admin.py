"""People, mappings and the audit trail, for admins."""

from app.auth.caller import Caller
from app.master.pages.audit import AuditPages
from app.master.pages.people import PeoplePages
from app.master.pages.rows import RowPages
from app.master.people import Mappings
from app.master.wire.changes import AuditPageOut, AuditQuery
from app.master.wire.people import (
    MappingIn,
    MappingOut,
    MappingsOut,
    MappingsQuery,
    PeopleOut,
    PeopleQuery,
    PersonDetailOut,
)
from app.web.router import Api, Reply


def add_admin(api: Api, people: PeoplePages, rows: RowPages, mappings: Mappings, audit: AuditPages) -> None:
    """`/api/people` and `/api/admin/…`."""

    @api.route("GET", "/api/people", access="admin", cache="page")
    def list_people(query: PeopleQuery) -> PeopleOut:
        """Everybody who has logged in."""
        return people.page(query)

    @api.route("GET", "/api/people/{person_id}", access="admin", errors=(404,), cache="page")
    def get_person(person_id: str) -> PersonDetailOut:
        """One person everywhere: their accounts, their quotas on all hosts, and when they logged in."""
        return people.detail(person_id, rows)

    @api.route("GET", "/api/admin/mappings", access="admin", cache="page")
    def list_mappings(query: MappingsQuery) -> MappingsOut:
        """Which account on a host belongs to which person."""
        return mappings.page(query)

    @api.route("POST", "/api/admin/mappings", access="admin", errors=(404, 409, 507), status=201)
    def add_mapping(caller: Caller, body: MappingIn) -> MappingOut:
        """Gives an account on a host to a person."""
        return mappings.add(caller, body)

    @api.route("DELETE", "/api/admin/mappings/{mapping_id}", access="admin", errors=(404, 507), status=204)
    def delete_mapping(caller: Caller, mapping_id: str) -> Reply:
        """Takes an account from a person."""
        mappings.delete(caller, mapping_id)
        return Reply(status=204)

    @api.route("GET", "/api/admin/audit", access="admin", cache="page")
    def list_audit(query: AuditQuery) -> AuditPageOut:
        """The audit trail, newest first."""
        return audit.page(query)
