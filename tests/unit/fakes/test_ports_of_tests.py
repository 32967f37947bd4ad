"""Ports for servers of tests: given once, to one process."""

import subprocess
import sys
from pathlib import Path

from tests.fakes.ports import SERVER_PORTS, free_port, take

ROOT = Path(__file__).resolve().parents[3]


def test_a_port_is_given_once_and_not_where_connections_go_out() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert not any(map(take, ports))
    assert SERVER_PORTS.stop <= int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def test_another_process_does_not_get_it() -> None:
    port = free_port()
    asks = f"from tests.fakes.ports import free_port, take; print(take({port}), take(free_port()))"
    said = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    assert said.stdout == "False False\n", "neither ours, nor its own once more"
