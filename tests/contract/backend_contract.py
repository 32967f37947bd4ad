"""What every quota backend promises: the suite that each one runs, for each quota type of each of its devices.

A subclass in a test module gives the fixture `subject`; ids used here are its own and nobody else's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.quota.backend import QuotaBackend
from app.quota.errors import DeviceNotFoundError, InvalidInputError, NotSupportedError
from app.quota.rules import MAX_ID
from app.quota.units import GIB, KIB, MIB
from app.quota.values import UNLIMITED, Capabilities, Device, GracePeriods, Limits, Quota, QuotaState, QuotaType

LARGEST_BLOCK = 64 * KIB


@dataclass(frozen=True)
class Subject:
    """A backend, one of its devices, one of the device's quota types, and an id that the device never saw.

    `write` makes files of that id until it uses so many bytes more; None where a backend has no files.
    """

    backend: QuotaBackend
    device_name: str
    unseen_id: int
    write: Callable[[int], None] | None = None
    quota_type: QuotaType = QuotaType.USER

    @property
    def device(self) -> Device:
        return next(device for device in self.backend.list_devices() if device.name == self.device_name)

    @property
    def can(self) -> Capabilities:
        return self.device.capabilities

    def listed(self) -> dict[int, Quota]:
        return {quota.quota_id: quota for quota in self.backend.iter_quotas(self.device_name, self.quota_type)}

    def get(self, quota_id: int) -> Quota:
        return self.backend.get_quota(self.device_name, self.quota_type, quota_id)

    def set_periods(self, periods: GracePeriods) -> None:
        self.backend.set_grace_periods(self.device_name, self.quota_type, periods)

    def get_periods(self) -> GracePeriods:
        return self.backend.get_grace_periods(self.device_name, self.quota_type)

    def set(self, quota_id: int, block: Limits, inode: Limits = UNLIMITED) -> Quota:
        return self.backend.set_limits(self.device_name, self.quota_type, quota_id, block=block, inode=inode)


def holds(stands: Limits, asked: Limits) -> bool:
    """Whether these limits are those asked for, raised to whole blocks at most."""
    return all(
        there == wanted if there is None or wanted is None else 0 <= there - wanted < LARGEST_BLOCK
        for there, wanted in zip(stands, asked, strict=True)
    )


class BackendContract:
    """Subclass it as `Test…` and give the fixture `subject`."""

    def test_devices_are_sorted_and_have_the_quota_type(self, subject: Subject) -> None:
        names = [device.name for device in subject.backend.list_devices()]
        assert names == sorted(set(names))
        assert subject.quota_type in subject.can.quota_types
        assert subject.device.quota_states.get(subject.quota_type) is not QuotaState.OFF

    def test_usage_of_a_device_adds_up(self, subject: Subject) -> None:
        usage = subject.backend.get_usage(subject.device_name)
        assert usage.used >= 0
        assert usage.free >= 0
        assert usage.used + usage.free <= usage.total
        assert 0 <= usage.percent <= 100

    def test_ids_ascend_and_rows_read_alike_alone(self, subject: Subject) -> None:
        listed = subject.listed()
        assert list(listed) == sorted(listed)
        assert all(subject.get(quota_id) == quota for quota_id, quota in listed.items())

    def test_an_id_never_seen_has_nothing(self, subject: Subject) -> None:
        quota = subject.get(subject.unseen_id)
        assert quota.quota_id == subject.unseen_id
        assert (quota.block, quota.inode) == ((0, UNLIMITED, None), (0, UNLIMITED, None))

    def test_what_is_set_stands_and_is_listed(self, subject: Subject) -> None:
        asked = Limits(None, 3 * GIB + 1)
        answered = subject.set(subject.unseen_id, asked)
        assert holds(answered.block.limits, asked)
        assert answered.inode.limits == UNLIMITED
        assert subject.get(subject.unseen_id) == answered
        assert subject.listed()[subject.unseen_id] == answered

    def test_setting_is_idempotent(self, subject: Subject) -> None:
        first = subject.set(subject.unseen_id, Limits(None, GIB))
        assert subject.set(subject.unseen_id, first.block.limits) == first

    def test_limits_are_taken_away_again(self, subject: Subject) -> None:
        subject.set(subject.unseen_id, Limits(None, GIB))
        assert subject.set(subject.unseen_id, UNLIMITED).block.limits == UNLIMITED

    def test_soft_limits(self, subject: Subject) -> None:
        asked = Limits(MIB, 2 * MIB)
        if subject.can.soft_limits:
            assert subject.set(subject.unseen_id, asked).block.limits == asked
        else:
            with pytest.raises(NotSupportedError) as refused:
                subject.set(subject.unseen_id, asked)
            assert [fault.field for fault in refused.value.fields] == ["block_soft_limit"]
            assert subject.get(subject.unseen_id).block.limits == UNLIMITED

    def test_inode_limits(self, subject: Subject) -> None:
        asked = Limits(None, 1000)
        if subject.can.inode_limits:
            assert subject.set(subject.unseen_id, UNLIMITED, asked).inode.limits == asked
        else:
            with pytest.raises(NotSupportedError) as refused:
                subject.set(subject.unseen_id, UNLIMITED, asked)
            assert [fault.field for fault in refused.value.fields] == ["inode_hard_limit"]

    def test_soft_above_hard_is_refused_and_changes_nothing(self, subject: Subject) -> None:
        before = subject.set(subject.unseen_id, Limits(None, GIB))
        with pytest.raises(InvalidInputError) as refused:
            subject.set(subject.unseen_id, Limits(2 * GIB, GIB))
        assert [fault.field for fault in refused.value.fields] == ["block_soft_limit"]
        assert subject.get(subject.unseen_id) == before

    @pytest.mark.parametrize("limit", [0, -1, True, 2**80])
    def test_what_is_no_limit_is_refused(self, subject: Subject, limit: int) -> None:
        with pytest.raises(InvalidInputError) as refused:
            subject.set(subject.unseen_id, Limits(None, limit))
        assert [fault.field for fault in refused.value.fields] == ["block_hard_limit"]

    @pytest.mark.parametrize("quota_id", [2**31, MAX_ID])
    def test_the_largest_ids_can_be_read_set_and_listed(self, subject: Subject, quota_id: int) -> None:
        answered = subject.set(quota_id, Limits(None, GIB))
        assert answered.quota_id == quota_id
        assert subject.get(quota_id) == answered
        assert subject.listed()[quota_id] == answered

    def test_quota_types_are_kept_apart(self, subject: Subject) -> None:
        subject.set(subject.unseen_id, Limits(None, GIB))
        for other in set(subject.can.quota_types) - {subject.quota_type}:
            quota = subject.backend.get_quota(subject.device_name, other, subject.unseen_id)
            assert (quota.block.limits, quota.inode.limits) == (UNLIMITED, UNLIMITED)

    @pytest.mark.parametrize("quota_id", [-1, MAX_ID + 1, 2**64, True])
    def test_what_is_no_id_is_refused(self, subject: Subject, quota_id: int) -> None:
        with pytest.raises(InvalidInputError):
            subject.get(quota_id)

    def test_quota_types_that_a_device_has_not_are_refused(self, subject: Subject) -> None:
        device = subject.device
        for other in set(QuotaType) - {*device.capabilities.quota_types, *device.quota_states}:
            with pytest.raises(NotSupportedError):
                subject.backend.iter_quotas(device.name, other)

    def test_grace_periods(self, subject: Subject) -> None:
        wanted = GracePeriods(3600, 7200)
        if subject.can.grace_periods:
            subject.set_periods(wanted)
            assert subject.get_periods() == wanted
        else:
            with pytest.raises(NotSupportedError):
                subject.get_periods()
            with pytest.raises(NotSupportedError):
                subject.set_periods(wanted)

    def test_no_timer_runs_at_or_below_the_soft_limit(self, subject: Subject) -> None:
        for quota in subject.listed().values():
            for used, limits, expires_at in (quota.block, quota.inode):
                assert expires_at is None or (limits.soft is not None and used > limits.soft)

    def test_a_soft_limit_below_usage_starts_a_timer_and_one_above_clears_it(self, subject: Subject) -> None:
        used_id = self._used_id(subject)
        if used_id is None or not subject.can.grace_periods:
            return
        subject.set_periods(GracePeriods(600, 600))
        used = subject.get(used_id).block.used
        subject.set(used_id, UNLIMITED)
        started_at = datetime.now(UTC)
        expires_at = subject.set(used_id, Limits(used // 2, None)).block.grace_expires_at
        assert expires_at is not None
        assert -10 <= (expires_at - started_at).total_seconds() - 600 <= 60
        assert subject.set(used_id, Limits(2 * used, None)).block.grace_expires_at is None

    def test_a_device_that_never_was(self, subject: Subject) -> None:
        backend, missing, its = subject.backend, "/dev/never-was", subject.quota_type
        for call in (
            lambda: backend.get_usage(missing),
            lambda: list(backend.iter_quotas(missing, its)),
            lambda: backend.get_quota(missing, its, 1000),
            lambda: backend.set_limits(missing, its, 1000, block=UNLIMITED, inode=UNLIMITED),
            lambda: backend.get_grace_periods(missing, its),
            lambda: backend.set_grace_periods(missing, its, GracePeriods(1, 1)),
        ):
            with pytest.raises(DeviceNotFoundError):
                call()

    def _used_id(self, subject: Subject) -> int | None:
        """An id with usage of a MiB at least: one of the rows, or the unseen one after writing."""
        if subject.write is not None:
            subject.write(MIB)
            return subject.unseen_id
        rows = subject.listed().values()
        return next((quota.quota_id for quota in rows if quota.quota_id and quota.block.used >= MIB), None)
