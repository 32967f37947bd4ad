"""A PostgreSQL server of the test's own: Debian's package, a folder in /tmp, a free port, no password on loopback."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.fakes.ports import free_port

START_SECONDS = 60


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        message = "PostgreSQL is not installed (Debian's package postgresql)"
        raise FileNotFoundError(message)
    return found[-1].parent


class PostgresServer:
    """Runs while the block does; each `new_url()` is an empty database."""

    def __init__(self, *, data: Path | None = None, log_of_changes: Path | None = None) -> None:
        """On disks that may run full: `data` all of it, or `log_of_changes` (pg_wal) alone; neither exists yet."""
        self._programs = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="qman-postgres-"))
        self._port = free_port()
        self._shared: str | None = None
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        shutil.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self._data = data or self._folder / "data"
        self._log_of_changes = log_of_changes
        self._segments = ["--wal-segsize=1"] if data or log_of_changes else []
        for elsewhere in (data, log_of_changes):
            if elsewhere is not None:
                shutil.chown(elsewhere.parent, self._user.pw_uid, self._user.pw_gid)

    def __enter__(self) -> Self:
        where = ["-D", str(self._data), *(["-X", str(self._log_of_changes)] if self._log_of_changes else [])]
        how = ["-A", "trust", "-U", "qman", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8", *self._segments]
        self._run("initdb", *where, *how)
        self.start()
        return self

    def start(self) -> None:
        """Returns when it answers; after a crash it has recovered then."""
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -c fsync=off -k {self._folder}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-o", options, "-l", log, "-w", "-t", str(START_SECONDS), "start")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.is_running:
            self.stop()
        shutil.rmtree(self._folder)

    @property
    def is_running(self) -> bool:
        """False when it was stopped, or has given up."""
        return (self._data / "postmaster.pid").exists()

    def stop(self) -> None:
        """At once, as a crash does: every connection is lost, and what was not committed."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def new_url(self) -> str:
        """The URL of a new, empty database."""
        name = f"qman_{uuid4().hex[:12]}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "qman", name)
        return f"postgresql://qman@127.0.0.1:{self._port}/{name}"

    def new_schema_url(self) -> str:
        """The URL of a new, empty schema in a database that they share: made in no time."""
        if self._shared is None:
            self._shared = self.new_url()
        name = f"qman_{uuid4().hex[:12]}"
        with psycopg.connect(self._shared, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        return f"{self._shared}?options=-csearch_path%3D{name}"

    def _run(self, program: str, *arguments: str) -> None:
        user, group = (self._user.pw_uid, self._user.pw_gid) if os.geteuid() == 0 else (None, None)
        with (self._folder / "output").open("a") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                check=False,
                timeout=START_SECONDS + 30,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=user,
                group=group,
            )
        if done.returncode != 0:
            message = f"{program} failed: {(self._folder / 'output').read_text()[-2000:]}"
            raise RuntimeError(message)
