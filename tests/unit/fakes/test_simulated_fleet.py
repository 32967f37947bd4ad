"""The simulator answers as a slave does, by the slave's own document and to the master's own client, or wrongly."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests

from app.auth.signatures import SlaveAuth
from app.bootstrap.slave import slave_document
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Place
from app.master.collector.slave_client import FetchError, SlaveClient
from app.master.errors import HostFailedError, SlaveRefusedError
from app.master.fleet import Fleet, HostEntry
from app.quota.clock import utc_now
from app.quota.values import QuotaType
from tests.bench.fleet_process import FleetProcess
from tests.bench.simulator.misbehaving import Kind
from tests.fakes.fleet_database import fleet_of

USERS, HOSTS = 5, 3
PLACE = Place("h1", "/dev/sda1", QuotaType.USER)
READ_SECONDS, SHORT = 20.0, 2.0
CODES = {
    Kind.HANG: "timeout",
    Kind.REFUSED: "refused",
    Kind.BLACK_HOLE: "timeout",
    Kind.GARBAGE: "garbage",
    Kind.NOISE: "garbage",
    Kind.HALF: "garbage",
    Kind.HUGE: "too_large",
    Kind.REDIRECT: "redirected",
    Kind.TRICKLE: "timeout",
    Kind.ERROR: "http_error",
    Kind.UNAUTHORIZED: "unauthorized",
    Kind.WRONG_CERTIFICATE: "tls",
    Kind.SILENT: "garbage",
}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    with FleetProcess(tmp_path_factory.mktemp("simulator"), hosts=HOSTS, users=USERS, tls=1) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def fleet(simulator: FleetProcess) -> Fleet:
    return fleet_of(simulator.entries)


@contextmanager
def client_with_deadline(read_seconds: float) -> Iterator[SlaveClient]:
    client = SlaveClient(utc_now, hosts=HOSTS, read_seconds=read_seconds)
    yield client
    client.close()


@pytest.fixture
def client() -> Iterator[SlaveClient]:
    with client_with_deadline(READ_SECONDS) as client:
        yield client


def validator_of(path: str, method: str) -> jsonschema_rs.Validator:
    document = slave_document()
    answer = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    return jsonschema_rs.validator_for({**answer, "components": document["components"]})


def get(entry: HostEntry, **headers: str) -> requests.Response:
    url = f"{entry.url}/remote-api/quotas"
    return requests.get(url, auth=SlaveAuth(entry.read_key), headers=headers, timeout=30)


def test_a_reading_is_as_the_slaves_document_says(fleet: Fleet, client: SlaveClient) -> None:
    answer = get(fleet.get("h1"))
    validator_of("/remote-api/quotas", "get").validate(answer.json())
    devices = client.read(fleet.get("h1"), None).devices()
    assert [(device.name, len(device.user_quotas)) for device in devices] == [
        ("/dev/sda1", USERS),
        ("/dev/sdb1", USERS),
    ]


def test_what_has_not_changed_is_a_304(fleet: Fleet, client: SlaveClient) -> None:
    first = client.read(fleet.get("h2"), None)
    assert client.read(fleet.get("h2"), first.etag).body is None
    assert client.read(fleet.get("h2"), "another").body is not None


def test_a_change_is_answered_logged_and_read_back(simulator: FleetProcess, fleet: Fleet, client: SlaveClient) -> None:
    entry = fleet.get("h1")
    etag = client.read(entry, None).etag
    row = SlaveCalls(client).set_limits(entry, PLACE, 1001, {"block_hard_limit": 0, "block_soft_limit": 4096})
    validator_of("/remote-api/quotas/users/{uid}", "put").validate(row.model_dump(mode="json"))
    assert (row.block_hard_limit, row.block_soft_limit, row.inode_hard_limit) == (0, 4096, 100_000)
    devices = client.read(entry, etag).devices()
    assert row in devices[0].user_quotas
    logged = [json.loads(line) for line in simulator.log.read_text().splitlines()]
    assert logged == simulator.applied()
    told: dict[str, Any] = logged[-1]
    assert (told["host"], told["device"], told["quota_type"], told["id"]) == ("h1", "/dev/sda1", "user", 1001)
    assert told["before"]["block_hard_limit"] == 10_485_760
    assert told["after"] == {
        "block_soft_limit": 4096,
        "block_hard_limit": 0,
        "inode_soft_limit": 80_000,
        "inode_hard_limit": 100_000,
    }
    kept = next(row for row in simulator.rows()["h1"][0]["user_quotas"] if row["uid"] == 1001)
    assert kept["block_soft_limit"] == 4096


def test_a_batch_has_a_result_for_each(fleet: Fleet, client: SlaveClient) -> None:
    limits = {"inode_hard_limit": 70_000}
    answer = SlaveCalls(client).set_many(
        fleet.get("h2"), PLACE, {"names": ["alice", "nobody"]}, {**limits, "inode_soft_limit": 0}, dry_run=False
    )
    validator_of("/remote-api/quotas/batch", "post").validate(answer.model_dump(mode="json", exclude_unset=True))
    assert [(result.id, result.ok) for result in answer.results] == [(1000, True), (None, False)]
    refused = SlaveCalls(client).set_many(fleet.get("h2"), PLACE, {"ids": [1002]}, limits, dry_run=False).results[0]
    assert refused.problem is not None
    assert refused.problem.code == "invalid_input"


def test_what_cannot_be_set_is_refused(simulator: FleetProcess, fleet: Fleet, client: SlaveClient) -> None:
    before = len(simulator.applied())
    with pytest.raises(SlaveRefusedError):
        SlaveCalls(client).set_limits(fleet.get("h1"), PLACE, 1002, {"block_hard_limit": 1})
    elsewhere = Place("h1", "/dev/nothing", QuotaType.USER)
    with pytest.raises(SlaveRefusedError):
        SlaveCalls(client).set_limits(fleet.get("h1"), elsewhere, 1002, {"block_hard_limit": 0})
    assert len(simulator.applied()) == before


def test_signatures_are_checked(simulator: FleetProcess, fleet: Fleet) -> None:
    own, other = fleet.get("h1"), fleet.get("h2")
    refused = simulator.counts()["refused"]
    url = f"{own.url}/remote-api/quotas"
    assert requests.get(url, timeout=30).status_code == 401
    assert requests.get(url, auth=SlaveAuth(other.read_key), timeout=30).status_code == 401
    late = SlaveAuth(own.read_key, lambda: utc_now() - timedelta(seconds=90))
    assert requests.get(url, auth=late, timeout=30).status_code == 401
    signed = requests.Request("GET", url, auth=SlaveAuth(own.read_key)).prepare()
    with requests.Session() as session:
        assert [session.send(signed, timeout=30).status_code for _ in range(2)] == [200, 401]
        put = requests.Request("PUT", f"{url}/users/1000?device=/dev/sda1", json={}, auth=SlaveAuth(own.write_key))
        altered = put.prepare()
        altered.body = b'{"block_hard_limit": 1}'
        altered.headers["Content-Length"] = str(len(altered.body))
        assert session.send(altered, timeout=30).status_code == 401
        assert session.send(put.prepare(), timeout=30).status_code == 200
    written = requests.put(f"{url}/users/1000?device=/dev/sda1", json={}, auth=SlaveAuth(own.read_key), timeout=30)
    assert written.status_code == 403
    assert simulator.counts()["refused"] == refused + 6


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_told_by_its_code_until_it_is_mended(kind: Kind, simulator: FleetProcess, fleet: Fleet) -> None:
    """With a connection that is open already, and (where it need not speak TLS) with one that has to be made."""
    with client_with_deadline(SHORT if CODES[kind] == "timeout" else READ_SECONDS) as client:
        client.read(fleet.get("h3"), None)
        for host in ("h3", "h2") if kind is not Kind.WRONG_CERTIFICATE else ("h3",):
            simulator.behave(kind, hosts=[host])
            with pytest.raises(FetchError) as refused:
                client.read(fleet.get(host), None).devices()
            simulator.behave(None, hosts=[host])
            assert refused.value.code == CODES[kind]
    with client_with_deadline(READ_SECONDS) as client:
        assert client.read(fleet.get("h2"), None).devices()
        assert client.read(fleet.get("h3"), None).devices()


def test_a_silent_host_makes_the_change_and_tells_nobody(
    simulator: FleetProcess, fleet: Fleet, client: SlaveClient
) -> None:
    before = len(simulator.applied())
    simulator.behave("silent", hosts=["h2"])
    with pytest.raises(HostFailedError):
        SlaveCalls(client).set_limits(fleet.get("h2"), PLACE, 1003, {"block_soft_limit": 0})
    simulator.behave(None)
    assert [change["id"] for change in simulator.applied()[before:]] == [1003]


def test_figures_change_by_themselves_and_answers_take_their_time(
    simulator: FleetProcess, fleet: Fleet, client: SlaveClient
) -> None:
    simulator.pace(churn=1000.0, delay=0.2)
    first = client.read(fleet.get("h1"), None)
    answer = get(fleet.get("h1"), **{"If-None-Match": f'"{first.etag}"'})
    simulator.pace(churn=0, delay=0)
    assert answer.status_code == 200
    assert answer.elapsed >= timedelta(seconds=0.2)


def test_who_was_asked_is_counted(simulator: FleetProcess, fleet: Fleet) -> None:
    before, asked = simulator.counts()["asked"], len(simulator.asked_at()["h1"])
    get(fleet.get("h1"))
    assert simulator.counts()["asked"] == before + 1
    assert len(simulator.asked_at()["h1"]) == asked + 1
    assert simulator.counts()["most_at_once"] >= 1


def test_an_unknown_kind_and_an_unknown_host_are_told(simulator: FleetProcess) -> None:
    for kind, hosts in (("sulking", ["h1"]), ("hang", ["h99"]), ("wrong_certificate", ["h1"])):
        with pytest.raises(AssertionError, match="invalid_input"):
            simulator.behave(kind, hosts=hosts)


def test_a_share_is_spread_over_the_fleet(tmp_path: Path) -> None:
    with FleetProcess(tmp_path, hosts=20, users=1, failing=0.1, failure_kind="refused") as simulator:
        refused = []
        for entry in simulator.entries:
            try:
                requests.get(f"{entry['url']}/remote-api/ping", timeout=30)
            except requests.ConnectionError:
                refused.append(entry["id"])
    assert refused == ["h10", "h20"]
