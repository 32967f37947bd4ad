"""The backend of ZFS: user, group and project quotas of its filesystems."""

from collections.abc import Iterator, Mapping, Sequence

from app.backends.zfs.datasets import Datasets, Sources
from app.backends.zfs.parsing import (
    SPACE_FIELDS,
    USAGE_FIELDS,
    find_quota,
    parse_properties,
    parse_space,
    space_properties,
    usage_of,
)
from app.backends.zfs.tools import DEFAULT_RUN, Run
from app.quota.errors import (
    BackendForbiddenError,
    DeviceNotFoundError,
    DeviceUnavailableError,
    NotSupportedError,
)
from app.quota.rules import check_id, check_limits, check_range, check_supported
from app.quota.values import UNLIMITED, Device, DeviceUsage, GracePeriods, Limits, Quota, QuotaType, ResourceQuota

_MOST = 2**64 - 1
"""The largest limit: ZFS keeps 64 bits (module/zfs/zfs_quota.c, zfs_set_userquota) and refuses more."""
_SPACE: Mapping[QuotaType, tuple[str, ...]] = {
    QuotaType.USER: ("zfs", "userspace", "-Hpn", "-t", "posixuser", "-o", SPACE_FIELDS),
    QuotaType.GROUP: ("zfs", "groupspace", "-Hpn", "-t", "posixgroup", "-o", SPACE_FIELDS),
    QuotaType.PROJECT: ("zfs", "projectspace", "-Hp", "-o", SPACE_FIELDS),
}
"""zfs-userspace(8): projects have no names, so `projectspace` has no `-n`."""
_GET = ("zfs", "get", "-Hp", "-o", "property,value")


class ZfsBackend:
    """A `QuotaBackend` for ZFS filesystems, mounted or not.

    Every figure is ZFS's own, read anew on each call, as of the last transaction group: see `Device.accounting`.
    Limits are hard, exact to the byte, and enforced as late as they are counted.
    """

    name = "zfs"

    def __init__(
        self,
        configured: Sequence[str] = (),
        *,
        timeout_seconds: float,
        run: Run = DEFAULT_RUN,
        sources: Sources = Sources(),  # noqa: B008 - frozen
    ) -> None:
        """`configured`: the datasets that count, none for all. A tool that takes longer than the time is killed."""
        self._datasets = Datasets(configured, run, timeout_seconds, sources)

    def list_devices(self) -> Sequence[Device]:
        """See `QuotaBackend`. A configured dataset is listed also when it is not there: reading it says so."""
        return self._datasets.look()

    def get_usage(self, device: str) -> DeviceUsage:
        """See `QuotaBackend`. A quota of the dataset itself bounds it: see `usage_of`."""
        text = self._tool(self._find(device), *_GET, USAGE_FIELDS)
        return usage_of(parse_properties(text))

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """See `QuotaBackend`."""
        return iter(self._space(self._find_for(device, quota_type), quota_type))

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """See `QuotaBackend`."""
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        return self._read(found, quota_type, quota_id)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """See `QuotaBackend`. DeviceUnavailableError also when ZFS took the limits and others stand."""
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        check_range(block, inode, most_block_bytes=_MOST, most_inodes=_MOST)
        check_limits(block, inode)
        check_supported(found.capabilities, block, inode)
        before = self._read(found, quota_type, quota_id)
        changes = [
            f"{quota_type}{resource}quota@+{quota_id}={'none' if wanted.hard is None else wanted.hard}"
            for resource, wanted, stood in (("", block, before.block.limits), ("obj", inode, before.inode.limits))
            if wanted != stood
        ]
        if not changes:
            return before
        self._tool(found, "zfs", "set", *changes)
        stands = self._read(found, quota_type, quota_id)
        if (stands.block.limits, stands.inode.limits) != (block, inode):
            raise DeviceUnavailableError(f"{device} took the limits of id {quota_id}, and others stand there.")
        return stands

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """See `QuotaBackend`. There are none."""
        self._find_for(device, quota_type)
        raise NotSupportedError("ZFS has no soft limits, so no grace periods.")

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """See `QuotaBackend`. There are none."""
        del periods
        self.get_grace_periods(device, quota_type)

    def _find(self, device: str) -> Device:
        found = self._datasets.find(device)
        if found is None:
            raise DeviceNotFoundError(f"There is no ZFS filesystem {device!r} on this host.")
        return found

    def _find_for(self, device: str, quota_type: QuotaType) -> Device:
        found = self._find(device)
        if quota_type not in found.capabilities.quota_types:
            raise NotSupportedError(f"{device} has no {quota_type} quotas: the pool's feature is not enabled.")
        return found

    def _read(self, device: Device, quota_type: QuotaType, quota_id: int) -> Quota:
        counts_objects = device.capabilities.inode_limits
        asked = ",".join(space_properties(quota_type, quota_id, counts_objects=counts_objects))
        values = parse_properties(self._tool(device, *_GET, asked))
        quota = find_quota(values, quota_type, quota_id, counts_objects=counts_objects)
        if quota is not None:
            return quota
        rows = self._space(device, quota_type)  # says why, or has the row of a dataset that does not count objects yet
        nothing = Quota(quota_id, ResourceQuota(0, UNLIMITED), ResourceQuota(0, UNLIMITED))
        return next((row for row in rows if row.quota_id == quota_id), nothing)

    def _space(self, device: Device, quota_type: QuotaType) -> Sequence[Quota]:
        return parse_space(self._tool(device, *_SPACE[quota_type]))

    def _tool(self, device: Device, *argv: str) -> str:
        """What the tool prints of the dataset. What is refused for want of the key is no want of rights."""
        tools = self._datasets.tools(device.name)
        try:
            return tools.run(*argv, device.name)
        except BackendForbiddenError as error:
            if tools.run("zfs", "get", "-Hp", "-o", "value", "keystatus", device.name).strip() == "unavailable":
                raise DeviceUnavailableError(f"The key of {device.name} is not loaded (zfs-load-key(8)).") from error
            raise
