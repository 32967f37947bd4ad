"""Celery's messages as files: whole ones only, one reader each, whoever is at work at the same moment or was killed."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection

from app.tasks.files import TRANSPORT, Channel

QUEUE = "qman.docker"
MESSAGES, READERS = 1500, 2
TABLES, BINDERS = 60, 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("queue", "processed", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


def channel(folder: Path) -> Channel:
    """As that of a process of its own."""
    options = {"data_folder_in": folder / "queue", "data_folder_out": folder / "queue"}
    options |= {"processed_folder": folder / "processed", "control_folder": folder / "control"}
    opened: Channel = Connection("filesystem://", transport=TRANSPORT, transport_options=options).channel()
    return opened


def at_once(*jobs: Callable[[], None]) -> None:
    """Each in a thread of its own; the first that fails fails the test."""
    failures: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            failures.append(error)

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def left(channel: Channel) -> list[Any]:
    """What is still to be read, in order."""
    found = []
    while channel._size(QUEUE):
        found.append(channel._get(QUEUE))
    return found


def test_readers_get_each_message_whole_and_once(folder: Path) -> None:
    written = threading.Event()
    got: list[list[int]] = [[] for _ in range(READERS)]

    def write() -> None:
        sender = channel(folder)
        for number in range(MESSAGES):
            sender._put(QUEUE, {"number": number})
        written.set()

    def read(into: list[int]) -> None:
        reader = channel(folder)
        while not written.is_set() or reader._size(QUEUE):
            with suppress(Empty):
                into.append(reader._get(QUEUE)["number"])

    at_once(write, *(lambda into=into: read(into) for into in got))
    assert sorted(number for its in got for number in its) == list(range(MESSAGES))
    assert not list(folder.rglob("*.msg*"))


def test_the_oldest_is_first_and_other_queues_are_left_alone(folder: Path) -> None:
    its = channel(folder)
    for number in range(12):
        its._put(QUEUE, number)
    its._put("other", "another's")
    assert left(its) == list(range(12))
    with pytest.raises(Empty):
        its._get(QUEUE)
    assert its._get("other") == "another's"


def test_what_is_no_message_is_dropped(folder: Path) -> None:
    its = channel(folder)
    its._put(QUEUE, "first")
    for path in (folder / "queue").iterdir():
        path.with_name(f"{'0' * 20}_half.{QUEUE}.msg").write_bytes(b"")
    its._put(QUEUE, "second")
    assert left(its) == ["first", "second"]


def test_all_who_bind_at_once_are_in_the_table(folder: Path) -> None:
    for number in range(TABLES):
        gate = threading.Barrier(BINDERS)

        def bind(queue: str, gate: threading.Barrier = gate, exchange: str = f"e{number}") -> None:
            its = channel(folder)
            gate.wait(30)
            its._queue_bind(exchange, queue, "", queue)
            assert queue in {each.queue for each in its.get_table(exchange)}

        queues = [f"q{each}" for each in range(BINDERS)]
        at_once(*(lambda queue=queue: bind(queue) for queue in queues))
        assert sorted(each.queue for each in channel(folder).get_table(f"e{number}")) == queues


@pytest.mark.parametrize("half", [b"", b'[["qman.dock'])
def test_a_table_that_was_left_half_written_is_made_anew(folder: Path, half: bytes) -> None:
    (folder / "control" / f"{QUEUE}.exchange").write_bytes(half)
    its = channel(folder)
    assert its.get_table(QUEUE) == []
    (folder / "control" / f"{QUEUE}.exchange").write_bytes(half)
    its._queue_bind(QUEUE, QUEUE, "", QUEUE)
    assert [each.queue for each in channel(folder).get_table(QUEUE)] == [QUEUE]
