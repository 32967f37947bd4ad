"""How the doctor looks: at ports, sockets, databases, a master's clock. None of it leaves a trace."""

import errno
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.db.engine import Database
from app.db.inspection import inspect_database
from app.db.migrate import ensure_schema, newest_revision
from app.slave.doctor import clock, docker, server, zfs
from app.slave.doctor.server import Answer
from tests.fakes.ports import free_port


@contextmanager
def answering(body: bytes, date: datetime | None = None) -> Iterator[int]:
    """A server on a port of its own that answers every GET alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Content-Length", str(len(body)))
            if date is not None:
                self.send_header("Date", format_datetime(date, usegmt=True))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            """Nothing."""

    with HTTPServer(("127.0.0.1", free_port()), Handler) as serving:
        thread = Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield serving.server_port
        serving.shutdown()
        thread.join()


@contextmanager
def silent() -> Iterator[int]:
    """A port that accepts and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def at(port: int, bind: str = "127.0.0.1") -> Answer:
    return server.look_at_server(bind, port).answer


def test_what_is_at_the_slaves_port() -> None:
    with answering(b'{"status":"ok"}') as port:
        assert (at(port), at(port, "0.0.0.0")) == (Answer.SLAVE, Answer.SLAVE)
    for body in (b"<html>It works!</html>", b"[]", b"", b'{"status":"fine"}'):
        with answering(body) as port:
            assert at(port) is Answer.SOMETHING_ELSE
    with silent() as port:
        assert at(port) is Answer.SILENCE
    assert at(free_port()) is Answer.NOBODY
    assert at(80, "no-such-host.invalid") is Answer.SOMETHING_ELSE


@pytest.mark.parametrize("seconds_ahead", [-90, 0, 90])
def test_a_masters_clock_is_read_from_its_answer(seconds_ahead: int) -> None:
    with answering(b"{}", datetime.now(UTC) + timedelta(seconds=seconds_ahead)) as port:
        found = list(clock.of_master(f"http://127.0.0.1:{port}/api/internal/slave-events"))
    assert [each.code for each in found] == (["clock_off"] if seconds_ahead else [])
    if found:
        assert ("behind" if seconds_ahead > 0 else "ahead of") in found[0].found


def test_a_master_that_cannot_be_asked() -> None:
    with silent() as silence, answering(b"{}") as without_date:
        for port in (silence, without_date, free_port()):
            [finding] = clock.of_master(f"http://127.0.0.1:{port}/api")
            assert finding.code == "master_unreachable"
            assert f"http://127.0.0.1:{port}/api/health" in finding.mend


def test_dockers_socket_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    assert docker.look_at_docker(f"unix://{path}", str(tmp_path)).answer == errno.ENOENT
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert docker.look_at_docker(str(path), str(tmp_path)).answer == errno.ECONNREFUSED
        listener.listen()
        assert docker.look_at_docker(str(path), str(tmp_path)).answer == errno.ETIMEDOUT
        listener.accept()[0].close()  # that of the look before
        answers = Thread(target=_answer_once, args=(listener,))
        answers.start()
        found = docker.look_at_docker(str(path), str(tmp_path / "none"))
        answers.join()
    assert (found.answer, found.has_root) == (0, False)


def _answer_once(listener: socket.socket) -> None:
    with listener.accept()[0] as connection:
        assert connection.recv(100).startswith(b"GET /_ping ")
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nOK")


def test_the_tools_of_zfs_are_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    def tool(name: str, does: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)

    if not Path("/bin/zpool").exists():
        assert zfs.look_at_zfs(5).is_missing
    tool("zpool", "printf 'tank\\tONLINE\\n'")
    tool("zfs", "printf 'tank\\ntank/home\\n'")
    assert zfs.look_at_zfs(30) == zfs.Zfs((("tank", "ONLINE"),), frozenset({"tank", "tank/home"}))
    tool("zfs", "echo Permission denied the >&2; exit 1")
    assert zfs.look_at_zfs(30).problem == "zfs failed with status 1: Permission denied the"
    tool("zpool", "printf 'tank\\tSUSPENDED\\n'")
    tool("zfs", "exec sleep 60")
    assert zfs.look_at_zfs(30) == zfs.Zfs((("tank", "SUSPENDED"),)), "the rest would hang, and is not asked"


def test_a_suspended_pool_takes_no_other_pools_datasets_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    for name, does in (
        ("zpool", "printf 'bad\\tSUSPENDED\\ntank\\tONLINE\\n'"),
        ("zfs", 'for pool; do :; done; [ "$pool" = tank ] || exec sleep 60; echo tank; echo tank/home'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    found = zfs.look_at_zfs(30)
    assert found == zfs.Zfs((("bad", "SUSPENDED"), ("tank", "ONLINE")), frozenset({"tank", "tank/home"}))
    assert [finding.code for finding in zfs.of_zfs(found, ["tank/home", "bad/home"])] == ["zfs_pool_bad"]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_database_is_looked_at_without_a_trace(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/slave.sqlite"
    assert inspect_database(url).revision is None
    assert files_of(tmp_path) == {}
    database = Database(url)
    ensure_schema(database)
    database.dispose()
    before = files_of(tmp_path)
    found = inspect_database(url)
    assert (found.revision, found.problem, found.unwritable) == (newest_revision(), None, None)
    assert 0 < found.free_bytes < found.total_bytes
    assert files_of(tmp_path) == before


def test_a_database_in_use_is_read_with_its_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/slave.sqlite"
    database = Database(url)
    ensure_schema(database)
    with database.read() as reader:
        reader.exec_driver_sql("SELECT 1 FROM alembic_version").all()
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001_first'")
        assert inspect_database(url).revision == "0001", "it stands in the log alone"
    database.dispose()


def test_databases_that_are_none(tmp_path: Path) -> None:
    assert not inspect_database(f"sqlite:///{tmp_path}/none/slave.sqlite").has_folder
    garbage = tmp_path / "garbage.sqlite"
    garbage.write_bytes(b"no database" * 100)
    assert inspect_database(f"sqlite:///{garbage}").problem == "file is not a database"
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    assert inspect_database(f"sqlite:///{other}").revision is None
    gone = inspect_database(f"postgresql://nobody:hunter2hunter2@127.0.0.1:{free_port()}/none")
    assert gone.problem is not None
    assert "hunter2" not in repr(gone)
