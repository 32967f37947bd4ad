"""The values everything else speaks in. All frozen; bytes and counts; None is unlimited.

`Limits`, `ResourceQuota` and `Quota` are named tuples because a device has ten thousand of them
and a frozen dataclass takes three times as long to make.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

NO_PARTS: Mapping[str, int] = MappingProxyType({})


class QuotaType(StrEnum):
    """Whose usage a quota limits."""

    USER = "user"
    GROUP = "group"
    PROJECT = "project"


class DeviceKind(StrEnum):
    """Which mechanism keeps the quotas of a device."""

    BLOCK = "block"
    ZFS = "zfs"
    BTRFS = "btrfs"
    DOCKER = "docker"
    AREA = "area"


class Limits(NamedTuple):
    """Soft and hard limit of one resource: bytes or a count, None is unlimited."""

    soft: int | None = None
    hard: int | None = None


UNLIMITED = Limits()


class ResourceQuota(NamedTuple):
    """Usage and limits of one resource (blocks in bytes, or inodes as a count).

    `grace_expires_at` is an aware UTC instant while usage is above the soft limit, else None.
    """

    used: int
    limits: Limits = UNLIMITED
    grace_expires_at: datetime | None = None


class Quota(NamedTuple):
    """Limits and usage of one id on one device.

    `name` is set only by backends that know it better than the host's user database does.
    `parts` says what makes up the usage of blocks, in bytes by part (Docker: containers, layers …).
    """

    quota_id: int
    block: ResourceQuota
    inode: ResourceQuota
    name: str | None = None
    parts: Mapping[str, int] = NO_PARTS


@dataclass(frozen=True, slots=True)
class GracePeriods:
    """How long usage may stay above a soft limit, per resource, in seconds."""

    block_seconds: int
    inode_seconds: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a device can do; services ask this instead of asking for its kind."""

    quota_types: tuple[QuotaType, ...]
    soft_limits: bool
    inode_limits: bool
    grace_periods: bool
    enforced_by_kernel: bool


@dataclass(frozen=True, slots=True)
class DeviceUsage:
    """Space of a device in bytes. `unattributed` is what counts for nobody, where that exists.

    `measured_at` is an aware UTC instant where all figures of the device are from then, None where they are of now.
    `estimated`: they are the mechanism's own guesses.
    """

    used: int
    free: int
    total: int
    unattributed: int | None = None
    measured_at: datetime | None = None
    estimated: bool = False

    @property
    def percent(self) -> float:
        """Used of total, with one decimal; 0 for an empty device."""
        return round(100 * self.used / self.total, 1) if self.total else 0.0


class QuotaState(StrEnum):
    """Whether quotas of one type are kept on a device."""

    ON = "on"
    NOT_ENFORCED = "not_enforced"
    OFF = "off"


class AccountingState(StrEnum):
    """How the figures of a device follow what is written there."""

    CURRENT = "current"
    DELAYED = "delayed"
    RESCANNING = "rescanning"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class Accounting:
    """How far to trust the figures: they may lag by `delay_seconds`, which readings take off `measured_at`.

    While rescanning or inconsistent they are the mechanism's own and wrong by an unknown amount.
    """

    state: AccountingState = AccountingState.CURRENT
    delay_seconds: int = 0


CURRENT = Accounting()


@dataclass(frozen=True, slots=True)
class Device:
    """A thing on a host that has quotas, as its backend knows it without touching it.

    `capabilities.quota_types` are those that can be read; `quota_states` tells of each type that the device is
    configured for, also of one that is switched off, where the mechanism can switch it.
    """

    name: str
    kind: DeviceKind
    fstype: str
    capabilities: Capabilities
    mount_points: tuple[str, ...] = ()
    opts: tuple[str, ...] = ()
    quota_formats: Mapping[QuotaType, str] = field(default_factory=dict)
    quota_states: Mapping[QuotaType, QuotaState] = field(default_factory=dict)
    accounting: Accounting = CURRENT
