"""A proxy before a fake dockerd, and clients that write bytes."""

import os
import socket
from dataclasses import dataclass, field
from threading import Thread

from app.docker_quota.proxy.quotas import OverQuota
from app.docker_quota.proxy.sessions import Patience, Session
from app.quota.clock import utc_now
from tests.fakes.docker_journals import MemoryJournal
from tests.fakes.dockerd import FakeDockerd

NAME = f"user{os.getuid()}"


@dataclass
class Proxied:
    """Clients of it are this very process: the label is `NAME`."""

    dockerd: FakeDockerd
    journal: MemoryJournal
    session: Session
    threads: list[Thread] = field(default_factory=list)

    def connect(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX)
        ours.settimeout(20)
        self.threads.append(Thread(target=self.session.serve, args=(theirs,), daemon=True))
        self.threads[-1].start()
        return ours

    def exchange(self, request: bytes) -> bytes:
        """Everything that is answered until the proxy closes, the sending side left open."""
        with self.connect() as client:
            client.sendall(request)
            return rest_of(client)

    def create(self, body: bytes, target: bytes = b"/v1.41/containers/create", more: bytes = b"") -> bytes:
        return self.exchange(
            b"POST %s HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
            % (target, more, len(body), body)
        )

    def settle(self) -> None:
        """Waits until no connection is served any more."""
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()


def rest_of(client: socket.socket) -> bytes:
    told = bytearray()
    try:
        while block := client.recv(65536):
            told += block
    except ConnectionResetError:
        pass  # it closed while more was on its way
    return bytes(told)


def with_proxy(
    dockerd: FakeDockerd,
    *,
    label_images: bool = False,
    over_quota: OverQuota | None = None,
    patience: Patience | None = None,
) -> Proxied:
    journal = MemoryJournal()
    session = Session(
        dockerd.path,
        journal,
        lambda uid: f"user{uid}",
        utc_now,
        label_images=label_images,
        over_quota=over_quota,
        patience=patience,
    )
    return Proxied(dockerd, journal, session)
