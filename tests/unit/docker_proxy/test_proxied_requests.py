"""What passes, what is labelled, and each way in which somebody tried to get around it."""

import gzip
import json
import socket
from contextlib import suppress
from typing import Any

import pytest

from app.docker_quota.proxy.bodies import MAX_BODY_BYTES
from app.docker_quota.proxy.heads import MAX_HEAD_BYTES
from app.docker_quota.proxy.sessions import Patience
from tests.fakes.dockerd import ID, FakeDockerd
from tests.unit.docker_proxy.proxied import NAME, Proxied, rest_of, with_proxy

PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
CREATE = b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}"


def labels_of(dockerd: FakeDockerd) -> list[Any]:
    return [creation.json.get("Labels") for creation in dockerd.creations]


def test_a_request_passes_and_the_connection_ends(proxied: Proxied) -> None:
    assert proxied.exchange(PING).endswith(b"\r\n\r\nOK")
    assert proxied.dockerd.requests[0].fields["connection"] == ["close"]


@pytest.mark.parametrize(
    ("target", "kind", "created"),
    [
        (b"/containers/create", "container", ID),
        (b"/v1.41/containers/create?name=web", "container", ID),
        (b"/v1.41/volumes/create", "volume", "data"),
        (b"/networks/create", "network", ID),
        (b"/v1.41/containers%2Fcreate", "container", ID),
        (b"/%63ontainers/cre%61te", "container", ID),
        (b"http://docker/v1.41/containers/create", "container", ID),
        (b"http://docker/containers%2fcreate?x", "container", ID),
    ],
)
def test_creations_are_labelled_and_journalled(proxied: Proxied, target: bytes, kind: str, created: str) -> None:
    answer = proxied.create(b'{"Name": "data", "Labels": {"qman.user": "bob", "tier": "web"}}', target)
    assert answer.startswith(b"HTTP/1.1 201")
    assert labels_of(proxied.dockerd) == [{"qman.user": NAME, "tier": "web"}]
    assert [(entry.kind, entry.object_id, entry.user) for entry in proxied.journal.entries] == [(kind, created, NAME)]
    assert int(proxied.dockerd.requests[0].fields["content-length"][0]) == len(proxied.dockerd.requests[0].body)


def test_an_absolute_target_becomes_a_path(proxied: Proxied) -> None:
    proxied.create(b"{}", b"http://elsewhere/containers/create?name=web")
    assert proxied.dockerd.requests[0].target == "/containers/create?name=web"


def test_a_volume_that_was_there_is_not_journalled(proxied: Proxied) -> None:
    proxied.dockerd.volumes["data"] = {"qman.user": "alice"}
    assert proxied.create(b'{"Name": "data"}', b"/volumes/create").startswith(b"HTTP/1.1 201")
    assert proxied.journal.entries == []


def test_what_dockerd_refuses_is_not_journalled(proxied: Proxied) -> None:
    refusal = b'HTTP/1.1 409 Conflict\r\nContent-Length: 14\r\n\r\n{"Id": "12345"}'
    proxied.dockerd.answers["/containers/create"] = refusal
    assert proxied.create(b"{}") == refusal
    assert proxied.journal.entries == []


def test_pipelined_requests_end_with_the_first(proxied: Proxied) -> None:
    proxied.exchange(PING + CREATE)
    proxied.exchange(CREATE + CREATE)
    proxied.settle()
    assert len(proxied.dockerd.creations) == 1
    assert labels_of(proxied.dockerd) == [{"qman.user": NAME}]


def test_a_create_after_the_first_answer_is_not_read(proxied: Proxied) -> None:
    with proxied.connect() as client:
        client.sendall(b"HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n")
        assert b"200" in rest_of(client)
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the kernel likes
            client.sendall(CREATE * 10_000)
    proxied.settle()
    assert proxied.dockerd.creations == []


@pytest.mark.parametrize("protocol", [b"tcp", b"h2c", b"websocket"])
def test_a_create_behind_a_refused_upgrade_is_not_read(proxied: Proxied, protocol: bytes) -> None:
    upgrade = b"POST /refuses-upgrades HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade, keep-alive\r\nUpgrade: %s\r\n"
    answer = proxied.exchange(upgrade % protocol + b"Content-Length: 0\r\n\r\n" + CREATE)
    proxied.settle()
    assert answer.startswith(b"HTTP/1.1 404")
    assert proxied.dockerd.creations == []
    assert proxied.dockerd.requests[0].fields["connection"] == ["Upgrade, close"]


def test_no_connection_goes_on_as_http2(proxied: Proxied) -> None:
    answer = proxied.exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    settings = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    proxied.exchange(b"GET /_ping HTTP/1.1\r\nHost: docker\r\n" + settings + b"\r\n")
    assert "http2-settings" not in proxied.dockerd.requests[0].fields
    assert proxied.dockerd.requests[0].fields["connection"] == ["Upgrade, close"]


def test_a_creation_upgrades_to_nothing(proxied: Proxied) -> None:
    proxied.create(b"{}", more=b"Connection: Upgrade\r\nUpgrade: tcp\r\n")
    assert "upgrade" not in proxied.dockerd.requests[0].fields
    assert proxied.dockerd.requests[0].fields["connection"] == ["close"]


def test_an_upgraded_connection_keeps_its_half_closes(proxied: Proxied) -> None:
    with proxied.connect() as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello")
        told = b""
        while not told.endswith(b"hello"):
            told += client.recv(4096)
        client.shutdown(socket.SHUT_WR)
        assert rest_of(client) == b"(end)"
    proxied.settle()


def test_a_chunked_creation_is_labelled(proxied: Proxied) -> None:
    head = b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
    proxied.exchange(head + b'5;ext=1\r\n{"Ima\r\n9\r\nge":"x"} \r\n0\r\nX: y\r\n\r\n' + CREATE)
    assert [each.json for each in proxied.dockerd.creations] == [{"Image": "x", "Labels": {"qman.user": NAME}}]
    assert "transfer-encoding" not in proxied.dockerd.requests[0].fields


def test_a_creation_that_waits_for_a_go_ahead_gets_it(proxied: Proxied) -> None:
    with proxied.connect() as client:
        client.sendall(
            b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert rest_of(client).startswith(b"HTTP/1.1 201")
    assert labels_of(proxied.dockerd) == [{"qman.user": NAME}]


def test_dockerd_gives_the_go_ahead_for_other_uploads(proxied: Proxied) -> None:
    with proxied.connect() as client:
        client.sendall(b"POST /x HTTP/1.1\r\nHost: docker\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"data")
        assert rest_of(client).endswith(b"OK")
    assert proxied.dockerd.requests[0].body == b"data"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /_ping HTTP/1.1\nHost: docker\n\n", 400),
        (b"GET /_ping HTTP/1.1\r\nHost: docker\nX: y\r\n\r\n", 400),
        (b"\r\nGET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nHost : docker\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nHost: docker\r\n folded\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nno field\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nA: b\rc\r\n\r\n", 400),
        (b"GET  /_ping HTTP/1.1\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.2\r\n\r\n", 400),
        (b"GET /_ping HTTP/2.0\r\n\r\n", 400),
        (b"GET _ping HTTP/1.1\r\n\r\n", 400),
        (b"POST http:/containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400),
        (b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        (b"POST /x HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}", 400),
        (b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (b"POST /containers/create HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), 413),
        (b"POST /containers/create HTTP/1.1\r\nContent-Length: 1\r\n\r\n[", 400),
        (b"POST /containers/create HTTP/1.1\r\nContent-Length: 5\r\n\r\n[{}]\n", 400),
        (b"POST /containers/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\r\n0\r\n\r\n", 400),
    ],
)
def test_what_can_be_read_in_two_ways_reaches_nobody(proxied: Proxied, head: bytes, status: int) -> None:
    answer = proxied.exchange(head)
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"\r\nConnection: close\r\n" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["message"].startswith("qman docker-proxy: ")
    assert proxied.dockerd.requests == []


def test_a_chunked_body_is_bounded(proxied: Proxied) -> None:
    head = b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with proxied.connect() as client:
        with suppress(OSError):  # refused before all of it was sent
            client.sendall(head + chunk * (MAX_BODY_BYTES // 0x10000 + 1))
        assert rest_of(client).startswith(b"HTTP/1.1 413")
    assert proxied.dockerd.requests == []


def test_heads_and_bodies_are_timed(dockerd: FakeDockerd) -> None:
    slow_head = with_proxy(dockerd, patience=Patience(head_seconds=0.1))
    assert slow_head.exchange(b"GET /_ping HTTP/1.1\r\n").startswith(b"HTTP/1.1 408")
    slow_body = with_proxy(dockerd, patience=Patience(body_seconds=0.1))
    answer = slow_body.exchange(b"POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408")
    assert dockerd.requests == []


def test_a_client_that_says_nothing_is_answered_nothing(proxied: Proxied) -> None:
    with proxied.connect() as client:
        client.shutdown(socket.SHUT_WR)
        assert rest_of(client) == b""


def test_without_dockerd_there_is_an_answer(tmp_path: Any) -> None:
    absent = with_proxy(FakeDockerd(tmp_path))
    for request in (PING, CREATE):
        answer = absent.exchange(request)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Is the docker daemon running?" in answer


def test_a_creation_is_journalled_though_the_client_has_gone(proxied: Proxied) -> None:
    with proxied.connect() as client:
        client.sendall(CREATE)
    proxied.settle()
    assert [entry.object_id for entry in proxied.journal.entries] == [ID]


def test_a_large_upload_passes_unchanged(proxied: Proxied) -> None:
    content = gzip.compress(bytes(range(256)) * 40_000, 0)
    answer = proxied.create(content, b"/images/load")
    assert answer.endswith(b"OK")
    assert proxied.dockerd.requests[0].body == content
