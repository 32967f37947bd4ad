"""The fakes are as bad as their names, and no worse."""

import time

import pytest
import requests

from tests.fakes.fleet_database import eventually
from tests.fakes.slaves import (
    BlackHoleSlave,
    DrippingSlave,
    FleetOfSlaves,
    GarbageSlave,
    HalfAnswerSlave,
    HangingSlave,
    HugeSlave,
    RedirectingSlave,
    RefusingSlave,
    SlowSlave,
)

SIGNED = {"Signature": "any"}
SHORT, LONG = 0.3, 30


def test_a_fleet_answers_under_base_paths_with_etags() -> None:
    with FleetOfSlaves(hosts=3, users=50) as fleet:
        url = f"{fleet.url('h2')}/remote-api/quotas"
        first = requests.get(url, headers=SIGNED, timeout=LONG)
        again = requests.get(url, headers={**SIGNED, "If-None-Match": first.headers["ETag"]}, timeout=LONG)
        unsigned = requests.get(url, timeout=LONG)
    devices = first.json()
    assert [len(device["user_quotas"]) for device in devices] == [50, 50]
    assert {row["status"] for row in devices[0]["user_quotas"]} == {"ok", "soft_exceeded", "hard_reached"}
    assert again.status_code == 304
    assert unsigned.status_code == 401
    assert fleet.count("h2") == 3
    assert fleet.count("h1") == 0


def test_a_limit_set_in_the_fleet_is_there_afterwards() -> None:
    with FleetOfSlaves(hosts=1, users=2, devices=1) as fleet:
        url = f"{fleet.url('h1')}/remote-api/quotas"
        before = requests.get(url, headers=SIGNED, timeout=LONG)
        put = requests.put(
            f"{url}/users/1001?device=/dev/sda1", json={"block_hard_limit": 4096}, headers=SIGNED, timeout=LONG
        )
        after = requests.get(url, headers={**SIGNED, "If-None-Match": before.headers["ETag"]}, timeout=LONG)
    assert put.json()["block_hard_limit"] == 4096
    assert after.json()[0]["user_quotas"][1] == put.json()


def test_single_hosts_of_a_fleet_hang_and_fail_until_mended() -> None:
    with FleetOfSlaves(hosts=2) as fleet:
        url = f"{fleet.url('h1')}/remote-api/quotas"
        fleet.hang("h1")
        with pytest.raises(requests.Timeout):
            requests.get(url, headers=SIGNED, timeout=SHORT)
        fleet.mend("h1")
        fleet.fail("h1", status=503)
        assert requests.get(url, headers=SIGNED, timeout=LONG).status_code == 503
        fleet.mend("h1")
        assert requests.get(url, headers=SIGNED, timeout=LONG).status_code == 200


def test_a_hanging_slave_accepts_and_never_answers() -> None:
    with HangingSlave() as slave:
        with pytest.raises(requests.ReadTimeout):
            requests.get(slave.url, timeout=SHORT)
        eventually(lambda: slave.requests == 1)


def test_a_refusing_slave_refuses() -> None:
    with RefusingSlave() as slave, pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(slave.url, timeout=LONG)


def test_a_black_hole_never_even_connects() -> None:
    with BlackHoleSlave() as slave, pytest.raises(requests.ConnectTimeout):
        requests.get(slave.url, timeout=SHORT)


def test_a_garbage_slave_is_no_json() -> None:
    with GarbageSlave() as slave:
        assert requests.get(slave.url, timeout=LONG).text.startswith("<html>")


def test_half_an_answer_breaks_off() -> None:
    with HalfAnswerSlave() as slave, pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(slave.url, timeout=LONG)


def test_a_redirecting_slave_sends_elsewhere() -> None:
    with RedirectingSlave("http://127.0.0.1:9/x") as slave:
        answer = requests.get(slave.url, timeout=LONG, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/x")


def test_a_huge_slave_goes_on_for_long() -> None:
    with (
        HugeSlave(size=8 * 2**20, tell_length=False) as slave,
        requests.get(slave.url, timeout=LONG, stream=True) as answer,
    ):
        assert "Content-Length" not in answer.headers
        assert len(answer.raw.read(3 * 2**20)) == 3 * 2**20


def test_a_slow_slave_is_late_and_right() -> None:
    started = time.monotonic()
    with SlowSlave(SHORT) as slave:
        assert requests.get(slave.url, timeout=LONG).json() == []
    assert time.monotonic() - started >= SHORT


def test_a_dripping_slave_outlives_every_read_timeout() -> None:
    seconds = 2.0
    started = time.monotonic()
    with DrippingSlave(seconds / 40) as slave, requests.get(slave.url, timeout=seconds, stream=True) as answer:
        assert sum(len(part) for part in (answer.raw.read(1) for _ in range(50))) == 50
    assert time.monotonic() - started > seconds
