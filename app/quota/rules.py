"""Rules for limits that hold whatever the mechanism is."""

from app.quota.errors import FieldFault, InvalidInputError, NotSupportedError
from app.quota.units import KIB
from app.quota.values import Capabilities, GracePeriods, Limits

MAX_ID = 2**32 - 2
"""The largest id: 2³²−1 is the kernel's "no id" (include/linux/uidgid.h, INVALID_UID)."""
MAX_GRACE_SECONDS = 2**32 - 1
"""The longest grace period: quota formats keep 32 bits (fs/quota/quotaio_v2.h, struct v2_disk_dqinfo)."""


def check_limits(block: Limits, inode: Limits) -> None:
    """Refuse a soft limit above the hard limit that would stand. Raises InvalidInputError naming the field."""
    faults = []
    for resource, limits, unit in (("block", block, KIB), ("inode", inode, 1)):
        if limits.soft is not None and limits.hard is not None and limits.soft > limits.hard:
            found, most = limits.soft // unit, limits.hard // unit
            faults.append(FieldFault(f"{resource}_soft_limit", str(found), f"at most the hard limit, {most}"))
    if faults:
        raise InvalidInputError("The soft limit is above the hard limit.", fields=faults)


def check_supported(capabilities: Capabilities, block: Limits, inode: Limits) -> None:
    """Refuse limits that the device cannot keep. Raises NotSupportedError naming the field."""
    faults = []
    for resource, limits in (("block", block), ("inode", inode)):
        if not capabilities.soft_limits and limits.soft is not None:
            faults.append(FieldFault(f"{resource}_soft_limit", "a limit", "0: the device has no soft limits"))
    if not capabilities.inode_limits and inode.hard is not None:
        faults.append(FieldFault("inode_hard_limit", "a limit", "0: the device has no inode limits"))
    if faults:
        raise NotSupportedError("The device does not support this limit.", fields=faults)


def check_id(quota_id: int) -> None:
    """Refuse what is no id of a user, group or project. Raises InvalidInputError."""
    if type(quota_id) is not int or not 0 <= quota_id <= MAX_ID:
        fault = FieldFault("id", str(quota_id), f"an integer from 0 to {MAX_ID}")
        raise InvalidInputError("The id is out of range.", fields=[fault])


def check_range(block: Limits, inode: Limits, *, most_block_bytes: int, most_inodes: int) -> None:
    """Refuse a limit that is no whole number from 1 up to what the format holds.

    Raises InvalidInputError naming the field and the maximum in the wire's units. A limit of 0 would mean
    unlimited to the kernel: inside, that is None.
    """
    faults = []
    for resource, limits, unit, most in (("block", block, KIB, most_block_bytes), ("inode", inode, 1, most_inodes)):
        for which, limit in (("soft", limits.soft), ("hard", limits.hard)):
            if limit is not None and (type(limit) is not int or not 1 <= limit <= most):
                found = limit // unit if type(limit) is int else limit
                faults.append(FieldFault(f"{resource}_{which}_limit", str(found), f"an integer up to {most // unit}"))
    if faults:
        raise InvalidInputError("The limit is above what this device can hold, or no limit at all.", fields=faults)


def check_periods(periods: GracePeriods) -> None:
    """Refuse grace periods that are no seconds from 1 to what quota formats hold. Raises InvalidInputError."""
    faults = [
        FieldFault(field, str(seconds), f"an integer from 1 to {MAX_GRACE_SECONDS}")
        for field, seconds in (("block_grace", periods.block_seconds), ("inode_grace", periods.inode_seconds))
        if type(seconds) is not int or not 1 <= seconds <= MAX_GRACE_SECONDS
    ]
    if faults:
        raise InvalidInputError("The grace period is out of range.", fields=faults)
