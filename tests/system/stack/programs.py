"""Real programs in a scratch copy of the checkout: started, watched, ended, with nothing left behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import requests

from tests.fakes.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("app", "alembic", "scripts", "alembic.ini", "run.py", "oauth.config.json", "oauth.mock.config.json")
POLL_SECONDS = 0.05
STOP_SECONDS = 30.0
T = TypeVar("T")


def wait_until(found: Callable[[], T], seconds: float, what: str) -> T:
    """The first true answer of `found`. Fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(POLL_SECONDS)


def status_of(url: str) -> int:
    """The status of a GET; 0 where nobody answers."""
    try:
        return requests.get(url, timeout=5).status_code
    except requests.RequestException:
        return 0


def copy_checkout(to: Path) -> Path:
    """The program and its example settings, without state; the built dashboard by a link."""
    for name in (*COPIED, *(path.name for path in ROOT.glob("config.*_example*.json"))):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, to / name)
    (to / "static").symlink_to(ROOT / "static")
    return to


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """That of a person's shell with `.venv/bin` first, and without what could leak into the program's settings."""
    leaking = ("CONFIG_PATH", "OAUTH_CONFIG_PATH", "DATABASE_URL", "CELERY_BROKER_URL", "PYTEST_XDIST_WORKER")
    kept = {name: value for name, value in os.environ.items() if name not in leaking and not name.startswith("QMAN_")}
    kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"} | dict(changes or {})


def printed(command: str, folder: Path) -> str:
    """What a command that ends prints."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Program:
    """A shell command as a person types it, in its own process group."""

    def __init__(self, command: str, folder: Path, changes: Mapping[str, str] | None = None) -> None:
        self.command = command
        self.out = folder / f"{free_port()}.out"
        self.err = self.out.with_suffix(".err")
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"],
                cwd=folder,
                env=environment(changes),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()
        if kind is not None:
            print(f"--- {self.command}\n{self.out.read_text()}{self.err.read_text()}")

    @property
    def said(self) -> str:
        """What stands on its stdout."""
        return self.out.read_text(encoding="utf-8")

    @property
    def complained(self) -> str:
        """What stands on its stderr."""
        return self.err.read_text(encoding="utf-8")

    def group(self) -> list[int]:
        """Every process of it that is alive."""
        alive = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(fields[3]) == self.process.pid and fields[0] not in "ZX":
                    alive.append(int(entry.name))
        return alive

    def wait(self, seconds: float) -> int:
        """Its exit status. Fails the test when it has not ended in time."""
        return self.process.wait(seconds)

    def send(self, signum: int) -> None:
        """A signal to the program alone, not to its group."""
        self.process.send_signal(signum)

    def wait_for(self, url: str, seconds: float = 90) -> Self:
        """Returns when a GET of the URL is a 200; fails at once when the program has ended."""

        def answers() -> bool:
            if self.process.poll() is not None:
                raise AssertionError(f"{self.command} ended with {self.process.returncode}: {self.complained}")
            return status_of(url) == 200

        wait_until(answers, seconds, f"{self.command} answers at {url}")
        return self

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Asks it to end, and gives its exit status; nothing of it may be left afterwards."""
        self.send(signum)
        status = self.wait(STOP_SECONDS)
        wait_until(lambda: not self.group(), STOP_SECONDS, f"{self.command} leaves no process")
        return status

    def freeze(self) -> None:
        """Stops all of it where it is: it neither answers nor refuses."""
        for pid in self.group():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        for pid in self.group():
            os.kill(pid, signal.SIGCONT)

    def kill(self) -> None:
        """Ends it and whatever it started, at once."""
        for pid in self.group():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
