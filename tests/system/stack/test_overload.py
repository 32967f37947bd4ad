"""Forty requests that hang take nothing from whoever asks whether the slave lives, and the next one is told to wait."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import requests

from app.slave.guard import MOST_IN_FLIGHT
from tests.fakes.ports import free_port
from tests.system.stack.programs import ROOT, Program, wait_until


def get(port: int, path: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"http://127.0.0.1:{port}{path}", timeout=60)


def test_the_forty_first_is_told_to_wait_and_pings_are_answered(tmp_path: Path) -> None:
    port, fifo = free_port(), tmp_path / "fifo"
    os.mkfifo(fifo)
    of_app = {"PYTHONPATH": str(ROOT)}
    with (
        Program(f"python -m tests.fakes.hanging_server {port} {fifo}", tmp_path, of_app) as server,
        ThreadPoolExecutor(MOST_IN_FLIGHT) as pool,
    ):
        server.wait_for(f"http://127.0.0.1:{port}/healthz")
        hanging = [pool.submit(get, port, "/hang") for _ in range(MOST_IN_FLIGHT)]
        try:
            wait_until(lambda: get(port, "/healthz").text == str(MOST_IN_FLIGHT), 30, "all of them are under way")
            refused = get(port, "/fast")
            assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
            assert int(refused.headers["Retry-After"]) > 0
            assert {get(port, path).status_code for path in ("/healthz", "/readyz", "/remote-api/ping")} == {200}
        finally:
            release(fifo, hanging)
        assert get(port, "/fast").text == "fast"


def release(fifo: Path, hanging: list[Future[requests.Response]]) -> None:
    """Lets all of them end, also those that come to the FIFO only now."""

    def opened() -> bool:
        os.close(os.open(fifo, os.O_RDWR))
        return all(each.done() for each in hanging)

    wait_until(opened, 30, "they end")
