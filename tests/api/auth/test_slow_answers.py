"""A provider whose answer trickles in is given up on at the deadline."""

import socket

import pytest

from app.auth.oidc.errors import ProviderUnavailableError
from app.auth.oidc.http import ProviderHttp
from tests.fakes.slaves import BadSlave, DrippingSlave, HalfAnswerSlave

STEP_SECONDS = 1.0


class DrippingHeadProvider(BadSlave):
    """Sends a line of its answer's head every so often, and never the end of it."""

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.closed.wait(0.5):
            connection.sendall(b"X-More: to come\r\n")


@pytest.mark.timeout(20)  # without a deadline the head alone would take 50 s, the body for ever
@pytest.mark.parametrize("kind", [DrippingHeadProvider, DrippingSlave, HalfAnswerSlave])
def test_no_way_of_answering_slowly_outlasts_the_deadline(kind: type[BadSlave]) -> None:
    with kind() as provider:
        with pytest.raises(ProviderUnavailableError):
            ProviderHttp(None).within(STEP_SECONDS).get_object(provider.url)
        assert provider.requests == 1
