"""A fake fleet in a process of its own, so that it does not share an interpreter with whoever measures.

Says its port on stdout, then obeys lines on stdin: `hang h1 h2`, `mend h1 h2`. Ends with its stdin.
"""

import json
import subprocess
import sys
from types import TracebackType
from typing import IO, Any, Self

from tests.fakes.slaves import FleetOfSlaves


class FleetProcess:
    """The fleet as the benches use it."""

    def __init__(self, hosts: int, users: int) -> None:
        command = [sys.executable, "-m", "tests.bench.fleet_process", str(hosts), str(users)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.entries: list[dict[str, Any]] = json.loads(self._pipe(self._process.stdout).readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait(10)

    def say(self, verb: str, hosts: list[str]) -> None:
        """`hang` or `mend` these."""
        stream = self._pipe(self._process.stdin)
        stream.write(" ".join([verb, *hosts]) + "\n")
        stream.flush()
        self._pipe(self._process.stdout).readline()

    @staticmethod
    def _pipe(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


def main() -> None:
    """Serves until stdin ends."""
    with FleetOfSlaves(hosts=int(sys.argv[1]), users=int(sys.argv[2])) as fleet:
        print(json.dumps(fleet.entries()), flush=True)
        for line in sys.stdin:
            verb, *hosts = line.split()
            {"hang": fleet.hang, "mend": fleet.mend}[verb](*hosts)
            print("done", flush=True)


if __name__ == "__main__":
    main()
