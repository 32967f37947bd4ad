"""Picks the records that say who connected to Docker's socket.

An event has several records with one stamp. `SYSCALL` says who, by which program and whether it succeeded, and has the
rule's key. The others are not needed: `SOCKADDR` and `PATH` have the socket under the name that the client called it
(in a container another one), and `PROCTITLE` is the command line, where people write passwords.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.docker_quota.attribution.suspects import Connection
from app.docker_quota.audit.records import Record, find_number, find_record, find_uid, keys_of, text_of

SOCKET_KEY = "docker-socket"
_CALL = b"type=SYSCALL "
_BREAKS = (b"type=DAEMON_START ", b"type=DAEMON_END ", b"type=DAEMON_ABORT ", b"type=CONFIG_CHANGE ")


@dataclass(frozen=True, slots=True)
class Events:
    """Connections, in the order of the log. `begins_at` is the moment of the first record, None where there is none.

    `broken_at` is when auditd last started or stopped, or rules changed, None where they did not: what happened before
    may not have been recorded.
    """

    connections: tuple[Connection, ...]
    begins_at: datetime | None
    broken_at: datetime | None


def events_of(lines: Iterable[bytes]) -> Events:
    """What those lines of the log say. Lines that are no records are passed over."""
    connections: list[Connection] = []
    begins_at: datetime | None = None
    broken_at: datetime | None = None
    for line in lines:
        kind = line[max(0, line.find(b"type=")) :]  # `node=NAME ` may stand before it
        is_break = kind.startswith(_BREAKS)
        is_wanted = is_break or kind.startswith(_CALL) or begins_at is None
        record = find_record(line) if is_wanted else None
        if record is None:
            continue
        begins_at = begins_at or record.at
        if is_break:
            broken_at = record.at
        elif kind.startswith(_CALL) and (connection := _find_connection(record)) is not None:
            connections.append(connection)
    return Events(tuple(connections), begins_at, broken_at)


def _find_connection(call: Record) -> Connection | None:
    """None where it is no successful connect(2) of the rule's."""
    if SOCKET_KEY not in keys_of(call) or call.fields.get("success") != b"yes":
        return None
    pid, uid = find_number(call, "pid"), find_uid(call, "uid")
    if pid is None or uid is None:
        return None
    return Connection(call.at, call.serial, pid, find_uid(call, "auid"), uid, text_of(call.fields.get("exe", b"")))
