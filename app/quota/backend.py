"""The interface of a quota mechanism: the seam behind which kernel, ZFS, Btrfs, Docker, areas and mocks stand."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from app.quota.values import Device, DeviceUsage, GracePeriods, Limits, Quota, QuotaType


class QuotaBackend(Protocol):
    """One quota mechanism of this host. Bytes and counts; None is unlimited.

    Every method may block for as long as the mechanism does: callers run it under a deadline of their own. Every
    method is safe to call from several threads. Errors are those of `app.quota.errors`: `BackendError` and its children
    mean "try later", all others will fail again.
    """

    @property
    def name(self) -> str:
        """`kernel`, `zfs`, `btrfs`, `docker`, `area` or `mock`."""

    def list_devices(self) -> Sequence[Device]:
        """The devices that have quotas now, sorted by name. Never touches a device's own filesystem.

        Raises BackendError when the list itself cannot be had: a failing tool is never "no devices".
        """

    def get_usage(self, device: str) -> DeviceUsage:
        """Space of the device. DeviceNotFoundError, DeviceUnavailableError."""

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """All ids that the mechanism knows on the device, ascending, lazily.

        Raises DeviceNotFoundError, DeviceUnavailableError (also in the middle), NotSupportedError (quota type).
        An id that cannot be read fails the iteration; it is never left out.
        """

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """One id's quota. An id never seen has no usage and no limits; that is not an error."""

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """Set all four limits and return the quota as read back from the mechanism. Idempotent.

        InvalidInputError: soft above hard, or above what the format holds. NotSupportedError: a limit that the device's
        capabilities exclude. Nothing is changed then.
        """

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """The device's grace periods. NotSupportedError where there are none."""

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """Set both grace periods. NotSupportedError where there are none or they cannot be set."""
