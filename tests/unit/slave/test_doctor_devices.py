"""What the doctor says of devices, and of filesystems that are none."""

import struct
from dataclasses import replace

import pytest

from app.quota.errors import BackendForbiddenError, DeviceUnavailableError
from app.quota.values import Accounting, AccountingState, Capabilities, Device, DeviceKind, QuotaState, QuotaType
from app.slave.doctor import devices, filesystems
from app.slave.doctor.filesystems import Mounted, WithoutQuotas
from app.slave.doctor.findings import Finding, Severity, error, in_order, warning

USER, GROUP, PROJECT = QuotaType
ON, NOT_ENFORCED, OFF = QuotaState
ALL = Capabilities((USER,), soft_limits=True, inode_limits=True, grace_periods=True, enforced_by_kernel=True)


def device(fstype: str = "ext4", opts: tuple[str, ...] = ("rw",), **states: QuotaState) -> Device:
    kind = DeviceKind.BTRFS if fstype == "btrfs" else DeviceKind.BLOCK
    by_type = {QuotaType(name): state for name, state in states.items()}
    return Device("/dev/sdb1", kind, fstype, ALL, ("/my home",), opts, quota_states=by_type)


def of_states(found: Device, *, has_quota_file: bool = True) -> list[tuple[str, str, str]]:
    findings = devices.of_states(found, has_quota_file=has_quota_file)
    return [(each.code, each.severity.value, each.mend.partition("   #")[0]) for each in findings]


@pytest.mark.parametrize(
    ("found", "has_quota_file", "expected"),
    [
        (device(user=ON, group=ON, project=ON), False, []),
        (device(user=ON, group=NOT_ENFORCED, project=NOT_ENFORCED), False, []),
        (device(user=OFF), True, [("quota_off", "error", "quotaon -u '/my home'")]),
        (device(user=OFF, group=OFF), True, [("quota_off", "error", "quotaon -ug '/my home'")]),
        (device(user=OFF), False, [("quota_off", "error", "quotacheck -ucm '/my home' && quotaon -u '/my home'")]),
        (device(user=ON, group=OFF), True, [("quota_off", "warning", "quotaon -g '/my home'")]),
        (device(opts=("ro",), user=OFF), True, [("quota_off", "error", "mount -o remount,rw '/my home'")]),
        (
            device("xfs", user=OFF),
            False,
            [("quota_off", "error", "umount '/my home' && mount -o uquota /dev/sdb1 '/my home'")],
        ),
        (device("btrfs", user=OFF), False, [("quota_off", "error", "btrfs quota enable '/my home'")]),
        (device(user=NOT_ENFORCED), False, [("quota_not_enforced", "error", "quotaon -u '/my home'")]),
        (
            device("xfs", user=NOT_ENFORCED),
            False,
            [("quota_not_enforced", "error", "xfs_quota -x -c 'enable -u' '/my home'")],
        ),
        (
            device("xfs", ("rw", "pqnoenforce"), user=ON, project=NOT_ENFORCED),
            False,
            [("quota_not_enforced", "warning", "xfs_quota -x -c 'enable -p' '/my home'")],
        ),
    ],
)
def test_what_switches_quotas_on(found: Device, has_quota_file: bool, expected: list[tuple[str, str, str]]) -> None:
    assert of_states(found, has_quota_file=has_quota_file) == expected


def test_figures_that_are_wrong_are_counted_anew() -> None:
    wrong = replace(device("btrfs", user=ON), accounting=Accounting(AccountingState.INCONSISTENT))
    [finding] = devices.of_accounting(wrong)
    assert (finding.code, finding.mend) == ("accounting_inconsistent", "btrfs quota rescan -w '/my home'")
    assert list(devices.of_accounting(device("btrfs", user=ON))) == []


def test_a_device_that_fails_is_told_once() -> None:
    forbidden = BackendForbiddenError("CAP_SYS_ADMIN is needed.")
    assert list(devices.of_problem(device(user=ON), forbidden, is_capable=False)) == [], "no_capability says so"
    [finding] = devices.of_problem(device(user=ON), forbidden, is_capable=True)
    assert (finding.code, finding.subject, finding.found) == ("device_failed", "/dev/sdb1", "CAP_SYS_ADMIN is needed.")
    gone = DeviceUnavailableError("It is off.")
    assert list(devices.of_problem(device(user=OFF), gone, is_capable=True)) == [], "quota_off says so"


def mounted(at: str, fstype: str = "ext4", *, is_writable: bool = True) -> Mounted:
    return Mounted("/dev/sdb1", at, fstype, is_writable)


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ([mounted("/"), mounted("/boot"), mounted("/home")], ["/home"]),
        ([mounted("/"), mounted("/boot/efi")], ["/"]),
        ([mounted("/"), mounted("/srv/data"), mounted("/homestead")], ["/", "/srv/data", "/homestead"]),
        ([mounted("/"), mounted("/home", is_writable=False)], []),
        ([mounted("/home/alice"), mounted("/home")], ["/home/alice", "/home"]),
        ([mounted("/var"), mounted("/var/lib/docker"), mounted("/var/lib/docker/x"), mounted("/usr")], []),
        ([mounted("/var/mail")], ["/var/mail"]),
    ],
)
def test_which_filesystems_hold_peoples_files(mounts: list[Mounted], expected: list[str]) -> None:
    assert [each.mount_point for each in filesystems.holding_files(mounts)] == expected


@pytest.mark.parametrize(
    ("without", "mend"),
    [
        (
            WithoutQuotas(mounted("/home"), has_feature=False),
            "umount /home && tune2fs -O quota /dev/sdb1 && mount -o usrquota /dev/sdb1 /home",
        ),
        (WithoutQuotas(mounted("/home"), has_feature=True), "mount -o remount,usrquota /home"),
        (
            WithoutQuotas(mounted("/"), has_feature=False),
            "mount -o remount,usrquota / && quotacheck -ucm / && quotaon -u /",
        ),
        (WithoutQuotas(mounted("/home", "xfs")), "umount /home && mount -o uquota /dev/sdb1 /home"),
        (WithoutQuotas(mounted("/home", "btrfs")), "btrfs quota enable /home"),
    ],
)
def test_what_gives_a_filesystem_quotas(without: WithoutQuotas, mend: str) -> None:
    finding = filesystems.of_filesystem(without)
    assert (finding.code, finding.severity) == ("filesystem_without_quotas", Severity.WARNING)
    assert finding.mend.partition("   #")[0] == mend
    on_root = filesystems.of_filesystem(WithoutQuotas(mounted("/", "xfs")))
    assert "rootflags=uquota" in on_root.mend


MOUNTINFO = r"""
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 8:2 / /my\040home rw,relatime - xfs /dev/sda2 rw,noquota
24 22 8:2 /alice /srv rw - xfs /dev/sda2 rw,noquota
25 22 8:3 / /ro ro - ext4 /dev/sda3 rw
26 22 0:5 / /proc rw - proc proc rw
27 22 0:6 / /net rw - ext4 nowhere rw
garbage
"""


def test_mounts_are_read_each_filesystem_once() -> None:
    assert filesystems.mounts_in(MOUNTINFO, {"ext4", "xfs"}) == [
        Mounted("/dev/sda1", "/", "ext4", is_writable=True),
        Mounted("/dev/sda2", "/my home", "xfs", is_writable=True),
        Mounted("/dev/sda3", "/ro", "ext4", is_writable=False),
    ]
    assert filesystems.mounts_in(MOUNTINFO, {"xfs"})[0].mount_point == "/my home"


@pytest.mark.parametrize(
    ("magic", "features", "expected"), [(0xEF53, 0x100, True), (0xEF53, 0x2071, False), (0x58465342 & 0xFFFF, 0, None)]
)
def test_the_quota_feature_is_a_bit_of_the_superblock(magic: int, features: int, expected: bool | None) -> None:
    superblock = bytearray(1024)
    struct.pack_into("<H", superblock, 0x38, magic)
    struct.pack_into("<I", superblock, 0x64, features)
    assert filesystems.has_quota_feature(bytes(superblock)) is expected
    assert filesystems.has_quota_feature(b"") is None


def finding(code: str, subject: str, severity: Severity) -> Finding:
    make = error if severity is Severity.ERROR else warning
    return make(code, subject, found="x", why="x", mend="x")


def test_errors_come_first_and_what_is_said_more_exactly_is_said_once() -> None:
    repeated = finding("backend_failed", "zfs", Severity.ERROR)
    exact = finding("zfs_missing", "zfs", Severity.ERROR)
    first_warning = finding("clock_unsynchronised", "clock", Severity.WARNING)
    assert in_order([first_warning, repeated, exact, exact]) == (exact, first_warning)
    assert in_order([repeated]) == (repeated,)
    doubtful = finding("ext4_without_quota_feature", "/dev/sdb1", Severity.WARNING)
    failed = finding("device_failed", "/dev/sdb1", Severity.ERROR)
    assert in_order([doubtful, failed]) == (failed, doubtful), "a warning does not explain a failure"
