"""Who had a connection to Docker's socket at a moment: the audit log, followed, and what became of the processes in it.

Nothing is stored: a process that starts reads the log that is there, from its beginning.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.docker_quota.attribution.suspects import (
    Connection,
    Own,
    Suspects,
    suspects_at,
    without_forgotten,
    without_needless,
)
from app.docker_quota.audit.events import events_of
from app.docker_quota.audit.log import LogProblem, Position, read_piece
from app.docker_quota.audit.open_sockets import uids_connected_to
from app.docker_quota.audit.processes import Process, find_process, own_process
from app.quota.clock import Clock

SETTLE = timedelta(seconds=2)
"""A record stands in the log within milliseconds of its call; auditd itself gives an event two seconds."""
KEPT = timedelta(hours=1)
"""How long after its end a connection is remembered."""
OLD = timedelta(days=1)
"""A connection that was made unrecorded, kept longer than this, and ended before anybody looked, is thought away."""
_MOST_PIECES = 64


@dataclass(frozen=True, slots=True)
class Host:
    """What is asked of the machine besides the log. Both may be slow for a moment, and hang on nothing.

    `find_process` tells the process of a number, None where there is none. `uids_connected` tells who has the socket
    open now; OSError: that cannot be told.
    """

    find_process: Callable[[int], Process | None]
    uids_connected: Callable[[], frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Hidden:
    connection: Connection
    noticed_at: datetime

    def is_explained_by(self, late: Connection) -> bool:
        """Whether it was that connection of the very moment, whose record was not written yet."""
        return self.noticed_at - SETTLE <= late.at <= self.noticed_at


class AuditWatch:
    """Follows one audit log. For one thread; `look` first, then `find_suspects` for what has happened since."""

    def __init__(self, path: Path, own: Own, host: Host, clock: Clock) -> None:
        self._path, self._own, self._host, self._clock = path, own, host, clock
        self._position: Position | None = None
        self._connections: tuple[Connection, ...] = ()
        self._started: dict[int, Process] = {}
        self._hidden: dict[int, _Hidden] = {}
        self._complete_since: datetime | None = None
        self._broken_at: datetime | None = None
        self.read_until: datetime | None = None
        """What happened until then has been read; None as long as the whole log has not."""
        self.problem: LogProblem | None = None
        """Why the log could not be read at the last look, None where it could."""

    @classmethod
    def of_this_host(cls, path: Path, docker_socket: str, clock: Clock) -> "AuditWatch":
        """One for the engine whose socket is bound at that path."""
        host = Host(find_process, lambda: uids_connected_to(docker_socket))
        return cls(path, own_process(), host, clock)

    def look(self) -> None:
        """Reads what is new, and looks which processes there still are. What is left of a long log comes next time."""
        began_at = self._clock()
        connected = self._uids_connected()
        new: list[Connection] = []
        for _ in range(_MOST_PIECES):
            piece = read_piece(self._path, self._position)
            self.problem = piece.problem
            if piece.problem is not None:
                return
            self._position = piece.end
            new += self._add(piece.lines, is_gap=piece.is_gap)
            if piece.is_all:
                self.read_until = began_at - SETTLE
                break
        self._look_for_ends()
        if connected is not None:
            self._look_for_hidden(connected, new, began_at)
        self._settle_breaks(None if connected is None else began_at)
        self._forget(began_at - KEPT)

    def find_suspects(self, moment: datetime) -> Suspects | None:
        """Everybody who may have sent a request that took effect then.

        None where the log cannot say: it begins later, or is not read that far yet (`read_until`): ask again after the
        next look.
        """
        since, until = self._complete_since, self.read_until
        if since is None or until is None or not since <= moment <= until:
            return None
        return suspects_at(moment, (*self._connections, *(each.connection for each in self._hidden.values())))

    def _add(self, lines: Iterable[bytes], *, is_gap: bool) -> Sequence[Connection]:
        events = events_of(lines)
        is_beginning = is_gap or (self._complete_since is None and self._broken_at is None)
        begins_at = events.begins_at or (self._clock() if is_gap else None)
        for moment in (begins_at if is_beginning else None, events.broken_at):
            self._broken_at = max(filter(None, (self._broken_at, moment)), default=None)
        new = tuple(each for each in events.connections if not self._own.made(each))
        self._connections += new
        return new

    def _settle_breaks(self, sockets_seen_at: datetime | None) -> None:
        """Who connected unrecorded is known from when the sockets were looked at, or is thought to have gone."""
        if self._broken_at is not None:
            known = [self._broken_at + OLD, *filter(None, [sockets_seen_at])]
            self._complete_from(min(known))
            self._broken_at = None

    def _complete_from(self, moment: datetime) -> None:
        """What was before that moment cannot be told any more."""
        self._complete_since = max(self._complete_since or moment, moment)

    def _look_for_ends(self) -> None:
        there = {each.pid for each in self._connections if each.gone_at is None and self._is_there(each.pid)}
        now = self._clock()
        containers = {pid: self._started[pid].container for pid in there}
        self._connections = without_needless(
            each
            if each.gone_at is not None
            else replace(each, container=containers[each.pid])
            if each.pid in there
            else replace(each, gone_at=now)
            for each in self._connections
        )
        self._started = {pid: self._started[pid] for pid in there}

    def _is_there(self, pid: int) -> bool:
        """Whether it is the process that it was at the first look."""
        process = self._host.find_process(pid)
        return process is not None and self._started.setdefault(pid, process).started == process.started

    def _uids_connected(self) -> frozenset[int] | None:
        try:
            return self._host.uids_connected()
        except OSError:
            return None

    def _look_for_hidden(self, connected: frozenset[int], new: Sequence[Connection], at: datetime) -> None:
        """Users with a connection that no record explains: it is older than the log, or than the rule."""
        explained = {each.uid for each in self._connections if each.gone_at is None}
        explained |= {each.uid for each in new if each.at >= at - SETTLE}
        for uid in connected - explained - {self._own.uid} - self._hidden.keys():
            connection = Connection(datetime.min.replace(tzinfo=at.tzinfo), 0, 0, None, uid, "")
            self._hidden[uid] = _Hidden(connection, at)
        for uid, hidden in list(self._hidden.items()):
            if any(each.uid == uid and hidden.is_explained_by(each) for each in new):
                del self._hidden[uid]
            elif uid not in connected and hidden.connection.gone_at is None:
                self._hidden[uid] = replace(hidden, connection=replace(hidden.connection, gone_at=self._clock()))

    def _forget(self, before: datetime) -> None:
        kept = without_forgotten(self._connections, before)
        hidden = {uid: each for uid, each in self._hidden.items() if without_forgotten([each.connection], before)}
        if len(kept) + len(hidden) < len(self._connections) + len(self._hidden):
            self._complete_from(before)
        self._connections, self._hidden = kept, hidden
