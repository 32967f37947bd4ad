"""A provider whose answer trickles in, or never ends, is given up on."""

import socket

import pytest

from app.auth.oidc.errors import ProviderUnavailableError
from app.auth.oidc.http import ProviderHttp
from tests.fakes.fleet_database import eventually
from tests.fakes.slaves import MEBIBYTE, BadSlave, DrippingSlave, HalfAnswerSlave, HugeSlave

STEP_SECONDS = 2.0


class DrippingHeadProvider(BadSlave):
    """Sends a line of its answer's head every so often, and never the end of it."""

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.closed.wait(0.5):
            connection.sendall(b"X-More: to come\r\n")


@pytest.mark.timeout(40)  # without a deadline the head alone would take 50 s, the body for ever
@pytest.mark.parametrize("kind", [DrippingHeadProvider, DrippingSlave, HalfAnswerSlave])
def test_no_way_of_answering_slowly_outlasts_the_deadline(kind: type[BadSlave]) -> None:
    with kind() as provider:
        with pytest.raises(ProviderUnavailableError):
            ProviderHttp(None).within(STEP_SECONDS).get_object(provider.url)
        eventually(lambda: provider.requests == 1)


@pytest.mark.parametrize("tell_length", [True, False])
def test_a_large_answer_is_not_read_to_its_end(tell_length: bool) -> None:
    with HugeSlave(100 * MEBIBYTE, tell_length=tell_length) as provider:
        with pytest.raises(ProviderUnavailableError):
            ProviderHttp(None).within(20).get_object(provider.url)
        assert provider.sent < 50 * MEBIBYTE  # what the sockets between them hold, at most
