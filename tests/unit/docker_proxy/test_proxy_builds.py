"""Who builds, and from when to when, is in the journal: also while it goes on."""

import socket

import pytest

from app.db.repositories.docker_journal import JournalEntry
from tests.fakes.dockerd import FakeDockerd
from tests.unit.docker_proxy.proxied import NAME, Proxied, rest_of, with_proxy
from tests.unit.docker_proxy.test_proxy_over_quota import MINE

UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"


def builds(proxied: Proxied) -> list[JournalEntry]:
    return [entry for entry in proxied.journal.entries if entry.kind == "build"]


@pytest.mark.parametrize("target", [b"/v1.41/build?t=x", b"/build?version=2", b"/v1.41/session", b"/grpc", b"//grpc/."])
def test_each_way_to_build_has_an_entry_at_its_beginning_and_one_at_its_end(proxied: Proxied, target: bytes) -> None:
    proxied.create(b"context", target)
    proxied.settle()
    begun, ended = builds(proxied)
    assert {(each.user, each.object_id) for each in (begun, ended)} == {(NAME, begun.object_id)}
    assert begun.began_at == ended.began_at <= begun.at < ended.at


@pytest.mark.parametrize("target", [b"/build/prune", b"/session/x", b"/images/json"])
def test_what_builds_nothing_has_none(proxied: Proxied, target: bytes) -> None:
    proxied.create(b"", target)
    proxied.settle()
    assert proxied.journal.entries == []


def test_while_it_goes_on_its_beginning_is_known(proxied: Proxied) -> None:
    """Before dockerd is asked, so that nothing of it can be made by then."""
    with proxied.connect() as client:
        client.sendall(b"POST /v1.41/session HTTP/1.1\r\nHost: docker\r\n%s\r\n" % UPGRADE)
        assert client.recv(12) == b"HTTP/1.1 101"
        assert len(builds(proxied)) == 1
        client.shutdown(socket.SHUT_WR)
        rest_of(client)
    proxied.settle()
    assert len(builds(proxied)) == 2


def test_one_whose_dockerd_is_gone_has_ended_too(dockerd: FakeDockerd, proxied: Proxied) -> None:
    dockerd.path.unlink()
    assert proxied.create(b"", b"/session").startswith(b"HTTP/1.1 503")
    proxied.settle()
    assert len(builds(proxied)) == 2


@pytest.mark.parametrize("target", [b"/session", b"/grpc"])
def test_at_the_hard_limit_it_is_the_build_that_is_refused(dockerd: FakeDockerd, target: bytes) -> None:
    """What buildx asks besides, such as what there is to be removed, goes the same way."""
    assert with_proxy(dockerd, over_quota=MINE).create(b"", target).startswith(b"HTTP/1.1 200")
