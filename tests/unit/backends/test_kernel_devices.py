"""What a mounted filesystem is as a device: its quotas as options and kernel tell, its names as sysfs tells."""

import os
from pathlib import Path

import orjson
import pytest

from app.backends.kernel.backend import KernelBackend
from app.backends.kernel.devices import block_device_names, quota_states
from app.quota.errors import DeviceUnavailableError, NotSupportedError
from app.quota.values import QuotaState, QuotaType
from app.web.quota_rows import device_head

USER, GROUP, PROJECT = QuotaType
ON, NOT_ENFORCED, OFF = QuotaState
LINE = "30 21 254:999 / /nowhere rw - ext4 /dev/no-such-device rw,"


def backend_of(folder: Path, mountinfo: bytes) -> KernelBackend:
    (folder / "mountinfo").write_bytes(mountinfo)
    return KernelBackend(folder / "mountinfo")


@pytest.mark.parametrize(
    ("told", "kept", "states"),
    [
        ({USER: ON}, {USER: ON}, {USER: ON}),
        ({USER: ON, GROUP: ON}, {GROUP: NOT_ENFORCED}, {USER: OFF, GROUP: NOT_ENFORCED}),
        ({USER: ON}, {}, {USER: OFF}),
        ({}, {USER: NOT_ENFORCED, PROJECT: NOT_ENFORCED}, {USER: NOT_ENFORCED, PROJECT: NOT_ENFORCED}),
        ({}, {}, {}),
        ({USER: ON}, None, {USER: ON}),
        ({}, None, {}),
    ],
)
def test_the_kernel_has_the_last_word_and_options_tell_what_is_missing(
    told: dict[QuotaType, QuotaState],
    kept: dict[QuotaType, QuotaState] | None,
    states: dict[QuotaType, QuotaState],
) -> None:
    assert quota_states(told, kept) == states


def test_a_device_that_the_kernel_cannot_be_asked_about_is_listed_as_options_tell(tmp_path: Path) -> None:
    backend = backend_of(tmp_path, f"{LINE}usrquota,prjquota\n".encode())
    [device] = backend.list_devices()
    assert device.capabilities.quota_types == (USER, PROJECT)
    assert device.capabilities.enforced_by_kernel
    assert device.quota_states == {USER: ON, PROJECT: ON}
    with pytest.raises(NotSupportedError):
        backend.iter_quotas(device.name, GROUP)
    for its in (USER, PROJECT):
        with pytest.raises(DeviceUnavailableError, match="no such device"):
            list(backend.iter_quotas(device.name, its))


def test_without_quotas_there_is_no_device(tmp_path: Path) -> None:
    assert backend_of(tmp_path, f"{LINE}noquota\n".encode()).list_devices() == []


def test_a_device_that_cannot_be_enforced_says_so(tmp_path: Path) -> None:
    [device] = backend_of(tmp_path, f"{LINE}uqnoenforce\n".encode()).list_devices()
    assert not device.capabilities.enforced_by_kernel
    assert device.quota_states == {USER: NOT_ENFORCED}


def test_a_mount_point_that_is_not_utf_8_can_be_sent(tmp_path: Path) -> None:
    line = LINE.encode().replace(b"/nowhere", b"/no\xffwhere")
    [device] = backend_of(tmp_path, line + b"usrquota\n").list_devices()
    assert orjson.loads(orjson.dumps(device_head(device)))["mount_points"] == ["/no\\xffwhere"]


def test_remounts_are_noticed_at_the_next_listing(tmp_path: Path) -> None:
    backend = backend_of(tmp_path, f"{LINE}usrquota\n".encode())
    assert [device.mount_points for device in backend.list_devices()] == [("/nowhere",)]
    for line, types in ((f"{LINE}grpquota", (GROUP,)), (f"{LINE}usrquota,prjquota", (USER, PROJECT))):
        (tmp_path / "mountinfo").write_text(f"{line.replace('/nowhere', '/elsewhere')}\n")
        [device] = backend.list_devices()
        assert device.mount_points == ("/elsewhere",)
        assert device.capabilities.quota_types == types
    (tmp_path / "mountinfo").write_text("")
    assert backend.list_devices() == []
    with pytest.raises(DeviceUnavailableError, match="any more"):
        backend.get_quota("/dev/no-such-device", USER, 1)


def sysfs_entry(folder: Path, number: str, name: str, mapped: str | None = None) -> None:
    entry = folder / "devices" / name
    entry.mkdir(parents=True)
    if mapped is not None:
        (entry / "dm").mkdir()
        (entry / "dm" / "name").write_text(mapped + "\n")
    (folder / number).symlink_to(entry)


def test_names_of_block_devices(tmp_path: Path) -> None:
    sysfs_entry(tmp_path, "8:1", "sda1")
    sysfs_entry(tmp_path, "104:0", "cciss!c0d0")
    sysfs_entry(tmp_path, "254:0", "dm-0", "vg-home--of--all")
    assert block_device_names(os.makedev(8, 1), tmp_path) == ("/dev/sda1",)
    assert block_device_names(os.makedev(104, 0), tmp_path) == ("/dev/cciss/c0d0",)
    assert block_device_names(os.makedev(254, 0), tmp_path) == ("/dev/mapper/vg-home--of--all", "/dev/dm-0")
    assert block_device_names(os.makedev(8, 2), tmp_path) == ()
