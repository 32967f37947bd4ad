"""Whether the audit log tells who connects to Docker's socket: tried out, by connecting."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.docker_quota.audit.events import events_of
from app.docker_quota.audit.log import LogProblem, read_piece, skip_to_end
from app.slave.doctor.docker import DEFAULT_SOCKET, OTHERS, mode_of, ping
from app.slave.doctor.findings import Finding, quoted, warning

RECORD_SECONDS = 2.0
"""How long a record may take. Seen were 16 ms."""
_POLL_SECONDS = 0.05
_WHY = "Whose containers are that are made at Docker's own socket is not known: they count for nobody."


@dataclass(frozen=True, slots=True)
class Audit:
    """What became of a connection. `is_needed`: others than root may use the socket. `is_recorded`: it is in the log.

    `problem` is why the log cannot be read.
    """

    log: Path
    is_needed: bool
    is_recorded: bool
    problem: LogProblem | None


def of_audit(audit: Audit) -> Iterator[Finding]:
    """What is wrong with it. A socket of root's alone, behind the proxy, needs no log."""
    if not audit.is_needed:
        return
    if audit.problem is not None:
        is_forbidden = audit.problem.code == "forbidden"
        yield warning(
            "audit_log_unreadable",
            str(audit.log),
            found=audit.problem.detail,
            why=_WHY,
            mend="log_group in /etc/audit/auditd.conf: a group of this user; then service auditd restart"
            if is_forbidden
            else "apt-get install auditd   # or set DOCKER_AUDIT_LOG",
        )
    elif not audit.is_recorded:
        yield warning(
            "audit_rule_missing",
            str(audit.log),
            found="a connection to Docker's socket left no record in it",
            why=_WHY,
            mend=f"cp deploy/auditd-docker-quota.rules {quoted('/etc/audit/rules.d/')} && augenrules --load",
        )


def look_at_audit(host: str | None, log: Path, patience_seconds: float = RECORD_SECONDS) -> Audit:
    """Connects to the engine, and waits so long for the record of that. `host` as in DOCKER_HOST."""
    socket = (host or DEFAULT_SOCKET).removeprefix("unix://")
    is_needed = bool(mode_of(socket) & OTHERS)
    start = skip_to_end(log)
    if not is_needed or start.problem is not None or ping(socket):
        return Audit(log, is_needed, is_recorded=True, problem=start.problem)
    until = time.monotonic() + patience_seconds
    while True:
        piece = read_piece(log, start.end)
        if any(each.pid == os.getpid() for each in events_of(piece.lines).connections):
            return Audit(log, is_needed, is_recorded=True, problem=piece.problem)
        if time.monotonic() > until:
            return Audit(log, is_needed, is_recorded=False, problem=piece.problem)
        time.sleep(_POLL_SECONDS)
