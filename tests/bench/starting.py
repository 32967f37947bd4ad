"""P12: from `python run.py` to the first answer."""

from collections.abc import Callable
from pathlib import Path

from tests.bench.figures import Figure, figure, median_of
from tests.bench.processes import Server
from tests.fakes.ports import free_port
from tests.system.stack.settings import Settings, master, mock_slave, oauth, write_json

RUNS = 5


def measure(folder: Path) -> list[Figure]:
    """A master and a slave, each with a database that is there already."""
    folder.mkdir()
    write_json(folder / "oauth.config.json", oauth(free_port(), free_port()))

    def new_master(port: int) -> Settings:
        return master(port, []) | {"DATABASE_URL": f"sqlite:///{folder}/master.sqlite"}

    def new_slave(port: int) -> Settings:
        return mock_slave("host1", port) | {"DATABASE_URL": f"sqlite:///{folder}/slave.sqlite"}

    return [
        cold_start(folder, "master", "api/health", new_master),
        cold_start(folder, "slave", "remote-api/ping", new_slave),
    ]


def cold_start(folder: Path, role: str, page: str, settings_for: Callable[[int], Settings]) -> Figure:
    """The middle of some starts, after one that makes the database."""

    def start() -> float:
        port = free_port()
        with Server(folder, f"http://127.0.0.1:{port}/{page}", "run.py", settings=settings_for(port)) as server:
            return server.seconds_to_answer()

    start()
    return figure("P12", f"{role}: cold start of python run.py", median_of(RUNS, start), "s", at_most=2)
