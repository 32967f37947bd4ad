"""What admins do with hosts, beside looking at them."""

from dataclasses import dataclass

from app.auth.caller import Caller
from app.auth.rate import LoginRate
from app.master.hosts.confirmation import Confirmation
from app.master.hosts.enrolment import Enrolment
from app.master.hosts.rotation import Rotation
from app.master.hosts.suspension import Suspension
from app.master.hosts.trail import Actor
from app.master.pages.hosts import HostPages
from app.master.routes.enrolment import add_enrolment
from app.master.wire.hostadmin import CodeOut, HostIn, RotationOut
from app.master.wire.hosts import HostDetailOut
from app.web.router import Api, Reply
from app.web.wire import JsonObject


@dataclass(frozen=True, slots=True)
class HostAdministration:
    """The use cases behind these routes. `enrolment_rate` bounds how many hosts ask to be enrolled."""

    suspension: Suspension
    enrolment: Enrolment
    confirmation: Confirmation
    rotation: Rotation
    enrolment_rate: LoginRate


def add_host_administration(api: Api, administration: HostAdministration, hosts: HostPages) -> None:
    """Changes below `/api/hosts`, and what a host asks for itself.

    Who is trusted, and with which keys, is an admin's own to say: no API token does, however wide its scopes.
    """
    add_enrolment(api, administration.enrolment, administration.confirmation, administration.enrolment_rate)
    _add_suspension(api, administration.suspension, hosts)
    enrolment = administration.enrolment

    @api.route("POST", "/api/hosts", access="admin_session", errors=(409, 503, 507), status=201)
    def add_host(caller: Caller, body: HostIn) -> CodeOut:
        """Adds a host, and gives the code to enrol it with: good for 15 minutes, once, and shown only here."""
        return enrolment.add(caller, body)

    @api.route("POST", "/api/hosts/{host_id}/code", access="admin_session", errors=(404, 409, 503, 507), status=201)
    def make_enrolment_code(caller: Caller, host_id: str) -> CodeOut:
        """Another code for a host that was added here; an earlier one is good no more.

        The keys that the host may have stay good until the code is exchanged.
        """
        return enrolment.new_code(caller, host_id)

    @api.route("DELETE", "/api/hosts/{host_id}", access="admin_session", errors=(404, 409, 507), status=204)
    def remove_host(caller: Caller, host_id: str) -> Reply:
        """Forgets a host that was added here, with its keys and figures. The audit trail stays."""
        enrolment.remove(caller, host_id)
        return Reply(status=204)

    @api.route("POST", "/api/hosts/{host_id}/rotate", access="admin_session", errors=(404, 409, 502, 503, 504, 507))
    def rotate_keys(caller: Caller, host_id: str) -> RotationOut:
        """New keys for a host that was added here, without a gap: both pairs are good until the new one is in use.

        What stopped half way is finished. 409 for a host of the settings, whose keys are changed by hand.
        """
        return administration.rotation.rotate(Actor.of(caller), host_id)


def _add_suspension(api: Api, suspension: Suspension, hosts: HostPages) -> None:
    @api.route("POST", "/api/hosts/{host_id}/suspend", access="admin", errors=(404, 507), answer=HostDetailOut)
    def suspend_host(caller: Caller, host_id: str) -> JsonObject:
        """The host is no longer read, and refuses changes; its last figures stay."""
        suspension.suspend(caller, host_id)
        return hosts.detail(host_id)

    @api.route("POST", "/api/hosts/{host_id}/resume", access="admin", errors=(404, 507), answer=HostDetailOut)
    def resume_host(caller: Caller, host_id: str) -> JsonObject:
        """The host is read and changed again, at once."""
        suspension.resume(caller, host_id)
        return hosts.detail(host_id)
