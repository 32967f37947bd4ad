"""What the slave's reading calls answer."""

import gzip
import json
from typing import Any

import pytest

from app import __version__
from app.db.engine import Database
from app.web.quota_rows import DeviceOut
from tests.fakes.slave_app import SlaveUnderTest, start_slave

SDA = "/dev/sda1"
UNSIGNED = ("/remote-api/ping", "/healthz", "/readyz")


def named(devices: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(device for device in devices if device["name"] == name)


def test_ping_says_nothing_more_than_that_it_answers(slave: SlaveUnderTest) -> None:
    answer = slave.app.test_client().get("/remote-api/ping")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", UNSIGNED)
def test_health_needs_no_signature(slave: SlaveUnderTest, path: str) -> None:
    assert slave.app.test_client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/remote-api/host", "/remote-api/quotas", "/remote-api/openapi.json"])
def test_everything_else_does(slave: SlaveUnderTest, path: str) -> None:
    answer = slave.app.test_client().get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "signature_invalid")


def test_every_answer_carries_version_request_id_and_nosniff(slave: SlaveUnderTest) -> None:
    for answer in (slave.get("/remote-api/quotas"), slave.get("/nothing"), slave.app.test_client().get("/healthz")):
        assert answer.headers["Qman-Version"] == __version__
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.headers["X-Request-Id"]) == 32


def test_unknown_paths_are_problems(slave: SlaveUnderTest) -> None:
    answer = slave.get("/remote-api/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_the_host_says_who_it_is_and_which_backends_are_on(slave: SlaveUnderTest) -> None:
    host = slave.get("/remote-api/host").get_json()
    assert (host["id"], host["version"], host["time"]) == ("host1", __version__, "2026-11-21T12:00:00Z")
    assert host["backends"] == [{"name": "mock", "status": "ok", "devices": 6}]
    assert host["capabilities"]["quota_types"] == ["user", "group", "project"]


def test_quotas_are_the_documented_rows(slave: SlaveUnderTest) -> None:
    devices = slave.get("/remote-api/quotas").get_json()
    assert [device["name"] for device in devices] == sorted(device["name"] for device in devices)
    assert len([DeviceOut.model_validate_json(json.dumps(device)) for device in devices]) == 6
    device = named(devices, SDA)
    assert (device["kind"], device["status"], device["measured_at"]) == ("block", "ok", "2026-11-21T12:00:00Z")
    assert device["user_quota_format"] == "vfsv1"
    assert device["user_quota_info"] == {"block_grace": 604800, "inode_grace": 604800, "flags": 0}
    bob = next(row for row in device["user_quotas"] if row["uid"] == 1001)
    assert bob == {
        "uid": 1001,
        "name": "bob",
        "status": "soft_exceeded",
        "block_current": 21 * 2**30,
        "block_soft_limit": 20 * 2**20,
        "block_hard_limit": 25 * 2**20,
        "block_time_limit": 1795521600,
        "inode_current": 64000,
        "inode_soft_limit": 200000,
        "inode_hard_limit": 0,
        "inode_time_limit": 0,
        "limits_source": "own",
    }
    assert device["group_quotas"][0]["gid"] == 2000


def test_filters(slave: SlaveUnderTest) -> None:
    only = slave.get("/remote-api/quotas?device=%2Fdev%2Fsda1&quota_type=group").get_json()
    assert [device["name"] for device in only] == [SDA]
    assert "user_quotas" not in only[0]
    assert only[0]["group_quotas"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("device=/dev/never", 404, None),
        ("quota_type=all", 422, "quota_type"),
        ("quota_type=", 422, "quota_type"),
        ("colour=red", 422, "colour"),
        ("device=a&device=b", 422, "device"),
        ("device=a%00b", 422, "device"),
    ],
)
def test_refused_filters(slave: SlaveUnderTest, query: str, status: int, field: str | None) -> None:
    answer = slave.get(f"/remote-api/quotas?{query}")
    assert answer.status_code == status
    assert [fault["field"] for fault in answer.get_json().get("errors", [])] == ([field] if field else [])


def test_docker_rows_say_what_makes_them_up(database: Database) -> None:
    docker = named(start_slave(database, host="host4").get("/remote-api/quotas").get_json(), "docker")
    assert docker["unattributed_usage"] == 2**31
    charlie = next(row for row in docker["user_quotas"] if row["name"] == "charlie")
    assert charlie["status"] == "hard_reached"
    parts = ("container", "image_layer", "volume", "build_cache")
    assert sum(charlie[f"docker_{part}_bytes"] for part in parts) == charlie["block_current"]


def test_one_user_by_uid_and_by_name(slave: SlaveUnderTest) -> None:
    by_uid = slave.get("/remote-api/quotas/users/1000").get_json()
    assert by_uid == slave.get("/remote-api/quotas/users/by-name/alice").get_json()
    assert len(by_uid) == 6
    assert all([row["uid"] for row in device["user_quotas"]] == [1000] for device in by_uid)
    assert all("group_quotas" not in device for device in by_uid)


def test_an_id_never_seen_has_an_empty_row_with_a_number_for_a_name(slave: SlaveUnderTest) -> None:
    (device,) = slave.get("/remote-api/quotas/users/4294967294?device=/dev/sda1").get_json()
    (row,) = device["user_quotas"]
    assert (row["uid"], row["name"], row["block_current"]) == (4294967294, "#4294967294", 0)


@pytest.mark.parametrize("uid", ["4294967295", "-1", "1.0", "x", "0x10", "18446744073709551616", "٣"])
def test_what_is_no_uid_is_refused(slave: SlaveUnderTest, uid: str) -> None:
    answer = slave.get(f"/remote-api/quotas/users/{uid}")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "uid")


@pytest.mark.parametrize("name", ["nobody-here", "%00", "a" * 300, "%F0%9F%98%80"])
def test_unknown_names_are_not_found(slave: SlaveUnderTest, name: str) -> None:
    for path in (f"/remote-api/quotas/users/by-name/{name}", f"/remote-api/users/resolve?username={name}"):
        assert slave.get(path).status_code in {404, 422}


def test_users(slave: SlaveUnderTest) -> None:
    assert slave.get("/remote-api/users").get_json()[0] == {"uid": 1000, "name": "alice"}
    assert slave.get("/remote-api/users/resolve?username=bob").get_json() == {"uid": 1001, "name": "bob"}
    unknown = slave.get("/remote-api/users/resolve?username=mallory")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "user_not_found")
    assert slave.get("/remote-api/users/resolve").status_code == 422


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
def test_unchanged_quotas_are_not_sent_again_in_any_encoding(slave: SlaveUnderTest, encoding: str) -> None:
    first = slave.get("/remote-api/quotas", headers={"Accept-Encoding": encoding})
    assert first.headers.get("Content-Encoding", "identity") == encoding
    slave.clock.advance(16)
    known = {"If-None-Match": first.headers["ETag"], "Accept-Encoding": encoding}
    again = slave.get("/remote-api/quotas", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert slave.get("/remote-api/quotas?quota_type=user", headers=known).status_code == 200


def test_compressed_quotas_are_the_same(slave: SlaveUnderTest) -> None:
    plain = slave.get("/remote-api/quotas", headers={"Accept-Encoding": "identity"}).data
    assert gzip.decompress(slave.get("/remote-api/quotas", headers={"Accept-Encoding": "gzip"}).data) == plain


def test_a_reading_is_kept_for_its_interval(slave: SlaveUnderTest) -> None:
    def measured_at() -> set[str]:
        return {device["measured_at"] for device in slave.get("/remote-api/quotas").get_json()}

    assert measured_at() == {"2026-11-21T12:00:00Z"}
    slave.clock.advance(14)
    assert measured_at() == {"2026-11-21T12:00:00Z"}
    slave.clock.advance(1)
    assert measured_at() == {"2026-11-21T12:00:15Z"}
    slave.clock.advance(-3600)
    assert measured_at() == {"2026-11-21T11:00:15Z"}


def test_the_document_lists_every_call(slave: SlaveUnderTest) -> None:
    document = slave.get("/remote-api/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert document["paths"]["/remote-api/ping"]["get"]["security"] == []
    assert document["paths"]["/remote-api/quotas/users/{uid}"]["put"]["security"] == [{"signature": []}]
    assert '"int32"' not in json.dumps(document)
