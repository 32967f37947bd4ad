"""These tests leave nothing behind, also when they are killed."""

import os

from app.backends.mountinfo import read_mounts
from tests.system.btrfs.loops import Loop, new_folder, remove_leftovers, run
from tests.system.stack.programs import wait_until


def test_what_a_killed_run_left_is_removed() -> None:
    child = os.fork()
    if child == 0:
        try:
            loop = Loop(new_folder())
            loop.make()
            run("fsfreeze", "--freeze", loop.mount_point)
        finally:
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert any(f"-{child}-" in mount.mount_point for mount in read_mounts(("btrfs",)))
    remove_leftovers()
    assert not any(f"-{child}-" in mount.mount_point for mount in read_mounts(("btrfs",)))
    listed = ("losetup", "--list", "--noheadings", "--output", "BACK-FILE")
    # whoever looks into each new block device, as udev does, keeps it for a moment longer
    wait_until(lambda: f"-{child}-" not in run(*listed), 60, "the loop devices are free")
