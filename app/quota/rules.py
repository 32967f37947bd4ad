"""Rules for limits that hold whatever the mechanism is."""

from app.quota.errors import FieldFault, InvalidInputError, NotSupportedError
from app.quota.units import KIB
from app.quota.values import Capabilities, Limits


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
