"""However many workers a master has, each slave is read once per round."""

from itertools import pairwise
from pathlib import Path

from tests.fakes.slaves import FleetOfSlaves
from tests.system.stack.programs import Program, free_port, wait_until
from tests.system.stack.settings import master, oauth, write_json

INTERVAL = 1
ROUNDS = 6


def test_four_workers_read_each_slave_once_per_round(checkout: Path) -> None:
    port = free_port()
    with FleetOfSlaves(hosts=3, users=5) as fleet:
        write_json(checkout / "config.json", master(port, fleet.entries(), INTERVAL))
        write_json(checkout / "oauth.config.json", oauth(free_port(), port))
        with Program(f'gunicorn -w 4 -b 127.0.0.1:{port} "run:app"', checkout) as server:
            server.wait_for(f"http://127.0.0.1:{port}/api/health")
            wait_until(lambda: min(map(fleet.count, fleet.ids)) >= ROUNDS, 60, "some rounds")
            read_at = {host: list(fleet.read_at[host]) for host in fleet.ids}
    for host, instants in read_at.items():
        elapsed = instants[-1] - instants[0]
        # four collectors would read four times in each interval; jitter moves one reading, not their number
        assert len(instants) - 1 <= elapsed / INTERVAL * 1.5 + 1, f"{host}: {len(instants)} readings in {elapsed:.1f} s"
        gaps = [later - earlier for earlier, later in pairwise(instants)]
        assert sum(gaps) / len(gaps) >= 0.6 * INTERVAL, f"{host}: {gaps}"
