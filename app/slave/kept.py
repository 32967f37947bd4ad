"""Readings in memory: fresh ones for all who ask, and the last good one of a device that is stuck."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from app.quota.values import Device, DeviceUsage
from app.slave.render import DeviceReading, Part
from app.web.wire import iso_utc


@dataclass(frozen=True, slots=True)
class Kept:
    """A reading of the device as it was described then, with the generation that it shows at least."""

    device: Device
    usage: DeviceUsage
    reading: DeviceReading
    generation: int
    read_at: datetime
    good_for: timedelta


class KeptReadings:
    """The last good reading of each device, by name. One of another filesystem of the same name is none."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def keep(self, kept: Kept) -> None:
        """Keeps it in place of an earlier one."""
        self._kept[kept.device.name] = kept

    def drop(self, name: str) -> None:
        """Forgets it: the device failed, or is gone, and may be another one when it is back."""
        self._kept.pop(name, None)

    def find(self, device: Device) -> Kept | None:
        """The last good reading of this very device: of this type, mounted as now."""
        kept = self._kept.get(device.name)
        return kept if kept is not None and _identity(kept.device) == _identity(device) else None

    def find_named(self, name: str) -> Kept | None:
        """The last good reading under this name, for a device that nobody can describe now."""
        return self._kept.get(name)

    def find_fresh(self, device: Device, generation: int, now: datetime) -> DeviceReading | None:
        """A reading that is recent and shows what was changed since; None where there is none."""
        kept = self.find(device)
        if kept is None or kept.generation < generation or kept.device != device:
            return None
        return kept.reading if timedelta(0) <= now - kept.read_at < kept.good_for else None


def as_late(reading: DeviceReading) -> DeviceReading:
    """The reading, sent again later than it is good for: with an ETag of its own, so that its age is seen."""
    digest = blake2b(reading.head.digest, digest_size=16)
    digest.update(iso_utc(reading.measured_at).encode())
    return replace(reading, head=Part(reading.head.pieces, digest.digest()))


def _identity(device: Device) -> tuple[object, ...]:
    """What is another for another filesystem of the same name, as far as it is seen without touching it."""
    return device.kind, device.fstype, device.mount_points, device.opts
