"""The processes of the stack: started with a log each, ended together, never left behind.

They stay in the supervisor's process group, so that one signal to the group ends all of it. Should the supervisor be
killed, the kernel ends its children (PR_SET_PDEATHSIG); should a child be killed, its own children come to the
supervisor (PR_SET_CHILD_SUBREAPER), which ends them too.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
STOP_SECONDS = 8.0
POLL_SECONDS = 0.05
TAIL_LINES = 15

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Child:
    """A started process and its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self.process.poll()

    def last_line(self) -> str:
        """The last thing that it said."""
        lines = self.tail().splitlines()
        return lines[-1].strip() if lines else "it said nothing"

    def tail(self) -> str:
        """The end of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join([line for line in text.splitlines() if line.strip()][-TAIL_LINES:])


class Children:
    """All of them. `stop` returns when none is left."""

    def __init__(self, logs: Path) -> None:
        """Takes in the orphans of its children from now on."""
        self._logs = logs
        self.running: list[Child] = []
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Child:
        """Starts it in that folder, what it says goes to `logs/<name>.log`."""
        log = self._logs / f"{name}.log"
        supervisor = os.getpid()

        def die_with_the_supervisor() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != supervisor:
                os._exit(1)

        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_the_supervisor,  # noqa: PLW1509 - the supervisor has no threads
            )
        child = Child(name, process, log)
        self.running.append(child)
        return child

    def take_ended(self) -> Child | None:
        """One that has ended since the last call, forgotten from here on; None while all run."""
        for child in self.running:
            if child.status is not None:
                self.running.remove(child)
                return child
        return None

    def stop(self) -> None:
        """Ends all: asked to first, killed after some seconds, with whatever they leave behind."""
        for child in self.running:
            with suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(child.status is None for child in self.running):
            time.sleep(POLL_SECONDS)
        for child in self.running:
            if child.status is None:
                print(f"{child.name} did not end within {STOP_SECONDS:.0f} s and is killed", file=sys.stderr)
                child.process.kill()
                child.process.wait()
        self.running.clear()
        _kill_orphans()


def _kill_orphans() -> None:
    """Kills every process that is a child of this one now, until there is none."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    while pids := path.read_text(encoding="ascii").split():
        for pid in map(int, pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
