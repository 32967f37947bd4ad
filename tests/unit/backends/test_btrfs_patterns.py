"""Whose subvolume it is, by where it is seen."""

import os

import pytest

from app.backends.btrfs.patterns import user_names
from app.backends.mountinfo import Mount


def mount(root: str, mount_point: str) -> Mount:
    return Mount(os.makedev(0, 39), root, mount_point, ("rw",), "btrfs", "/dev/sdb", ("rw",))


TOP, HOME, ROOTFS = mount("/", "/pool"), mount("/@home", "/home"), mount("/", "/")


@pytest.mark.parametrize(
    ("pattern", "mounts", "path", "names"),
    [
        ("{mount}/{user}", [TOP], "alice", ["alice"]),
        ("{mount}/{user}", [TOP], "home/alice", []),
        ("{mount}/{user}", [TOP], "alice/.cache", []),
        ("{mount}/home/{user}", [TOP], "home/alice", ["alice"]),
        ("{mount}/home/{user}", [ROOTFS], "home/alice", ["alice"]),
        ("{mount}/{user}", [ROOTFS], "alice", ["alice"]),
        ("{mount}/{user}", [HOME], "@home/alice", ["alice"]),
        ("{mount}/{user}", [HOME], "alice", []),
        ("{mount}/{user}", [HOME], "@homexalice", []),
        ("{mount}/{user}", [HOME, TOP], "@home", ["@home"]),
        ("{mount}/{user}", [HOME, TOP], "@home/alice", ["alice"]),
        ("{mount}/@{user}", [TOP], "@alice", ["alice"]),
        ("{mount}/@{user}/data", [TOP], "@alice/data", ["alice"]),
        ("/home/{user}", [mount("/@alice", "/home/alice")], "@alice", ["alice"]),
        ("/home/{user}", [mount("/@alice", "/home/alice")], "@alice/snapshots", []),
        ("/home/{user}", [HOME], "@home/alice", ["alice"]),
        ("/home/{user}", [TOP], "home/alice", []),
        ("{mount}/{user}", [mount("/", "/a.b")], "alice", ["alice"]),
        ("{mount}/a.b/{user}", [TOP], "axb/alice", []),
        (
            "{mount}/{user}",
            [TOP],
            "a b\nID 256 gen 9 top level 5 path alice",
            ["a b\nID 256 gen 9 top level 5 path alice"],
        ),
    ],
)
def test_names_are_found_where_a_pattern_sees_them(
    pattern: str, mounts: list[Mount], path: str, names: list[str]
) -> None:
    assert list(user_names([pattern], mounts)(path)) == names


def test_every_pattern_and_mount_may_name_somebody() -> None:
    names_in = user_names(["{mount}/{user}", "{mount}/@{user}"], [TOP, mount("/", "/again")])
    assert list(names_in("@alice")) == ["@alice", "@alice", "alice", "alice"]
