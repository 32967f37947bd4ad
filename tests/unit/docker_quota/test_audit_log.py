"""The log is read through everything that happens to a log."""

import os
from pathlib import Path

import pytest

from app.docker_quota.audit.log import Piece, Position, read_piece


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def rotate(log: Path, keep: int = 4) -> None:
    """As auditd does: the oldest is overwritten, each gets the next number, and a new log begins."""
    for number in range(keep, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.exists():
            newer.rename(older)
    log.touch()


def read_on(log: Path, piece: Piece | None = None, most_bytes: int = 10_000) -> Piece:
    return read_piece(log, piece.end if piece else None, most_bytes)


def test_each_line_is_read_once(log: Path) -> None:
    append(log, b"one\ntwo\n")
    first = read_on(log)
    assert first.lines == (b"one", b"two")
    append(log, b"three\n")
    second = read_on(log, first)
    assert second.lines == (b"three",)
    assert read_on(log, second).lines == ()
    assert not second.is_gap


def test_a_line_without_its_end_waits(log: Path) -> None:
    append(log, b"one\ntw")
    first = read_on(log)
    append(log, b"o\n")
    assert (first.lines, read_on(log, first).lines) == ((b"one",), (b"two",))


def test_a_carriage_return_is_no_end_of_a_line(log: Path) -> None:
    append(log, b"one\rtype=SYSCALL\n")
    assert read_on(log).lines == (b"one\rtype=SYSCALL",)


def test_rotation_loses_nothing(log: Path) -> None:
    append(log, b"one\ntwo\n")
    first = read_on(log)
    append(log, b"three\n")
    rotate(log)
    append(log, b"four\n")
    rotate(log)
    append(log, b"five\n")
    piece = read_on(log, first)
    assert (piece.lines, piece.is_gap) == ((b"three", b"four", b"five"), False)


def test_what_there_is_from_before_is_read_oldest_first(log: Path) -> None:
    for line in (b"one\n", b"two\n", b"three\n"):
        rotate(log)
        append(log, line)
    assert read_on(log).lines == (b"one", b"two", b"three")


def test_rotated_away_is_a_gap(log: Path) -> None:
    append(log, b"one\n")
    first = read_on(log)
    for line in (b"two\n", b"three\n", b"four\n"):
        rotate(log, keep=2)
        append(log, line)
    piece = read_on(log, first)
    assert piece.lines == (b"two", b"three", b"four")
    assert piece.is_gap


def test_an_emptied_log_is_a_gap(log: Path) -> None:
    append(log, b"one\ntwo\n")
    first = read_on(log)
    os.truncate(log, 0)
    append(log, b"new\n")
    piece = read_on(log, first)
    assert (piece.lines, piece.is_gap) == ((b"new",), True)


def test_a_log_that_begins_again_as_it_did_is_a_gap(log: Path) -> None:
    head = b"x" * 100 + b"\n"
    append(log, head + b"one\n")
    first = read_on(log)
    os.truncate(log, 0)
    append(log, head)
    piece = read_on(log, first)
    assert (piece.lines, piece.is_gap) == ((b"x" * 100,), True)


def test_another_file_with_the_inode_of_the_last_is_no_continuation(log: Path) -> None:
    append(log, b"type=DAEMON_START one\n")
    first = read_on(log)
    assert first.end is not None
    os.truncate(log, 0)
    append(log, b"type=DAEMON_START two, longer than it was\n")
    piece = read_piece(log, Position(log.stat().st_ino, first.end.offset, first.end.head))
    assert (piece.lines, piece.is_gap) == ((b"type=DAEMON_START two, longer than it was",), True)


def test_an_empty_log_is_no_place_to_go_on_from(log: Path) -> None:
    append(log, b"one\n")
    rotate(log)
    first = read_on(log)
    assert first.end == Position(log.with_name("audit.log.1").stat().st_ino, 4, b"one\n")
    append(log, b"two\n")
    assert read_on(log, first).lines == (b"two",)


def test_a_call_reads_so_much_and_the_next_goes_on(log: Path) -> None:
    lines = [b"%05d" % number for number in range(500)]
    append(log, b"\n".join(lines[:250]) + b"\n")
    rotate(log)
    append(log, b"\n".join(lines[250:]) + b"\n")
    found: list[bytes] = []
    piece = read_on(log, None, 100)
    while not piece.is_all:
        found += piece.lines
        assert len(piece.lines) <= 17
        piece = read_on(log, piece, 100)
    assert [*found, *piece.lines] == lines


def test_garbage_without_an_end_is_passed_over(log: Path) -> None:
    append(log, b"x" * 1000 + b"\none\n")
    found: list[bytes] = []
    piece = read_on(log, None, 100)
    while not piece.is_all:
        found += piece.lines
        piece = read_on(log, piece, 100)
    assert [*found, *piece.lines][-1] == b"one"


def test_a_log_that_cannot_be_read_is_a_state_with_a_reason(log: Path, tmp_path: Path) -> None:
    append(log, b"one\n")
    first = read_on(log)
    log.unlink()
    gone = read_on(log, first)
    assert gone.problem is not None
    assert (gone.problem.code, gone.end, gone.lines) == ("missing", first.end, ())
    os.mkfifo(log)
    pipe = read_on(log)
    assert pipe.problem is not None
    assert pipe.problem.code == "failed"
    assert "no regular file" in pipe.problem.detail


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read it")
def test_a_log_of_roots_is_forbidden(log: Path, tmp_path: Path) -> None:
    append(log, b"one\n")
    log.chmod(0o600)
    os.seteuid(65534)
    try:
        problem = read_on(log).problem
    finally:
        os.seteuid(0)
    assert problem is not None
    assert problem.code == "forbidden"
