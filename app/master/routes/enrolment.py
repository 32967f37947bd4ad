"""What hosts call to be enrolled. Signed, so open to everybody else."""

from flask import request

from app.auth.enrolment.sealing import EnrolIn, SealedOut
from app.auth.rate import LoginRate
from app.auth.signatures import SignedMessage
from app.master.hosts.confirmation import Confirmation
from app.master.hosts.enrolment import Enrolment
from app.master.wire.hostadmin import EnrolmentStatusIn, EnrolmentStatusOut
from app.web.router import Api


def add_enrolment(api: Api, enrolment: Enrolment, confirmation: Confirmation, rate: LoginRate) -> None:
    """`/api/enrolment`."""

    @api.route("POST", "/api/enrolment", access="public", errors=(401, 409, 429, 503, 507))
    def enrol_host(body: EnrolIn) -> SealedOut:
        """Exchanges a one-time code for the keys of the host.

        The request is signed (RFC 9421, hmac-sha256) with a key derived from the code; the answer opens with another
        one alone. `qman enrol` does all of it.
        """
        rate.check(_address())
        return enrolment.exchange(_message(), body, _address())

    @api.route("POST", "/api/enrolment/status", access="public", errors=(401, 404, 429, 503, 507))
    def get_enrolment_status(body: EnrolmentStatusIn) -> EnrolmentStatusOut:
        """Whether the master could read the host with its new keys; if not yet, it tries. Signed with the event key."""
        rate.check(_address())
        return confirmation.status(_message(), body)


def _address() -> str:
    return request.remote_addr or ""


def _message() -> SignedMessage:
    return SignedMessage.from_environ(request.environ, request.get_data(cache=True))
