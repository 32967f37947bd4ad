"""The simulator in a process of its own, so that it does not share an interpreter with whoever measures.

`with FleetProcess(folder, hosts=1000) as fleet:` gives `fleet.entries` (SLAVES of a master's settings),
`fleet.behave("black_hole", share=0.1)`, `fleet.behave(None)` (all well again), `fleet.applied()` and more.
"""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

START_SECONDS = 60
_ASKING_SECONDS = 60


class FleetProcess:
    """A running simulator. `options` are those of `tests.bench.fleet`: `users=50`, `delay=0.05`, `tls=1`.

    It ends with the block, or with this process. Its changes are logged in `log`.
    """

    def __init__(self, folder: Path, *, hosts: int, **options: float | str) -> None:
        self.log = folder / "applied.jsonl"
        self.settings_file = folder / "simulated.json"
        named = {"hosts": hosts, "log": self.log, "settings": self.settings_file, **options}
        arguments = [text for name, value in named.items() for text in (f"--{name.replace('_', '-')}", str(value))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.fleet", "--with-stdin", *arguments],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator ended with status {self._process.wait(START_SECONDS)}")
        self.pid = self._process.pid
        self._control: str = json.loads(line)["control"]
        self._session = requests.Session()
        self._session.trust_env = False
        self.entries: list[dict[str, Any]] = json.loads(self.settings_file.read_text(encoding="utf-8"))["SLAVES"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._session.close()
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def pace(self, **pace: float) -> None:
        """`delay` seconds that an answer takes; `churn` is the share of quotas that change in a second."""
        self._post("/pace", pace)

    def behave(self, kind: str | None, *, hosts: list[str] | None = None, share: float | None = None) -> None:
        """From now on these hosts (or that share of them, or all) so; None is well again."""
        chosen = {"hosts": hosts} if share is None else {"share": share}
        self._post("/behave", {"kind": kind, **chosen})

    def counts(self) -> dict[str, int]:
        """`asked`, `applied`, `refused`, `most_at_once`."""
        found: dict[str, int] = self._get("/counts")
        return found

    def asked_at(self) -> dict[str, list[float]]:
        """When each host was asked for all its quotas, in Unix seconds."""
        found: dict[str, list[float]] = self._get("/asked")
        return found

    def applied(self) -> list[dict[str, Any]]:
        """Every change that was made, in order."""
        found: list[dict[str, Any]] = self._get("/applied")
        return found

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Devices with their quotas as they stand, by host."""
        found: dict[str, list[dict[str, Any]]] = self._get("/rows")
        return found

    def _get(self, path: str) -> Any:
        answer = self._session.get(self._control + path, timeout=_ASKING_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, body: object) -> None:
        answer = self._session.post(self._control + path, json=body, timeout=_ASKING_SECONDS)
        assert answer.status_code == 200, answer.text
