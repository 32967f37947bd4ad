"""What the four mock hosts are when a run starts: plain data, grace relative to the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.backends.mock.seed import SeedDevice, SeedRow, block_device, docker_device, zfs_device
from app.quota.units import GIB, MIB

ALICE, BOB, CHARLIE, DIANA, EVE = range(1000, 1005)
USER_NAMES: Mapping[int, str] = {ALICE: "alice", BOB: "bob", CHARLIE: "charlie", DIANA: "diana", EVE: "eve"}
LAB, STAFF = 2000, 2001
GROUP_NAMES: Mapping[int, str] = {LAB: "lab", STAFF: "staff"}
GENOMES, SPECTRA = 7, 8
PROJECT_NAMES: Mapping[int, str] = {GENOMES: "genomes", SPECTRA: "spectra"}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MockHost:
    """One mock host: its devices, and the users, groups and projects that it knows by name."""

    host_id: str
    devices: tuple[SeedDevice, ...]
    users: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    projects: Mapping[int, str] = field(default_factory=dict)


def _users(*uids: int) -> Mapping[int, str]:
    return {uid: USER_NAMES[uid] for uid in uids}


HOST1 = MockHost(
    "host1",
    users=USER_NAMES,
    groups=GROUP_NAMES,
    projects=PROJECT_NAMES,
    devices=(
        block_device(
            "/dev/sda1",
            "ext4",
            "/home",
            total=100 * GIB,
            users=(
                SeedRow(ALICE, 12 * GIB, 20 * GIB, 25 * GIB, inodes=85_000, inode_soft=200_000, inode_hard=250_000),
                SeedRow(BOB, 21 * GIB, 20 * GIB, 25 * GIB, grace=3 * _DAY, inodes=64_000, inode_soft=200_000),
                SeedRow(CHARLIE, 10 * GIB, 9 * GIB, 10 * GIB, grace=5 * _DAY, inodes=12_500, inode_hard=100_000),
                SeedRow(DIANA, 9 * GIB, 8 * GIB, 12 * GIB, grace=-2 * _DAY, inodes=30_250, inode_hard=100_000),
                SeedRow(EVE, 300 * MIB, 5 * GIB, 6 * GIB, inodes=1_900, inode_soft=50_000, inode_hard=60_000),
            ),
            groups=(SeedRow(LAB, 43 * GIB, 60 * GIB, 80 * GIB, inodes=161_500), SeedRow(STAFF, 9 * GIB, inodes=30_250)),
        ),
        block_device(
            "/dev/sdb1",
            "xfs",
            "/data",
            total=500 * GIB,
            users=(
                SeedRow(ALICE, 96 * GIB, 90 * GIB, 100 * GIB, grace=6 * _DAY, inodes=410_000),
                SeedRow(BOB, 40 * GIB, 90 * GIB, 100 * GIB, inodes=99_000, inode_soft=90_000, inode_grace=4 * _DAY),
                SeedRow(CHARLIE, 71 * GIB, inodes=7_100),
                SeedRow(EVE, 100 * GIB, 90 * GIB, 100 * GIB, grace=-1 * _DAY, inodes=21_000),
            ),
        ),
        block_device(
            "/dev/sdc1",
            "ext4",
            "/scratch",
            total=200 * GIB,
            users=(
                SeedRow(ALICE, 2 * GIB, hard=50 * GIB, inodes=3_300),
                SeedRow(DIANA, 48 * GIB, hard=50 * GIB, inodes=100_000, inode_hard=100_000),
            ),
        ),
        block_device(
            "/dev/nvme0n1p1",
            "xfs",
            "/fast",
            total=250 * GIB,
            users=(
                SeedRow(ALICE, 30 * GIB, 60 * GIB, 64 * GIB, inodes=5_000),
                SeedRow(BOB, 63 * GIB, 60 * GIB, 64 * GIB, grace=12 * _DAY / 24, inodes=8_000),
                SeedRow(CHARLIE, 5 * GIB, 60 * GIB, 64 * GIB, inodes=900),
                SeedRow(DIANA, 18 * GIB, 60 * GIB, 64 * GIB, inodes=2_750),
                SeedRow(EVE, 44 * GIB, 60 * GIB, 64 * GIB, inodes=6_600),
            ),
        ),
        block_device(
            "/dev/nvme1n1p1",
            "ext4",
            "/projects",
            total=400 * GIB,
            users=(
                SeedRow(BOB, 120 * GIB, 150 * GIB, 160 * GIB, inodes=310_000),
                SeedRow(CHARLIE, 80 * GIB, 150 * GIB, 160 * GIB, inodes=44_000),
                SeedRow(EVE, 1 * GIB, 150 * GIB, 160 * GIB, inodes=120),
            ),
            projects=(
                SeedRow(GENOMES, 121 * GIB, 120 * GIB, 150 * GIB, grace=4 * _DAY, inodes=311_000),
                SeedRow(SPECTRA, 79 * GIB, 150 * GIB, 160 * GIB, inodes=43_000),
            ),
        ),
        block_device(
            "/dev/md0",
            "xfs",
            "/archive",
            total=4096 * GIB,
            users=(
                SeedRow(ALICE, 700 * GIB, inodes=1_200_000),
                SeedRow(BOB, 1500 * GIB, 1600 * GIB, 1800 * GIB, inodes=2_000_000),
            ),
        ),
    ),
)

HOST2 = MockHost(
    "host2",
    users=_users(ALICE, BOB),
    devices=(
        block_device(
            "/dev/vdb1",
            "ext4",
            "/home",
            total=80 * GIB,
            users=(
                SeedRow(ALICE, 6 * GIB, 10 * GIB, 12 * GIB, inodes=40_000, inode_soft=100_000, inode_hard=120_000),
                SeedRow(BOB, 11 * GIB, 10 * GIB, 12 * GIB, grace=2 * _DAY, inodes=51_000, inode_hard=120_000),
            ),
        ),
        zfs_device(
            "tank/home",
            total=1024 * GIB,
            users=(SeedRow(ALICE, 110 * GIB, hard=200 * GIB), SeedRow(BOB, 187 * GIB, hard=200 * GIB)),
        ),
    ),
)

HOST3 = MockHost(
    "host3",
    users=USER_NAMES,
    devices=(
        zfs_device(
            "tank/home",
            total=2048 * GIB,
            users=(
                SeedRow(ALICE, 95 * GIB, hard=300 * GIB),
                SeedRow(BOB, 300 * GIB, hard=300 * GIB),
                SeedRow(CHARLIE, 12 * GIB, hard=300 * GIB),
                SeedRow(DIANA, 281 * GIB, hard=300 * GIB),
            ),
        ),
        zfs_device(
            "tank/scratch",
            total=4096 * GIB,
            users=(
                SeedRow(ALICE, 1200 * GIB),
                SeedRow(CHARLIE, 350 * GIB, hard=1024 * GIB),
                SeedRow(EVE, 90 * GIB, hard=512 * GIB),
            ),
        ),
    ),
)

HOST4 = MockHost(
    "host4",
    users=_users(ALICE, BOB, CHARLIE),
    devices=(
        block_device(
            "/dev/sda1",
            "ext4",
            "/home",
            total=120 * GIB,
            users=(
                SeedRow(ALICE, 14 * GIB, 20 * GIB, 24 * GIB, inodes=70_000),
                SeedRow(BOB, 3 * GIB, 20 * GIB, 24 * GIB, inodes=9_400),
                SeedRow(CHARLIE, 22 * GIB, 20 * GIB, 24 * GIB, grace=4 * _DAY, inodes=88_000),
            ),
        ),
        docker_device(
            "docker",
            total=100 * GIB,
            unattributed=2**31,
            users=(
                SeedRow(
                    ALICE,
                    6 * GIB,
                    hard=10 * GIB,
                    parts={
                        "container": 1 * GIB,
                        "image_layer": 3 * GIB,
                        "volume": 1536 * MIB,
                        "build_cache": 512 * MIB,
                    },
                ),
                SeedRow(
                    BOB,
                    8 * GIB,
                    hard=15 * GIB,
                    parts={"container": 2 * GIB, "image_layer": 5 * GIB, "volume": 1 * GIB, "build_cache": 0},
                ),
                SeedRow(
                    CHARLIE,
                    5 * GIB + 768 * MIB,
                    hard=5 * GIB,
                    parts={"container": 2 * GIB, "image_layer": 2 * GIB, "volume": 1 * GIB, "build_cache": 768 * MIB},
                ),
            ),
        ),
    ),
)

MOCK_HOSTS: Mapping[str, MockHost] = {host.host_id: host for host in (HOST1, HOST2, HOST3, HOST4)}
"""The mock hosts by the `MOCK_HOST_ID` that selects them."""
