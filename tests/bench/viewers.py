"""People who look at pages, in a process of their own, so that they share no interpreter with whoever measures.

    python -m tests.bench.viewers < asked.json

Reads one JSON object (`port`, `cookie`, `path`, `viewers`, `requests`, `runs`), prints one: `p95_ms` of each run, and
the `size` of an answer in bytes as it was packed. One run before those that count warms everything up.
"""

import http.client
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.figures import percentile


class Seen(NamedTuple):
    """What viewers saw: the 95th percentile of each run in milliseconds, and the bytes of an answer."""

    p95_ms: list[float]
    size: int

    @property
    def middle_ms(self) -> float:
        """Of the middle run, so that one disturbed run does not count."""
        return sorted(self.p95_ms)[len(self.p95_ms) // 2]


def look(port: int, cookie: str, path: str, *, viewers: int = 1, requests: int = 80, runs: int = 3) -> Seen:
    """So many viewers ask for the page at once, again and again, each over one connection."""
    asked = {"port": port, "cookie": cookie, "path": path, "viewers": viewers, "requests": requests, "runs": runs}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.viewers"],
        cwd=Path(__file__).resolve().parents[2],
        input=json.dumps(asked),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Seen(**json.loads(done.stdout))


class _Viewer:
    """Somebody who asks over one connection, as a browser does."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
        self.size = 0

    def seconds(self, path: str) -> float:
        """How long one answer takes, to its last byte."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        self.size = len(answer.read())
        assert answer.status == 200, f"{path}: {answer.status}"
        return time.perf_counter() - started


def main() -> None:
    """Looks, prints."""
    asked: dict[str, Any] = json.load(sys.stdin)
    viewers = [_Viewer(asked["port"], asked["cookie"]) for _ in range(asked["viewers"])]

    def run(pool: ThreadPoolExecutor) -> float:
        parts = pool.map(lambda each: [each.seconds(asked["path"]) for _ in range(asked["requests"])], viewers)
        return percentile([seconds for part in parts for seconds in part], 0.95) * 1000

    with ThreadPoolExecutor(len(viewers)) as pool:
        run(pool)
        print(json.dumps({"p95_ms": [run(pool) for _ in range(asked["runs"])], "size": viewers[0].size}))


if __name__ == "__main__":
    main()
