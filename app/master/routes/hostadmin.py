"""What admins do with hosts, beside looking at them."""

from dataclasses import dataclass

from app.auth.caller import Caller
from app.master.hosts.suspension import Suspension
from app.master.pages.hosts import HostPages
from app.master.wire.hosts import HostDetailOut
from app.web.router import Api


@dataclass(frozen=True, slots=True)
class HostAdministration:
    """The use cases behind these routes."""

    suspension: Suspension


def add_host_administration(api: Api, administration: HostAdministration, hosts: HostPages) -> None:
    """Changes below `/api/hosts`."""

    @api.route("POST", "/api/hosts/{host_id}/suspend", access="admin", errors=(404, 507))
    def suspend_host(caller: Caller, host_id: str) -> HostDetailOut:
        """The host is no longer read, and refuses changes; its last figures stay."""
        administration.suspension.suspend(caller, host_id)
        return hosts.detail(host_id)

    @api.route("POST", "/api/hosts/{host_id}/resume", access="admin", errors=(404, 507))
    def resume_host(caller: Caller, host_id: str) -> HostDetailOut:
        """The host is read and changed again, at once."""
        administration.suspension.resume(caller, host_id)
        return hosts.detail(host_id)
