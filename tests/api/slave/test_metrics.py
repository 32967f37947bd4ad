"""`GET /metrics`: what stands there, and who may read it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS
from app.db.engine import Database
from app.quota.values import Limits, QuotaType
from app.slave.directory import FixedDirectory
from app.slave.metrics.tallies import Tallies
from tests.fakes.backends import DownBackend, HangingBackend
from tests.fakes.slave_app import SlaveUnderTest, mock_backend, start_slave

HOST2, HOST4 = MOCK_HOSTS["host2"], MOCK_HOSTS["host4"]
GIB = 2**30


def scraped(slave: SlaveUnderTest, address: str = "127.0.0.1", **headers: str) -> TestResponse:
    return slave.app.test_client().get("/metrics", environ_overrides={"REMOTE_ADDR": address}, headers=headers)


def families(slave: SlaveUnderTest) -> dict[str, Metric]:
    answer = scraped(slave)
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = list(text_string_to_metric_families(answer.text))
    assert len({family.name for family in found}) == len(found), "the lines of a family stand together"
    assert all(family.documentation and family.type != "unknown" for family in found)
    return {family.name: family for family in found}


def value(slave: SlaveUnderTest, sample: str, **labels: str) -> float | None:
    """The value of the one sample with these labels, and maybe others; None where there is none."""
    values = [
        each.value
        for family in families(slave).values()
        for each in family.samples
        if each.name == sample and labels.items() <= each.labels.items()
    ]
    assert len(values) <= 1
    return values[0] if values else None


@pytest.fixture
def hanging() -> Iterator[HangingBackend]:
    backend = HangingBackend(MockBackend(HOST2), "kernel")
    yield backend
    backend.release()


def test_every_row_of_every_device_stands_there(database: Database) -> None:
    slave = start_slave(database, host="host4")
    rows = {
        (device["name"], kind, str(row[field])): row
        for device in slave.get("/remote-api/quotas").get_json()
        for kind, field in (("user", "uid"), ("group", "gid"))
        for row in device.get(f"{kind}_quotas", ())
    }
    used = families(slave)["qman_quota_used_bytes"].samples
    assert len(rows) > 5
    assert {(s.labels["device"], s.labels["quota_type"], s.labels["id"]): s.value for s in used} == {
        key: row["block_current"] for key, row in rows.items()
    }
    assert {s.labels["name"] for s in used} == {row["name"] for row in rows.values()}


def test_limits_are_bytes_and_absent_where_there_are_none(database: Database) -> None:
    slave = start_slave(database, host="host4")
    alice = {"device": "docker", "id": "1000"}
    assert value(slave, "qman_quota_hard_limit_bytes", **alice) == 10 * GIB
    assert value(slave, "qman_quota_soft_limit_bytes", **alice) is None
    assert value(slave, "qman_quota_used_inodes", **alice) is None, "Docker counts no files"
    assert value(slave, "qman_quota_used_inodes", device="/dev/sda1", quota_type="user", id="1000") is not None


def test_status_and_grace(database: Database) -> None:
    slave = start_slave(database, host="host4")
    assert value(slave, "qman_quota_status", device="docker", id="1002") == 3, "charlie is over his limit"
    assert value(slave, "qman_quota_status", device="docker", id="1000") == 0
    slave = start_slave(database, host="host1", run_id="run-2")
    expiries = {
        (device["name"], str(row["uid"])): row["block_time_limit"]
        for device in slave.get("/remote-api/quotas").get_json()
        for row in device["user_quotas"]
        if row["block_time_limit"]
    }
    assert expiries
    samples = families(slave)["qman_quota_block_grace_expires_timestamp_seconds"].samples
    found = {(s.labels["device"], s.labels["id"]): s.value for s in samples if s.labels["quota_type"] == "user"}
    assert found == expiries


def test_the_device_itself(database: Database) -> None:
    slave = start_slave(database, host="host4")
    [sda1, docker] = slave.get("/remote-api/quotas").get_json()
    for device in (sda1, docker):
        for name, member in (("used", "used"), ("free", "free"), ("size", "total")):
            assert value(slave, f"qman_device_{name}_bytes", device=device["name"]) == device["usage"][member]
        assert value(slave, "qman_device_up", device=device["name"]) == 1
    assert value(slave, "qman_device_unattributed_bytes", device="docker") == 2**31
    assert value(slave, "qman_device_info", device="/dev/sda1", kind="block", fstype="ext4") == 1
    slave.clock.advance(7)
    assert value(slave, "qman_device_reading_age_seconds", device="/dev/sda1") == 7


def test_a_scrape_serves_from_memory_and_counts(database: Database) -> None:
    slave = start_slave(database, host="host2")
    assert [value(slave, "qman_reading_duration_seconds_count", device="tank/home") for _ in range(3)] == [1, 1, 1]
    assert value(slave, "qman_reading_duration_seconds_bucket", device="tank/home", le="+Inf") == 1
    assert value(slave, "qman_requests_in_flight") == 1


def test_a_device_that_fails_is_down_with_its_code(database: Database) -> None:
    tallies = Tallies()
    down = DownBackend(mock_backend(database, "host2", clock=(slave := start_slave(database)).clock), "kernel")
    slave = start_slave(database, backends=[down, MockBackend(HOST4)], tallies=tallies, clock=slave.clock)
    vdb = {"device": "/dev/vdb1"}
    assert value(slave, "qman_device_up", **vdb) == 0
    assert value(slave, "qman_device_failed_since_timestamp_seconds", **vdb) == slave.clock.now.timestamp()
    assert value(slave, "qman_reading_failures_total", **vdb, code="device_unavailable") == 3
    assert value(slave, "qman_device_reading_age_seconds", **vdb) is None
    assert value(slave, "qman_device_up", device="/dev/sda1") == 1
    assert value(slave, "qman_backend_up", backend="kernel") == 1
    down.list_fails = True
    slave = start_slave(database, backends=[down, MockBackend(HOST4)], clock=slave.clock)
    assert value(slave, "qman_backend_up", backend="kernel") == 0


def test_a_device_that_hangs_makes_no_scrape_hang(database: Database, hanging: HangingBackend) -> None:
    slave = start_slave(database, backends=[hanging, MockBackend(HOST4)], DEVICE_TIMEOUT_SECONDS=2)
    assert value(slave, "qman_device_up", device="/dev/vdb1") == 0
    assert value(slave, "qman_device_up", device="/dev/sda1") == 1
    assert value(slave, "qman_reading_failures_total", device="/dev/vdb1", code="device_timeout") == 3


def test_what_stands_in_names_is_escaped(database: Database) -> None:
    evil = 'a"b\\c\nqman_device_up{device="x"} 1\n'
    backend = mock_backend(database, "host2", clock=(slave := start_slave(database)).clock)
    backend.set_limits("/dev/vdb1", QuotaType.USER, 7, block=Limits(), inode=Limits())
    slave = start_slave(database, backends=[backend], directory=FixedDirectory({7: evil}, {}), clock=slave.clock)
    [sample] = [
        s
        for s in families(slave)["qman_quota_used_bytes"].samples
        if s.labels["id"] == "7" and s.labels["device"] == "/dev/vdb1"
    ]
    assert sample.labels["name"] == evil


@pytest.mark.parametrize(
    ("allow", "address", "allowed"),
    [
        (None, "127.0.0.1", True),
        (None, "::1", True),
        (None, "::ffff:127.0.0.1", True),
        (None, "10.1.2.3", False),
        (None, "", False),
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", True),
        (["10.0.0.0/8"], "127.0.0.1", False),
        (["fd00::/8"], "fd00::5", True),
        ([], "127.0.0.1", False),
    ],
)
def test_who_may_read_them(database: Database, allow: list[str] | None, address: str, allowed: bool) -> None:
    settings: dict[str, Any] = {} if allow is None else {"METRICS_ALLOW": tuple(allow)}
    answer = scraped(start_slave(database, **settings), address)
    assert answer.status_code == (200 if allowed else 403)
    if not allowed:
        assert answer.get_json()["code"] == "forbidden"
        assert b"alice" not in answer.data


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_does_not_make_everybody_local(database: Database, header: str) -> None:
    assert scraped(start_slave(database), **{header: "203.0.113.9"}).status_code == 403


def test_a_device_that_hangs_later_keeps_its_rows_and_says_how_old_they_are(
    database: Database, hanging: HangingBackend
) -> None:
    hanging.release()
    slave = start_slave(database, backends=[hanging], DEVICE_TIMEOUT_SECONDS=2)
    vdb, alice = {"device": "/dev/vdb1"}, {"device": "/dev/vdb1", "id": "1000", "quota_type": "user"}
    before = value(slave, "qman_quota_used_bytes", **alice)
    assert before is not None
    hanging.hang()
    slave.clock.advance(600)
    until = time.monotonic() + 30
    while value(slave, "qman_device_up", **vdb) == 1:
        assert time.monotonic() < until, "it is late at first, then stuck"
    assert value(slave, "qman_quota_used_bytes", **alice) == before
    assert value(slave, "qman_device_reading_age_seconds", **vdb) == 600
