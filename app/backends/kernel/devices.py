"""From mounted filesystems to devices: which quotas the kernel keeps there, and by which path it is asked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.backends.kernel import quotactl
from app.backends.kernel.mounts import MountedDevice, States
from app.quota.errors import DeviceUnavailableError, NotSupportedError
from app.quota.values import Capabilities, Device, DeviceKind, QuotaState, QuotaType

_BLOCK_DEVICES = Path("/sys/dev/block")


@dataclass(frozen=True, slots=True)
class KernelDevice:
    """A device with quotas, how it is mounted, and the path that quotactl(2) takes for it."""

    device: Device
    mounted: MountedDevice
    path: str

    def check_readable(self, quota_type: QuotaType) -> None:
        """Raise DeviceUnavailableError where this type is switched off, NotSupportedError where there is none."""
        if quota_type in self.device.capabilities.quota_types:
            return
        if quota_type in self.device.quota_states:
            raise DeviceUnavailableError(
                f"The {quota_type} quotas of {self.device.name} are switched off. {self._hint()}"
            )
        raise NotSupportedError(f"{self.device.name} has no {quota_type} quotas that can be read.")

    def check_any_readable(self) -> None:
        """Raise DeviceUnavailableError where all quotas are switched off."""
        if not self.device.capabilities.quota_types:
            raise DeviceUnavailableError(f"All quotas of {self.device.name} are switched off. {self._hint()}")

    def _hint(self) -> str:
        if "ro" in self.device.opts:
            return "It is mounted read-only."
        return "quotaon(8) switches them on." if self.device.fstype == "ext4" else "Mounting it anew switches them on."


def find_kernel_device(mounted: MountedDevice) -> KernelDevice | None:
    """The device as it is now; None where the kernel keeps no quotas and no mount option asks for them.

    Where the kernel cannot be asked, because the device's node is missing, the mount options are believed.
    """
    path = _path(mounted)
    states = quota_states(mounted.told, quotactl.find_states(path))
    formats = {its: found for its in _readable(states) if (found := _find_format(mounted, path, its))}
    return _kernel_device(mounted, path, states, formats)


def believed_device(mounted: MountedDevice) -> KernelDevice | None:
    """The device as its mount options tell, without asking the kernel: for one that does not answer."""
    formats = dict.fromkeys(_readable(mounted.told), mounted.told_format) if mounted.told_format else {}
    return _kernel_device(mounted, mounted.paths[0], mounted.told, formats)


def _readable(states: States) -> tuple[QuotaType, ...]:
    return tuple(its for its in QuotaType if states.get(its, QuotaState.OFF) is not QuotaState.OFF)


def _kernel_device(
    mounted: MountedDevice, path: str, states: States, formats: Mapping[QuotaType, str]
) -> KernelDevice | None:
    if not states:
        return None
    capabilities = Capabilities(
        _readable(states),
        soft_limits=True,
        inode_limits=True,
        grace_periods=True,
        enforced_by_kernel=QuotaState.ON in states.values(),
    )
    device = Device(
        mounted.name,
        DeviceKind.BLOCK,
        mounted.fstype,
        capabilities,
        mounted.mount_points,
        mounted.opts,
        formats,
        states,
    )
    return KernelDevice(device, mounted, path)


def quota_states(told: States, kept: States | None) -> States:
    """What holds of the types that options tell and the kernel keeps; what only options tell is off.

    None for `kept`: the kernel could not be asked, and the options are believed.
    """
    if kept is None:
        return told
    return {its: kept.get(its, QuotaState.OFF) for its in QuotaType if its in told or its in kept}


def block_device_names(number: int, sysfs: Path = _BLOCK_DEVICES) -> tuple[str, ...]:
    """The names of a block device by its number, as the kernel knows it: that of the device mapper before `/dev/dm-0`.

    Names as udev makes them: dm/name in sysfs is what stands below /dev/mapper, and `!` there is `/` below /dev.
    """
    entry = sysfs / f"{os.major(number)}:{os.minor(number)}"
    try:
        names = (f"/dev/{entry.resolve(strict=True).name.replace('!', '/')}",)
    except OSError:
        return ()
    try:
        mapped = (entry / "dm" / "name").read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return names
    return (f"/dev/mapper/{mapped}", *names)


def _path(mounted: MountedDevice) -> str:
    """The first of the device's paths that is a node of it: /dev may be sparse in a container."""
    for path in mounted.paths:
        try:
            if Path(path).stat().st_rdev == mounted.number:
                return path
        except OSError:
            continue
    return mounted.paths[0]


def _find_format(mounted: MountedDevice, path: str, quota_type: QuotaType) -> str | None:
    told = mounted.told_format
    return told if mounted.fstype == "xfs" else quotactl.find_format(path, quota_type) or told
