"""What this process may do: capabilities, system call filters, user namespaces."""

import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.backends.kernel import syscall
from app.quota.values import QuotaType
from app.slave.doctor.findings import Finding, error

STATUS = Path("/proc/self/status")
UID_MAP = Path("/proc/self/uid_map")
_CAP_SYS_ADMIN = 21
_ALL_UIDS = ["0", "0", "4294967295"]
_NOWHERE = "/nonexistent/qman-doctor"
_UNIT = "systemctl edit qman-slave"


@dataclass(frozen=True, slots=True)
class Process:
    """A process as the kernel sees it. `answer` is quotactl(2)'s errno for a device that is not there, or -signal."""

    uid: int
    is_capable: bool
    may_become_capable: bool
    in_user_namespace: bool
    answer: int


def of_process(process: Process, *, asks_quotactl: bool = True) -> Iterator[Finding]:
    """Why the kernel would refuse to read and set quotas. `asks_quotactl`: those of ext4 and XFS are wanted."""
    if not process.is_capable:
        yield _without_capability(process)
    if process.is_capable and process.in_user_namespace:
        yield error(
            "user_namespace",
            "this process",
            found="it runs in a user namespace (a rootless container, or PrivateUsers=yes)",
            why="CAP_SYS_ADMIN counts only inside of it, and quotas are outside.",
            mend=f"{_UNIT}   # [Service] PrivateUsers=no",
        )
    if not asks_quotactl:
        return
    if process.answer < 0 or process.answer in {errno.EPERM, errno.EACCES}:
        how = f"signal {-process.answer}" if process.answer < 0 else os.strerror(process.answer)
        yield error(
            "quotactl_filtered",
            "this process",
            found=f"quotactl(2) ends in {how}, whatever it is asked",
            why="A filter of system calls stands between the slave and the kernel: no quota can be read or set.",
            mend=f"{_UNIT}   # [Service] SystemCallFilter=quotactl quotactl_fd",
        )
    if process.answer == errno.ENOSYS:
        yield error(
            "quotactl_missing",
            "this process",
            found="there is no quotactl(2) in this kernel, or a filter of system calls hides it",
            why="No quota of ext4 or XFS can be read or set.",
            mend=f"{_UNIT}   # [Service] SystemCallFilter=quotactl quotactl_fd; else a kernel with CONFIG_QUOTA=y",
        )


def _without_capability(process: Process) -> Finding:
    if process.may_become_capable:
        bounded, also = "", "; started by hand: sudo"
    else:
        bounded = " and cannot get it: the unit or the container has taken it away"
        also = " CapabilityBoundingSet=CAP_SYS_ADMIN"
    return error(
        "no_capability",
        "this process",
        found=f"uid {process.uid} has no CAP_SYS_ADMIN{bounded}",
        why="The kernel tells quotas of others to holders of CAP_SYS_ADMIN alone, and lets nobody else set them.",
        mend=f"{_UNIT}   # [Service] AmbientCapabilities=CAP_SYS_ADMIN{also}",
    )


def look_at_process() -> Process:
    """This process."""
    fields = dict(line.split(":\t", 1) for line in STATUS.read_text(encoding="utf-8").splitlines() if ":\t" in line)
    effective, bounding = (bool(int(fields[name], 16) >> _CAP_SYS_ADMIN & 1) for name in ("CapEff", "CapBnd"))
    in_namespace = UID_MAP.read_text(encoding="utf-8").split() != _ALL_UIDS
    return Process(os.geteuid(), effective, bounding, in_namespace, _ask_quotactl())


def _ask_quotactl() -> int:
    """Asked in a child, which a filter may kill. A filter decides by the call; without one the answer is ENOENT."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 0
        try:
            syscall.get_format(_NOWHERE, QuotaType.USER)
        except OSError as problem:
            status = problem.errno or 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
