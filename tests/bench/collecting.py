"""P5: rounds of the collector, told by what stands in the master's database and by whom the simulator saw."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import Figure, figure
from tests.bench.fleet_process import FleetProcess
from tests.bench.processes import CLOCK_TICKS, Server, cpu_ticks
from tests.system.stack.programs import wait_until

DEAD_SHARE = 0.1
ROUNDS = 3
PATIENCE_SECONDS = 120


class Rounds:
    """The rounds of a running master with SQLite."""

    def __init__(self, database: Path, fleet: FleetProcess, server: Server, hosts: int) -> None:
        self._database = database
        self._fleet = fleet
        self._server = server
        self.hosts = hosts

    def first_seconds(self) -> float:
        """From the first request of the very first round until every host's figures are stored; call it early."""
        self._wait_for("SELECT count(*) FROM host WHERE taken_at IS NOT NULL")
        ended_at = time.time()
        return ended_at - min(min(asked) for asked in self._fleet.asked_at().values())

    def forced(self) -> tuple[float, float]:
        """A round that begins now: seconds until every host was tried and stored, CPU milliseconds for each."""
        before = sum(map(cpu_ticks, self._server.tree()))
        instant = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        started = time.perf_counter()
        with closing(sqlite3.connect(self._database, timeout=30)) as connection, connection:
            # As *Refresh* does: a reading that is under way now does not count as one of this round.
            connection.execute("UPDATE host SET refresh_requested_at = ?", (instant,))
        self._wait_for("SELECT count(*) FROM host WHERE attempted_at >= ?", instant)
        seconds = time.perf_counter() - started
        ticks = sum(map(cpu_ticks, self._server.tree())) - before
        return seconds, ticks / CLOCK_TICKS * 1000 / self.hosts

    def _wait_for(self, count: str, *values: str) -> None:
        with closing(sqlite3.connect(self._database, timeout=30)) as connection:

            def all_of_them() -> bool:
                found: int = connection.execute(count, values).fetchone()[0]
                return found == self.hosts

            wait_until(all_of_them, PATIENCE_SECONDS, "a round")


def unchanged(rounds: Rounds) -> list[Figure]:
    """Rounds in which nothing has changed: the middle one of some."""
    rounds.forced()
    measured = sorted(rounds.forced() for _ in range(ROUNDS))
    seconds, cpu_ms = measured[ROUNDS // 2]
    text = f"collector: a round over {rounds.hosts:,} hosts that answer in 50 ms, nothing changed"
    return [
        figure("P5", text, seconds, "s", at_most=3),
        figure("P5", f"{text}: CPU of the whole master for each host", cpu_ms, "ms", at_most=1),
    ]


def with_dead(rounds: Rounds) -> list[Figure]:
    """Call it while a tenth drops every packet: the round in which that begins, and the next."""
    first, _ = rounds.forced()
    later, _ = rounds.forced()
    share = f"{DEAD_SHARE:.0%} of {rounds.hosts:,} hosts black-holed"
    return [
        figure("P5", f"collector: the round in which {share} fall silent, until all were tried", first, "s"),
        figure("P5", f"collector: a round with {share}, until all were tried", later, "s", at_most=8),
    ]
