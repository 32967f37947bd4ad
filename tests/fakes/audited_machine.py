"""A machine whose users connect to Docker's socket, with the audit log that it writes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.docker_quota.attribution.suspects import Own
from app.docker_quota.audit.processes import Process
from app.docker_quota.audit.watch import AuditWatch, Host
from tests.fakes.fleet_database import HandClock
from tests.unit.docker_quota.recorded_audit import connected

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OWN = Own(None, 0, "/usr/bin/qman-python")


@dataclass
class Client:
    """A process with a connection. `container` is the one that it is in."""

    pid: int
    uid: int
    started: int
    container: str | None = None


@dataclass
class AuditedMachine:
    """`clients` are the processes that there are now, by pid. `is_recorded`: is the rule loaded?"""

    log: Path
    clock: HandClock = field(default_factory=HandClock)
    clients: dict[int, Client] = field(default_factory=dict)
    is_recorded: bool = True
    serial: int = 0
    tells_sockets: bool = True

    def watch(self) -> AuditWatch:
        return AuditWatch(self.log, OWN, Host(self._process, self._uids), self.clock)

    def write(self, line: bytes) -> None:
        with self.log.open("ab") as file:
            file.write(line + b"\n")

    def stamp(self) -> tuple[int, int]:
        self.serial += 1
        return round((self.clock() - EPOCH).total_seconds() * 1000), self.serial

    def breaks(self) -> None:
        """The daemon starts."""
        millis, serial = self.stamp()
        self.write(b"type=DAEMON_START msg=audit(%d.%03d:%d): op=start" % (millis // 1000, millis % 1000, serial))

    def connect(self, uid: int, *, auid: int = 2**32 - 1, pid: int = 0, container: str | None = None) -> Client:
        """A process of the user connects, and stays."""
        millis, serial = self.stamp()
        client = Client(pid or 1000 + serial, uid, serial, container)
        self.clients[client.pid] = client
        if self.is_recorded:
            self.write(connected(millis, serial, client.pid, uid, auid))
        return client

    def connect_own(self) -> None:
        """The program itself asks the engine."""
        millis, serial = self.stamp()
        self.write(connected(millis, serial, 1, OWN.uid, exe=OWN.exe))

    def end(self, client: Client) -> None:
        del self.clients[client.pid]

    def rotate(self) -> None:
        newest = self.log.with_name(f"{self.log.name}.1")
        if newest.exists():
            newest.rename(self.log.with_name(f"{self.log.name}.2"))
        self.log.rename(newest)
        self.log.touch()

    def _process(self, pid: int) -> Process | None:
        client = self.clients.get(pid)
        return None if client is None else Process(client.started, client.container)

    def _uids(self) -> frozenset[int]:
        if not self.tells_sockets:
            raise OSError(2, "no unix_diag")
        return frozenset({client.uid for client in self.clients.values()} | {OWN.uid})
