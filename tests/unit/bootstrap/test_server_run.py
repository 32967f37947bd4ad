"""All processes that a server starts belong to one run; another start is another run."""

import subprocess
import sys

from app.bootstrap.server_run import server_run_id

PRINT = "from app.bootstrap.server_run import server_run_id; print(server_run_id())"


def run_id_in_a_child(server: str) -> str:
    environment = {"SERVER_SOFTWARE": server, "PYTHONPATH": "."}
    return subprocess.run(
        [sys.executable, "-c", PRINT], env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_workers_of_gunicorn_share_a_run_and_other_processes_are_their_own() -> None:
    workers = {run_id_in_a_child("gunicorn/27.0.1") for _ in range(2)}
    assert len(workers) == 1
    assert {run_id_in_a_child("") for _ in range(2)}.isdisjoint(workers)
    assert server_run_id() == server_run_id()
