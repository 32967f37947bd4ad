"""Servers that are killed and come back: Redis and PostgreSQL, each with a folder and a port of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from tests.fakes.ports import free_port
from tests.fakes.postgres import START_SECONDS, PostgresServer

POLL_SECONDS = 0.05


class KillablePostgres(PostgresServer):
    """A PostgreSQL whose main process can be killed; what was committed is there when it comes back."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.start()
        super().__exit__(kind, error, tb)

    def kill(self) -> None:
        """Sends SIGKILL. Its other processes end when they notice."""
        os.kill(self._pid(), signal.SIGKILL)

    def start(self) -> None:
        """Starts it if it does not run: waits for what the killed one left to end, and for its recovery."""
        if self._runs():
            return
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                super().start()
            except RuntimeError:
                if time.monotonic() > until:
                    raise
                time.sleep(POLL_SECONDS)
            else:
                return

    def _runs(self) -> bool:
        with suppress(OSError, ValueError):
            return not (Path("/proc") / str(self._pid()) / "stat").read_text().rpartition(") ")[2].startswith("Z")
        return False

    def _pid(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])


class RedisServer:
    """Runs while the block does. It keeps nothing on disk: killed, it comes back empty."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            message = "Redis is not installed (Debian's package redis-server)"
            raise FileNotFoundError(message)
        self._folder = Path(tempfile.mkdtemp(prefix="qman-redis-"))
        self._port = free_port()
        self._command = [program, "--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._command += ["--save", "", "--appendonly", "no"]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.client = redis.Redis(port=self._port, socket_timeout=5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()
        self.client.close()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Returns when it answers."""
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + START_SECONDS
        while True:
            with suppress(redis.RedisError):
                if self.client.ping():
                    return
            assert self._process.poll() is None, (self._folder / "output").read_text()
            assert time.monotonic() < until, "Redis does not answer"
            time.sleep(POLL_SECONDS)

    def freeze(self) -> None:
        """It neither answers nor refuses, until it is killed or thawed."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """Sends SIGKILL, and returns when it is gone."""
        self._send(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(10)

    def _send(self, signum: int) -> None:
        assert self._process is not None
        self._process.send_signal(signum)
