"""What limits a device can hold, in KiB and counts, and whether it holds what it was told."""

from app.backends.kernel.syscall import QuotaRow
from app.quota.errors import DeviceUnavailableError
from app.quota.rules import check_range
from app.quota.units import KIB, kib_from_bytes
from app.quota.values import Device, Limits, QuotaType

_MOST = {"vfsv1": (2**53 - 1, 2**63 - 1), "vfsv0": (2**32 - 1, 2**32 - 1), "xfs": (2**53 - 64, 2**63 - 1)}
"""Block limit in KiB and inode limit. fs/quota/quota_v2.c, v2_read_file_info: vfsv1 keeps bytes up to 2⁶³−1, vfsv0 32
bits of KiB. Beyond, the kernel says ERANGE or, from 2⁵⁴ KiB on, keeps what is left after an overflow. XFS keeps blocks
of the filesystem, gives 2⁶³ bytes back as garbage, and rounds up to at most 64 KiB; its inode limits go to 2⁶⁴−1, which
repquota prints as −1."""
_XFS_LARGEST_BLOCK_KIB = 64


def check_holds(device: Device, quota_type: QuotaType, block: Limits, inode: Limits) -> None:
    """Refuse limits that the device's quota format cannot hold. InvalidInputError names field and maximum."""
    quota_format = device.quota_formats.get(quota_type, "vfsv1")
    most_kib, most_inodes = _MOST.get(quota_format, _MOST["vfsv0"])
    check_range(block, inode, most_block_bytes=most_kib * KIB, most_inodes=most_inodes)


def row_with(row: QuotaRow, block: Limits, inode: Limits) -> QuotaRow:
    """The row with these limits in the kernel's units; bytes are rounded up to KiB."""
    block_hard, block_soft = kib_from_bytes(block.hard), kib_from_bytes(block.soft)
    return (block_hard, block_soft, row[2], inode.hard or 0, inode.soft or 0, *row[5:])


def check_stands(device: Device, wanted: QuotaRow, stands: QuotaRow) -> None:
    """Raise DeviceUnavailableError unless the limits that stand are those wanted, up to XFS's rounding to blocks."""
    slack = _XFS_LARGEST_BLOCK_KIB if device.fstype == "xfs" else 1
    rounded = all(
        0 <= there - asked < slack and bool(there) == bool(asked)
        for asked, there in zip(wanted[:2], stands[:2], strict=True)
    )
    if not rounded or wanted[3:5] != stands[3:5]:
        raise DeviceUnavailableError(f"{device.name} took the limits of id {wanted[8]}, and others stand there.")
