"""An installation of several processes as people start them: servers and workers over one database and one broker."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select

from app.db.engine import Database
from app.db.tables.audit import LeaseRow
from app.master.collector.service import LEASE
from tests.fakes.ports import free_port
from tests.system.stack.programs import ROOT, Program
from tests.system.stack.settings import Settings, master, write_json

IMPORTED = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
WORKER = "celery -A app.celery_app:celery_app worker -Q qman.collect -l info"


class Installation:
    """Whatever is started here ends with the block."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """`settings` go on top of those that every master has."""
        self.folder = folder
        self._settings = settings
        self._programs = ExitStack()
        self._workers = 0
        write_json(folder / "config.json", master(free_port(), [], 60) | settings)
        url = {"url": f"http://localhost:{free_port()}"}
        write_json(folder / "oauth.config.json", {"enabled": False, "server": url, "client": url})
        self.database = Database(settings["DATABASE_URL"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._programs.__exit__(kind, error, tb)
        self.database.dispose()

    def server(self, port: int) -> Program:
        """A master, which plans when it is its turn. It need not answer yet."""
        command = f"QMAN_PORT={port} python {ROOT}/run.py"
        return self._programs.enter_context(Program(command, self.folder, IMPORTED))

    def worker(self, options: str) -> Program:
        """One of Celery's workers. It need not listen yet."""
        self._workers += 1
        command = f"CONFIG_PATH=config.json {WORKER} -n w{self._workers}@%h {options}"
        return self._programs.enter_context(Program(command, self.folder, IMPORTED))

    def planner(self) -> int:
        """The process id of the server that plans; 0: none does."""
        with self.database.read() as connection:
            found = connection.scalar(select(LeaseRow.holder).where(LeaseRow.name == LEASE))
        return int(found.split(":")[1]) if found else 0
