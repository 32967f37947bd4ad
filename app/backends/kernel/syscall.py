"""quotactl(2) itself, through ctypes, which gives the interpreter's lock back at each call.

pyquota 0.1.3 keeps that lock while the kernel works: one read of a device that hangs would stop every thread of the
process (docs/adr/0007-bulk-reads-give-the-lock-back.md). It also takes no id above 2³¹−1, sets grace periods only
together with flags, which XFS refuses, and has no text for errnos that the manual page does not list (ENODEV, EIO).
Layouts: linux/quota.h, struct if_nextdqblk and if_dqinfo, and linux/dqblk_xfs.h, struct
fs_quota_statv; on machines that qman runs on (64 bit) they are packed as written here.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Callable, Iterator
from functools import partial

from app.quota.rules import MAX_ID
from app.quota.values import QuotaState, QuotaType

QuotaRow = tuple[int, int, int, int, int, int, int, int, int]
"""As in struct if_dqblk, and as pyquota gives it: block hard and soft limit (KiB), usage (bytes), inode hard and soft
limit, usage, block and inode timer (Unix seconds), id. A limit of 0 is unlimited."""

_Q_GETFMT, _Q_GETINFO, _Q_SETINFO, _Q_GETQUOTA, _Q_SETQUOTA, _Q_GETNEXTQUOTA = range(0x800004, 0x80000A)
_Q_XGETQSTATV = 0x5808
_TYPES = {QuotaType.USER: 0, QuotaType.GROUP: 1, QuotaType.PROJECT: 2}
_SUBCMD_SHIFT = 8
_IIF_BGRACE_AND_IGRACE = 3

QIF_BLIMITS, QIF_ILIMITS = 1, 4
"""Which limits `set_quota` sets."""

_FORMATS = {1: "vfsold", 2: "vfsv0", 4: "vfsv1"}

_COUNTED_AND_ENFORCED = {QuotaType.USER: (1, 2), QuotaType.GROUP: (4, 8), QuotaType.PROJECT: (16, 32)}
"""linux/dqblk_xfs.h, FS_QUOTA_UDQ_ACCT to FS_QUOTA_PDQ_ENFD."""

_STATV = struct.Struct("=bBH")
_STATV_SIZE = 256
_STATV_VERSION = 1
_FMT = struct.Struct("=I")
_DQBLK = struct.Struct("=8Q2I")
_NEXTDQBLK = struct.Struct("=8Q4xI")
_DQINFO = struct.Struct("=2Q2I")

_quotactl = ctypes.CDLL(None, use_errno=True).quotactl
_quotactl.argtypes = (ctypes.c_uint, ctypes.c_char_p, ctypes.c_uint, ctypes.c_void_p)
_quotactl.restype = ctypes.c_int

_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.argtypes = (ctypes.c_long, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
_syscall.restype = ctypes.c_long
_QUOTACTL_FD = 443
"""The number of quotactl_fd(2), which glibc has no function for, on every architecture."""


def get_quota(device: str, quota_type: QuotaType, quota_id: int) -> QuotaRow:
    """The id's row. OSError: ENOENT also for an id that XFS never saw."""
    buffer = ctypes.create_string_buffer(_DQBLK.size)
    _call(_Q_GETQUOTA, device, quota_type, quota_id, buffer)
    return (*_DQBLK.unpack(buffer)[:8], quota_id)


def iter_quotas(device: str, quota_type: QuotaType, quota_id: int = 0) -> Iterator[QuotaRow]:
    """The row of every id from this one up that the device knows, ascending, each read when asked for. OSError."""
    command = _Q_GETNEXTQUOTA << _SUBCMD_SHIFT | _TYPES[quota_type]
    return _iter_next(partial(_quotactl, command, os.fsencode(device)), quota_id)


def iter_quotas_by_mount(descriptor: int, quota_type: QuotaType, quota_id: int = 0) -> Iterator[QuotaRow]:
    """As `iter_quotas`, of the filesystem that the descriptor is of, by quotactl_fd(2).

    The kernel has no path to look up and no list of filesystems to search, which is a third of a call's time.
    OSError: ENOSYS before Linux 5.14, EROFS where the descriptor is of a read-only mount.
    """
    command = _Q_GETNEXTQUOTA << _SUBCMD_SHIFT | _TYPES[quota_type]
    return _iter_next(partial(_syscall, _QUOTACTL_FD, descriptor, command), quota_id)


def _iter_next(call: Callable[..., int], quota_id: int) -> Iterator[QuotaRow]:
    buffer = ctypes.create_string_buffer(_NEXTDQBLK.size)
    unpack = _NEXTDQBLK.unpack
    while quota_id <= MAX_ID:
        if call(quota_id, buffer) != 0:
            error = ctypes.get_errno()
            if error == errno.ENOENT:  # after the last one
                return
            raise OSError(error, os.strerror(error))
        row: QuotaRow = unpack(buffer)
        yield row
        quota_id = row[8] + 1


def set_quota(device: str, quota_type: QuotaType, row: QuotaRow, valid: int) -> None:
    """Set those limits of the row that `valid` names. OSError."""
    buffer = ctypes.create_string_buffer(_DQBLK.pack(*row[:8], valid, 0), _DQBLK.size)
    _call(_Q_SETQUOTA, device, quota_type, row[8], buffer)


def get_grace_seconds(device: str, quota_type: QuotaType) -> tuple[int, int]:
    """Grace periods of blocks and inodes. OSError."""
    buffer = ctypes.create_string_buffer(_DQINFO.size)
    _call(_Q_GETINFO, device, quota_type, 0, buffer)
    block_seconds, inode_seconds, _flags, _valid = _DQINFO.unpack(buffer)
    return block_seconds, inode_seconds


def set_grace_seconds(device: str, quota_type: QuotaType, block_seconds: int, inode_seconds: int) -> None:
    """Set the grace periods of blocks and inodes, and nothing else, which XFS accepts too. OSError."""
    packed = _DQINFO.pack(block_seconds, inode_seconds, 0, _IIF_BGRACE_AND_IGRACE)
    _call(_Q_SETINFO, device, quota_type, 0, ctypes.create_string_buffer(packed, _DQINFO.size))


def get_format(device: str, quota_type: QuotaType) -> str | None:
    """`vfsold`, `vfsv0` or `vfsv1`, None for any other; known in memory, without I/O. OSError: ESRCH on XFS."""
    buffer = ctypes.create_string_buffer(_FMT.size)
    _call(_Q_GETFMT, device, quota_type, 0, buffer)
    return _FORMATS.get(_FMT.unpack(buffer)[0])


def get_states(device: str) -> dict[QuotaType, QuotaState]:
    """Which quota types the kernel keeps there, on ext4 as on XFS, and whether it enforces them; without those off.

    No right is needed, and the kernel answers from memory. OSError: ENOSYS where it keeps none.
    """
    buffer = ctypes.create_string_buffer(_STATV.pack(_STATV_VERSION, 0, 0), _STATV_SIZE)
    _call(_Q_XGETQSTATV, device, QuotaType.USER, 0, buffer)
    flags = _STATV.unpack_from(buffer)[2]
    return {
        its: QuotaState.ON if flags & enforced else QuotaState.NOT_ENFORCED
        for its, (counted, enforced) in _COUNTED_AND_ENFORCED.items()
        if flags & counted
    }


def _call(
    command: int, device: str, quota_type: QuotaType, quota_id: int, buffer: "ctypes.Array[ctypes.c_char]"
) -> None:
    if _quotactl(command << _SUBCMD_SHIFT | _TYPES[quota_type], os.fsencode(device), quota_id, buffer) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), device)
