"""Which processes there still are, and the containers that they are in, by proc(5)."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from app.docker_quota.attribution.suspects import Own
from app.docker_quota.audit.records import UNSET

_STATE, _START = 0, 19
"""Fields 3 and 22 of `/proc/PID/stat`, counted after the name, which ends at the last bracket."""
_ENDED = frozenset("ZXx")
_CONTAINER = re.compile(r"(?:/docker/|/docker-|/libpod-)([0-9a-f]{64})(?:\.scope)?(?:/|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Process:
    """`started` tells it from a later process of the same number: clock ticks since the machine started.

    `container` is the id of the container that it is in.
    """

    started: int
    container: str | None


def find_process(pid: int, proc: Path = Path("/proc")) -> Process | None:
    """The process of that number, None where it has ended. Where its control group cannot be read, in no container."""
    try:
        fields = (proc / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        if len(fields) <= _START or fields[_STATE] in _ENDED:
            return None
        groups = (proc / str(pid) / "cgroup").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError:
        groups = ""
    found = _CONTAINER.search(groups)
    return Process(int(fields[_START]), found[1] if found else None)


def own_process(proc: Path = Path("/proc")) -> Own:
    """This process, as the audit log sees it."""
    auid = int((proc / "self" / "loginuid").read_text("ascii"))
    return Own(None if auid == UNSET else auid, os.getuid(), str((proc / "self" / "exe").readlink()))
