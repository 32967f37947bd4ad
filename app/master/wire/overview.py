"""Counts of the fleet, and who needs attention."""

from pydantic import Field

from app.master.wire.hosts import HostOut
from app.master.wire.rows import RowOut
from app.web.wire import Instant, Out


class HostCountsOut(Out):
    """Hosts by state."""

    ok: int
    stale: int
    never: int
    suspended: int


class RowCountsOut(Out):
    """Quotas by status."""

    ok: int
    soft_exceeded: int
    grace_expired: int
    hard_reached: int


class TrendPointOut(Out):
    """What all devices together used at the end of a UTC day; today's is what stands now."""

    at: Instant = Field(description="The day's first instant")
    used: int = Field(description="Bytes")
    total: int = Field(description="Bytes")
    devices: int


class OverviewOut(Out):
    """The fleet in numbers."""

    hosts: HostCountsOut
    rows: RowCountsOut
    devices: int
    people: int
    trend: list[TrendPointOut] = Field(description="The fleet's usage by day, oldest first, at most 90 days")


class AttentionDeviceOut(Out):
    """A device that is nearly full or failed."""

    host: str
    device: str
    percent: float | None
    full_at: Instant | None
    problem: str | None


class AttentionCountsOut(Out):
    """How many of each need attention, shown or not."""

    hosts: int
    devices: int
    rows: int


class AttentionOut(Out):
    """What needs attention, worst first, at most 50 of each."""

    hosts: list[HostOut]
    devices: list[AttentionDeviceOut]
    rows: list[RowOut]
    counts: AttentionCountsOut
