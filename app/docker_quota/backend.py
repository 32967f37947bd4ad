"""The Docker backend: users' shares of Docker's store, as the ledger has them."""

from collections.abc import Iterator, Sequence

from app.docker_quota.accounting import Account, Share
from app.docker_quota.ledger import Ledger, measured
from app.quota.errors import DeviceNotFoundError, NotSupportedError
from app.quota.rules import check_id, check_limits, check_range, check_supported
from app.quota.units import KIB, MAX_BLOCK_LIMIT_KIB, MAX_INODE_LIMIT
from app.quota.values import (
    UNLIMITED,
    Capabilities,
    Device,
    DeviceKind,
    DeviceUsage,
    GracePeriods,
    Limits,
    Quota,
    QuotaType,
    ResourceQuota,
)

DEVICE = "docker"
DEFAULT_ROOT = "/var/lib/docker"
DEFAULT_DRIVER = "overlay2"
_CAPABILITIES = Capabilities(
    (QuotaType.USER,), soft_limits=True, inode_limits=False, grace_periods=False, enforced_by_kernel=False
)
_NO_INODES = ResourceQuota(0)


class DockerBackend:
    """A `QuotaBackend` with one device. It reads the ledger alone: no request waits for the engine or for sizes.

    Docker has no quotas: the limits stand in the slave's database. The soft one is the warning level, and starts no
    timer. A row has what the user has by parts.
    """

    name = "docker"

    def __init__(self, ledger: Ledger, *, reserved_bytes: int = 0, data_root: str | None = None) -> None:
        """`reserved_bytes` of the store's filesystem are not Docker's to take. `data_root` until the engine told."""
        self._ledger = ledger
        self._reserved = reserved_bytes
        self._data_root = data_root or DEFAULT_ROOT

    def list_devices(self) -> Sequence[Device]:
        """See `QuotaBackend`. It is there, whether or not the engine answers."""
        store = self._ledger.find_store()
        root, driver = self._data_root, DEFAULT_DRIVER
        if store is not None and store.data_root:
            root, driver = store.data_root, store.driver
        return [Device(DEVICE, DeviceKind.DOCKER, driver, _CAPABILITIES, (root,))]

    def get_usage(self, device: str) -> DeviceUsage:
        """See `QuotaBackend`. As of the last look; DeviceUnavailableError until there was one."""
        self._check(device)
        store, account, _ = self._ledger.account()
        store = measured(store)
        used, free = store.figures.used, store.figures.free_beside(self._reserved)
        return DeviceUsage(used, free, used + free, account.unattributed, store.measured_at, store.estimated)

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """See `QuotaBackend`. Everybody who has something in the store, or had a limit set."""
        self._check(device, quota_type)
        store, account, limits = self._ledger.account()
        measured(store)
        return iter([_quota(uid, account, limits.get(uid)) for uid in sorted({*account.shares, *limits})])

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """See `QuotaBackend`."""
        self._check(device, quota_type)
        check_id(quota_id)
        store, account, limits = self._ledger.account()
        measured(store)
        return _quota(quota_id, account, limits.get(quota_id))

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """See `QuotaBackend`. Nothing stops a user at the limit: enforcement comes after the fact."""
        self._check(device, quota_type)
        check_id(quota_id)
        check_range(block, inode, most_block_bytes=MAX_BLOCK_LIMIT_KIB * KIB, most_inodes=MAX_INODE_LIMIT)
        check_limits(block, inode)
        check_supported(_CAPABILITIES, block, inode)
        if inode.soft is not None:
            raise NotSupportedError("Docker's store has no limits of inodes.")
        self._ledger.set_limits(quota_id, block)
        return self.get_quota(device, quota_type, quota_id)

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """See `QuotaBackend`. There are none: the settings have those of enforcement."""
        self._check(device, quota_type)
        raise NotSupportedError("Docker's store has no grace periods of its own: see DOCKER_QUOTA_GRACE_SECONDS.")

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """See `QuotaBackend`. There are none."""
        del periods
        self.get_grace_periods(device, quota_type)

    def _check(self, device: str, quota_type: QuotaType = QuotaType.USER) -> None:
        if device != DEVICE:
            raise DeviceNotFoundError(f"There is no device {device!r} here.")
        if quota_type is not QuotaType.USER:
            raise NotSupportedError(f"{DEVICE} has quotas of users only.")


def _quota(uid: int, account: Account, limits: Limits | None) -> Quota:
    share = account.shares.get(uid, Share())
    parts = {
        "container": share.container,
        "image_layer": share.image_layer,
        "volume": share.volume,
        "build_cache": share.build_cache,
    }
    return Quota(uid, ResourceQuota(share.used, limits or UNLIMITED), _NO_INODES, parts=parts)
