"""Lines of auditd's log, as recorded: who connected, and nothing that anybody typed."""

from dataclasses import astuple
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.docker_quota.audit.events import events_of
from app.docker_quota.audit.records import find_record, text_of
from tests.unit.docker_quota import recorded_audit as log

AT = datetime(2026, 11, 21, 17, 36, 59, 208000, UTC)


def test_a_connection_is_who_when_and_by_what() -> None:
    [found] = events_of([log.BY_CLI, *log.OTHERS_OF_THE_EVENT]).connections
    assert (found.at, found.serial, found.pid) == (AT, 19, 12596)
    assert (found.auid, found.uid, found.exe) == (None, 3001, "/usr/local/bin/docker")


def test_the_command_line_is_not_read() -> None:
    events = events_of([log.BY_CLI, *log.OTHERS_OF_THE_EVENT])
    assert "PASS" not in str([astuple(each) for each in events.connections])


def test_sudo_keeps_who_logged_in() -> None:
    [found] = events_of([log.BY_SUDO]).connections
    assert (found.auid, found.uid) == (3001, 0)


def test_texts_in_hexadecimal() -> None:
    assert [each.exe for each in events_of([log.WITH_A_BLANK_IN_ITS_PATH]).connections] == ["/srv/a b/py"]
    assert len(events_of([log.OF_TWO_KEYS]).connections) == 1
    assert text_of(b"(null)") == "(null)"


@pytest.mark.parametrize("line", [log.REFUSED, log.OF_ANOTHER_RULE, log.OF_NO_RULE, *log.OTHERS_OF_THE_EVENT])
def test_what_is_no_successful_connection_is_none(line: bytes) -> None:
    assert events_of([line]).connections == ()


def test_the_path_of_the_socket_is_the_clients_own_affair() -> None:
    [found] = events_of([log.FROM_A_CONTAINER]).connections
    assert (found.auid, found.uid, found.exe) == (None, 0, "/dk")


def test_old_formats_and_names_of_nodes_are_read_too() -> None:
    raw = log.BY_CLI.split(b"\x1d")[0]
    assert len(events_of([raw, b"node=gpu1 " + log.BY_CLI]).connections) == 2


def test_starts_of_the_daemon_and_changes_of_rules_break_it() -> None:
    events = events_of([log.BY_CLI, log.STARTED, log.RULE_ADDED, log.BY_SUDO])
    assert events.broken_at == datetime(2026, 11, 21, 17, 36, 59, 152000, UTC)
    assert events.begins_at == AT
    assert len(events.connections) == 2


def test_nobody_makes_up_a_record_by_a_name() -> None:
    name = b'x" uid=0 key="docker-socket'
    forged = log.OF_NO_RULE.replace(b'comm="docker"', b"comm=" + name.hex().upper().encode())
    assert events_of([forged]).connections == ()
    again = log.BY_CLI.replace(b"\x1d", b' uid=0 pid=1 success=no\x1duid="4"')
    assert [each.uid for each in events_of([again]).connections] == [3001]


@given(st.integers(0, len(log.BY_CLI) - 1), st.binary(max_size=5))
def test_damaged_lines_harm_nothing(cut: int, junk: bytes) -> None:
    whole = events_of([log.BY_CLI[:cut] + junk, log.BY_CLI[cut:], log.BY_SUDO])
    assert whole.connections[-1].serial == 33
    assert len(whole.connections) <= 2


@given(st.binary(max_size=300))
def test_any_bytes_are_a_record_or_none(line: bytes) -> None:
    find_record(line)
    find_record(b"type=SYSCALL msg=audit(1795282619.208:19): " + line)
    events_of([line, b'type=SYSCALL msg=audit(99999999999.999:19): success=yes key="docker-socket" ' + line])
