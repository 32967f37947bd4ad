"""Servers under measurement: started as people start them, and what they cost."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0
MIB = 2**20


class Server:
    """`python run.py`, or another module, with its settings; `ready_url` tells when it answers."""

    def __init__(self, folder: Path, ready_url: str, *command: str, settings: Any = None) -> None:
        self.ready_url = ready_url
        self.started_at = time.perf_counter()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("QMAN_")}
        environment |= {"OAUTH_CONFIG_PATH": str(folder / "oauth.config.json")}
        if settings is not None:
            file = folder / f"{settings['PORT']}.json"
            file.write_text(json.dumps(settings), encoding="utf-8")
            environment["CONFIG_PATH"] = str(file)
        self.log = folder / f"{len(list(folder.glob('*.log')))}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self.wait()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait(self) -> Self:
        """Returns when it answers."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while True:
            try:
                with opener.open(self.ready_url, timeout=2):
                    return self
            except (OSError, urllib.error.URLError):
                elapsed = time.perf_counter() - self.started_at
                if self.process.poll() is not None or elapsed > START_SECONDS:
                    raise RuntimeError(f"{self.ready_url} does not answer:\n{self.log.read_text()}") from None
                time.sleep(0.01)

    def seconds_to_answer(self) -> float:
        """From its start until now; call it right after `wait`."""
        return time.perf_counter() - self.started_at

    def tree(self) -> list[int]:
        """It and its descendants."""
        found, new = [self.process.pid], [self.process.pid]
        while new:
            new = [int(child) for pid in new for child in _children(pid)]
            found += new
        return found

    def memory_mib(self) -> float:
        """Resident memory of the tree; pages that its processes share are counted once each, as Pss does."""
        return sum(_pss_kib(pid) for pid in self.tree()) * 1024 / MIB

    def cpu_share(self, seconds: float) -> float:
        """Percent of one core that the tree uses while it is left alone."""
        before = sum(map(cpu_ticks, self.tree()))
        time.sleep(seconds)
        return (sum(map(cpu_ticks, self.tree())) - before) / CLOCK_TICKS / seconds * 100


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def _pss_kib(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    lines = (rollup if rollup.exists() else Path(f"/proc/{pid}/status")).read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(("Pss:", "VmRSS:")))


def cpu_ticks(pid: int) -> int:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
