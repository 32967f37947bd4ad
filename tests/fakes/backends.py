"""Backends that misbehave, each in one named way, around one that behaves."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Event

from app.quota.backend import QuotaBackend
from app.quota.errors import DeviceUnavailableError
from app.quota.values import Device, DeviceUsage, GracePeriods, Limits, Quota, QuotaType


class BackendAround:
    """Passes every call on to another backend, after `before` has had its way with it."""

    def __init__(self, inner: QuotaBackend, name: str | None = None) -> None:
        self.inner = inner
        self.name = name or inner.name
        self.calls: list[str] = []

    def before(self, call: str) -> None:
        """What is wrong with this backend: raises, waits, or nothing."""

    def _called(self, call: str) -> QuotaBackend:
        self.calls.append(call)
        self.before(call)
        return self.inner

    def list_devices(self) -> Sequence[Device]:
        return self._called("list_devices").list_devices()

    def get_usage(self, device: str) -> DeviceUsage:
        return self._called("get_usage").get_usage(device)

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        return self._called("iter_quotas").iter_quotas(device, quota_type)

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        return self._called("get_quota").get_quota(device, quota_type, quota_id)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        return self._called("set_limits").set_limits(device, quota_type, quota_id, block=block, inode=inode)

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        return self._called("get_grace_periods").get_grace_periods(device, quota_type)

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        self._called("set_grace_periods").set_grace_periods(device, quota_type, periods)


class SlowBackend(BackendAround):
    """Answers rightly, each time so many seconds late. Lists its devices at once, as a real one does."""

    def __init__(self, inner: QuotaBackend, seconds: float, name: str | None = None) -> None:
        super().__init__(inner, name)
        self.seconds = seconds

    def before(self, call: str) -> None:
        if call != "list_devices":
            time.sleep(self.seconds)


class DownBackend(BackendAround):
    """Lists its devices and cannot reach any of them, while `down`; not even the list while `list_fails`."""

    def __init__(self, inner: QuotaBackend, name: str | None = None, *, list_fails: bool = False) -> None:
        super().__init__(inner, name)
        self.down = True
        self.list_fails = list_fails

    def before(self, call: str) -> None:
        if self.down and (call != "list_devices" or self.list_fails):
            raise DeviceUnavailableError("The device is down.")


class HangingBackend(BackendAround):
    """Hangs in every call but the list of devices until it is released; `entered` tells that a call hangs."""

    def __init__(self, inner: QuotaBackend, name: str | None = None) -> None:
        super().__init__(inner, name)
        self.entered = Event()
        self._released = Event()

    def before(self, call: str) -> None:
        if call != "list_devices" and not self._released.is_set():
            self.entered.set()
            self._released.wait()

    def release(self) -> None:
        """Let every hanging call, and all that follow, through."""
        self._released.set()

    def hang(self) -> None:
        """Hang again from the next call on."""
        self.entered.clear()
        self._released.clear()


class HangingListBackend(BackendAround):
    """Hangs in the list of devices alone, while told to: a tool that lists hangs, the devices are well."""

    def __init__(self, inner: QuotaBackend, name: str | None = None) -> None:
        super().__init__(inner, name)
        self._released = Event()
        self._released.set()

    def before(self, call: str) -> None:
        if call == "list_devices":
            self._released.wait()

    def hang(self) -> None:
        """Hang from the next call on."""
        self._released.clear()

    def release(self) -> None:
        """Let every hanging call, and all that follow, through."""
        self._released.set()


class RemountingBackend(HangingBackend):
    """Lists its devices at whatever mount point it is told."""

    mounted_at: str | None = None

    def list_devices(self) -> Sequence[Device]:
        devices = super().list_devices()
        return [replace(each, mount_points=(self.mounted_at,)) for each in devices] if self.mounted_at else devices
