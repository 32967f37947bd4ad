"""Grace periods of a device: read, and set."""

import structlog

from app.quota.errors import NotSupportedError
from app.quota.rules import check_periods
from app.quota.values import GracePeriods, QuotaType
from app.slave.access import DeviceAccess
from app.slave.inventory import Listed
from app.web.quota_changes import GraceIn

log = structlog.get_logger(__name__)


class GraceChanger:
    """Grace periods through the backends. DeviceNotFoundError, NotSupportedError where there are none, BackendError."""

    def __init__(self, access: DeviceAccess) -> None:
        self._access = access

    def get_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """As they stand now."""
        listed = self._find(device, quota_type)
        return self._access.lane(device).run(lambda: listed.backend.get_grace_periods(device, quota_type))

    def set_periods(self, device: str, quota_type: QuotaType, wanted: GraceIn) -> GracePeriods:
        """As read back. A missing one stays as it is; timers that run keep their instant. NoSpaceError."""
        listed = self._find(device, quota_type)
        return self._access.lane(device).run(lambda: self._set(listed, quota_type, wanted))

    def _find(self, device: str, quota_type: QuotaType) -> Listed:
        listed = self._access.find(device, quota_type)
        if not listed.device.capabilities.grace_periods:
            raise NotSupportedError(f"{device} has no grace periods.")
        return listed

    def _set(self, listed: Listed, quota_type: QuotaType, wanted: GraceIn) -> GracePeriods:
        device, backend, given = listed.device.name, listed.backend, wanted.model_fields_set
        with self._access.alone(device):
            stands = backend.get_grace_periods(device, quota_type)
            if not given:
                return stands
            periods = GracePeriods(
                wanted.block_grace if "block_grace" in given else stands.block_seconds,
                wanted.inode_grace if "inode_grace" in given else stands.inode_seconds,
            )
            check_periods(periods)
            with self._access.outdating(device):
                backend.set_grace_periods(device, quota_type, periods)
            changed = backend.get_grace_periods(device, quota_type)
        log.info("grace_set", device=device, quota_type=quota_type.value)
        return changed
