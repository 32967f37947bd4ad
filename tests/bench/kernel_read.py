"""P1, the reading: the kernel backend beside `repquota -n`, on ext4 and XFS with 10,000 ids each.

    tests/rigs/kernel-rig -- .venv/bin/python -m tests.bench.kernel_read [--ids N] [--rounds N]

Prints one JSON object: seconds (the best of the rounds, taken in turns) and their ratios to repquota.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import pyquota

from app.backends.kernel.backend import KernelBackend
from app.quota.units import GIB, MIB
from app.quota.values import Limits, QuotaType

FIRST_ID = 10_000
ID_STEP = 7


def populate(devices: Sequence[str], ids: int) -> None:
    """Make so many ids on each device, spread out, by giving them limits of their own."""
    backend = KernelBackend()
    for device in devices:
        for quota_id in range(FIRST_ID, FIRST_ID + ids * ID_STEP, ID_STEP):
            block = Limits(GIB + quota_id * MIB, 2 * GIB + quota_id * MIB)
            backend.set_limits(device, QuotaType.USER, quota_id, block=block, inode=Limits(10_000, 20_000))


def run_repquota(mount_points: Sequence[str]) -> None:
    """What an admin would run: the user quotas of the mount points, with numbers for names, to nowhere."""
    subprocess.run(["repquota", "-n", *mount_points], check=True, stdout=subprocess.DEVNULL)


def iterate(backend: KernelBackend, devices: Sequence[str]) -> None:
    """Every quota of the devices, made and dropped."""
    for device in devices:
        deque(backend.iter_quotas(device, QuotaType.USER), maxlen=0)


def loop_barely(devices: Sequence[str]) -> None:
    """Pyquota's own iterator and nothing around it."""
    for device in devices:
        deque(pyquota.iter_user_quotas(device), maxlen=0)


def best_in_turns(candidates: Mapping[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Seconds of each candidate's fastest run; all take turns, so that all meet the same machine."""
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(rounds):
        for name, run in candidates.items():
            started = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def main() -> None:
    """Populate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if "RIG_ENGINE" not in os.environ:
        sys.exit("kernel_read: runs inside tests/rigs/kernel-rig")
    devices, mount_points = (os.environ["RIG_EXT4_DEV"], os.environ["RIG_XFS_DEV"]), ("/mnt/ext4", "/mnt/xfs")
    populate(devices, options.ids)
    backend = KernelBackend()
    seconds = best_in_turns(
        {
            "repquota": lambda: run_repquota(mount_points),
            "backend": lambda: iterate(backend, devices),
            "pyquota": lambda: loop_barely(devices),
        },
        options.rounds,
    )
    ratios = {name: round(value / seconds["repquota"], 3) for name, value in seconds.items()}
    print(json.dumps({"ids_per_device": options.ids, "seconds": seconds, "ratio_to_repquota": ratios}))


if __name__ == "__main__":
    main()
