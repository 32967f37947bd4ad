"""Hosts, for admins."""

from app.master.pages.hosts import HostPages
from app.master.wire.hosts import HostDetailOut, HostsOut, HostsQuery, RefreshOut
from app.web.router import Api
from app.web.wire import JsonObject


def add_hosts(api: Api, hosts: HostPages) -> None:
    """`/api/hosts` and what stands below it."""

    @api.route("GET", "/api/hosts", access="admin", answer=HostsOut, cache="page")
    def list_hosts(query: HostsQuery) -> JsonObject:
        """All hosts, with how fresh what we know of them is."""
        return hosts.page(query)

    @api.route("GET", "/api/hosts/{host_id}", access="admin", errors=(404,), answer=HostDetailOut, cache="page")
    def get_host(host_id: str) -> JsonObject:
        """One host with its devices."""
        return hosts.detail(host_id)

    @api.route("POST", "/api/hosts/{host_id}/refresh", access="admin", errors=(404, 507), status=202)
    def refresh_host(host_id: str) -> RefreshOut:
        """Asks for a reading of the host at once; it comes in the background."""
        return hosts.refresh(host_id)
