"""P1, P2 and the slave's share of P11: a real slave over HTTP on ext4 and XFS with 10,000 ids each, beside repquota.

Prints the figures as JSON. Inside the rig: `tests/rigs/kernel-rig -- .venv/bin/python -m tests.bench.slave_reading`
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.bench.figures import Figure, figure
from tests.bench.kernel_read import best_in_turns, populate, run_repquota
from tests.bench.processes import Server
from tests.fakes.ports import free_port
from tests.system.stack.settings import Settings, key

IDS = 10_000
ROUNDS = 3
SETTLING_SECONDS = 180
IDLE_SECONDS = 10.0
LARGEST_PIECE = 2**18
MOUNT_POINTS = ("/mnt/ext4", "/mnt/xfs")


def settings_of(port: int, folder: Path, **more: object) -> Settings:
    """A slave of this machine."""
    keys = [key("rig", scope) | {"scope": scope} for scope in ("read", "write")]
    base = {"ROLE": "slave", "SLAVE_HOST_ID": "rig", "PORT": port, "API_KEYS": keys}
    return base | {"DATABASE_URL": f"sqlite:///{folder}/slave.sqlite", "DEVICE_TIMEOUT_SECONDS": 60} | more


class Reader:
    """Asks a slave for all quotas, and takes what comes over the socket as it is: unpacking is not the slave's work."""

    def __init__(self, port: int, encoding: str) -> None:
        self._url = f"http://127.0.0.1:{port}/remote-api/quotas"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = SlaveAuth(SigningKey.model_validate(key("rig", "read")))
        self._session.headers["Accept-Encoding"] = encoding
        self._buffer = bytearray(LARGEST_PIECE)
        self.etag = ""
        self.rows = 0
        self.size = 0

    def read(self) -> None:
        """Everything, to its last byte, and no longer kept than it takes to count the rows of what is not packed."""
        self.rows = self.size = 0
        with self._session.get(self._url, timeout=120, stream=True) as answer:
            assert answer.status_code == 200, answer.text[:500]
            self.etag = answer.headers["ETag"]
            while taken := answer.raw.readinto(self._buffer):
                self.size += taken
                self.rows += self._buffer.count(b'"uid":', 0, taken)

    def read_unchanged(self, times: int) -> float:
        """Seconds of the quickest of so many answers that nothing has changed.

        What has changed is read and asked for again: names may come after the figures, and where reading the devices
        takes long, the last reading is sent meanwhile, with an ETag of its own.
        """
        best, left, ends = float("inf"), times, time.monotonic() + SETTLING_SECONDS
        while left:
            assert time.monotonic() < ends, f"still changing after {SETTLING_SECONDS} s"
            started = time.perf_counter()
            answer = self._session.get(self._url, headers={"If-None-Match": self.etag}, timeout=120)
            took = time.perf_counter() - started
            if answer.status_code == 304:
                best, left = min(best, took), left - 1
            else:
                self.read()
        return best


def main() -> None:
    """Populate, measure, print."""
    if "RIG_ENGINE" not in os.environ:
        sys.exit("slave_reading: runs inside tests/rigs/kernel-rig")
    populate((os.environ["RIG_EXT4_DEV"], os.environ["RIG_XFS_DEV"]), IDS)
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps([asdict(each) for each in [*always_fresh(Path(name)), *as_installed(Path(name))]]))


def always_fresh(folder: Path) -> list[Figure]:
    """P1: each request reads the kernel anew."""
    port = free_port()
    settings = settings_of(port, folder, READ_INTERVAL_SECONDS=0)
    with Server(folder, f"http://127.0.0.1:{port}/remote-api/ping", "run.py", settings=settings):
        reader = Reader(port, "identity")
        reader.read()
        best = best_in_turns({"slave": reader.read, "repquota": lambda: run_repquota(MOUNT_POINTS)}, ROUNDS)
    text = f"slave: {reader.rows:,} quotas of ext4 and XFS over HTTP, {reader.size / 1e6:.1f} MB; beside: repquota -n"
    return [figure("P1", text, best["slave"], "s", beside=best["repquota"], ratio_at_most=1.2)]


def as_installed(folder: Path) -> list[Figure]:
    """P2 and P11, with default settings."""
    port = free_port()
    with Server(
        folder, f"http://127.0.0.1:{port}/remote-api/ping", "run.py", settings=settings_of(port, folder)
    ) as server:
        reader = Reader(port, "zstd")
        started = time.perf_counter()
        reader.read()
        first = time.perf_counter() - started
        again = reader.read_unchanged(ROUNDS)
        memory = server.memory_mib()
        share = server.cpu_share(IDLE_SECONDS)
    return [
        figure(
            "P2",
            "slave: the same again with If-None-Match; beside: the first time",
            again,
            "s",
            beside=first,
            ratio_at_most=0.3,
        ),
        figure("P11", f"slave: memory after reading {2 * IDS:,} quotas", memory, "MiB", at_most=100),
        figure("P11", "slave: CPU when idle, in percent of a core of the rig", share, "%", at_most=1),
    ]


if __name__ == "__main__":
    main()
