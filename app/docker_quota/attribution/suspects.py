"""Who may have sent a request to Docker at a moment: everybody who had a connection to its socket then.

No Docker event says who caused it, and the nearest connection in time is the wrong user's as soon as two are at work:
an SDK keeps one connection for a hundred requests. So each connection counts from the moment it was made until its
process is known to have gone, not for some minutes around the event.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.docker_quota.attribution.evidence import persons_of

LINGER = timedelta(seconds=5)
"""How long dockerd may still work on a request whose client has gone. From connect to event 600 ms were seen."""
CLOCK_SLACK = timedelta(milliseconds=100)
"""Audit records have the kernel's coarse clock."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One successful connect(2) to Docker's socket. `auid` is None where nobody logged in, `exe` the program's path.

    `container` is the id of the container that the process is in, None outside of them or where it had ended before
    anybody looked. `gone_at` is when the process was first seen to have ended; it may have ended any time before.
    """

    at: datetime
    serial: int
    pid: int
    auid: int | None
    uid: int
    exe: str
    container: str | None = None
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """qman itself, which asks Docker all the time and makes nothing: as the audit log sees its processes."""

    auid: int | None
    uid: int
    exe: str

    def made(self, connection: Connection) -> bool:
        """Whether it is one of qman's own. Only who is the same user, logged in as the same, could pass for it."""
        return (connection.auid, connection.uid, connection.exe) == (self.auid, self.uid, self.exe)


@dataclass(frozen=True, slots=True)
class Suspects:
    """Everybody who may have sent a request: users of the host, and containers that have the socket in them."""

    uids: frozenset[int]
    containers: frozenset[str]


def suspects_at(moment: datetime, connections: Iterable[Connection]) -> Suspects:
    """Who may have sent a request that took effect at that moment."""
    uids: set[int] = set()
    containers: set[str] = set()
    for each in connections:
        is_made = each.at <= moment + CLOCK_SLACK
        is_gone = each.gone_at is not None and each.gone_at + LINGER < moment
        if not is_made or is_gone:
            continue
        if each.container is not None:
            containers.add(each.container)
        else:
            uids |= persons_of(each.auid, each.uid)
    return Suspects(frozenset(uids), frozenset(containers))


def without_needless(connections: Iterable[Connection]) -> tuple[Connection, ...]:
    """Those that say as much as all of them, in their order.

    The first connection of a process says as much as its later ones. Of those that have ended and were seen to at the
    same moment, the first of each user does.
    """
    first: dict[tuple[int | None, int, str | None, int | datetime], Connection] = {}
    for each in connections:
        first.setdefault((each.auid, each.uid, each.container, each.gone_at or each.pid), each)
    return tuple(first.values())


def without_forgotten(connections: Iterable[Connection], before: datetime) -> tuple[Connection, ...]:
    """Without those that can matter for no moment after `before`."""
    return tuple(each for each in connections if each.gone_at is None or each.gone_at + LINGER >= before)
