"""Where everything listens in development."""

import os
import socket
from dataclasses import dataclass

OFFSET_VARIABLE = "QMAN_DEV_PORT_OFFSET"
LOOPBACK = "127.0.0.1"
MOCK_HOSTS = ("host1", "host2", "host3", "host4")
LARGEST_PORT = 65535


class StartError(Exception):
    """The stack cannot start. Its text is one line for the person at the keyboard."""


@dataclass(frozen=True)
class Ports:
    """Every port, moved by the offset."""

    offset: int = 0

    @classmethod
    def from_environment(cls) -> "Ports":
        """By `QMAN_DEV_PORT_OFFSET`. Raises StartError."""
        text = os.environ.get(OFFSET_VARIABLE, "0")
        try:
            ports = cls(int(text))
        except ValueError as error:
            raise StartError(f"{OFFSET_VARIABLE}: found {text!r}, expected a number like 1000") from error
        if not all(1024 <= port <= LARGEST_PORT for port in ports.all(vite=True).values()):  # noqa: PLR2004 - unprivileged
            raise StartError(f"{OFFSET_VARIABLE}: found {text}, expected one that keeps ports 5173 to 8441 in range")
        return ports

    @property
    def master(self) -> int:
        """The dashboard and its API."""
        return 8436 + self.offset

    @property
    def provider(self) -> int:
        """The mock login provider."""
        return 8077 + self.offset

    @property
    def vite(self) -> int:
        """The dashboard's dev server."""
        return 5173 + self.offset

    @property
    def slaves(self) -> dict[str, int]:
        """The mock hosts, and this machine as `localhost`."""
        return {host: 8437 + place + self.offset for place, host in enumerate((*MOCK_HOSTS, "localhost"))}

    def all(self, *, vite: bool) -> dict[str, int]:
        """What needs which port."""
        wanted = {"the login provider": self.provider, "the master": self.master}
        wanted |= {f"slave {host}": port for host, port in self.slaves.items()}
        return wanted | ({"the dev server": self.vite} if vite else {})


def check_free(ports: dict[str, int]) -> None:
    """Raises StartError naming the first port that somebody else listens on."""
    for what, port in ports.items():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                raise StartError(
                    f"port {port} of {what} is in use; end what listens there, or set {OFFSET_VARIABLE}"
                ) from error
