"""What a slave may answer is bounded: no redirect is followed, no answer above 16 MiB kept, none that is not whole."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from app.master.collector.slave_client import MAX_BODY_BYTES, FetchError, SlaveClient
from app.master.errors import HostFailedError
from app.web.quota_changes import BatchOut
from tests.fakes.fleet_database import HandClock, entry, fleet_of
from tests.fakes.slaves import (
    BadSlave,
    FleetOfSlaves,
    GarbageSlave,
    GzipBombSlave,
    HalfAnswerSlave,
    HalfChunkedSlave,
    HugeSlave,
    RedirectingSlave,
)

QUOTAS, BATCH = "/remote-api/quotas", "/remote-api/quotas/batch"
BODY = b'{"device": "/dev/sda1", "ids": [1000], "limits": {"block_hard_limit": 7}, "dry_run": false}'
REDIRECTS = ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
MEBIBYTE = 2**20


@pytest.fixture
def client() -> Iterator[SlaveClient]:
    with closing(SlaveClient(HandClock(), hosts=1)) as client:
        yield client


def read(client: SlaveClient, bad: BadSlave) -> str:
    """The code with which the reading fails."""
    with pytest.raises(FetchError) as failure:
        client.read(fleet_of([entry("bad", bad.url)]).get("bad"), None)
    return failure.value.code


def change(client: SlaveClient, bad: BadSlave) -> str:
    """With which words the change fails."""
    with pytest.raises(HostFailedError) as failure:
        client.change(fleet_of([entry("bad", bad.url)]).get("bad"), "POST", BATCH, BODY, BatchOut)
    return failure.value.detail


@pytest.mark.parametrize("status", REDIRECTS)
def test_no_redirect_is_followed_even_to_where_all_would_be_well(client: SlaveClient, status: str) -> None:
    with FleetOfSlaves(hosts=1, users=3) as well:
        with RedirectingSlave(well.url("h1") + QUOTAS, status) as bad:
            assert read(client, bad) == "redirected"
        with RedirectingSlave(well.url("h1") + BATCH, status) as bad:
            assert status[:3] in change(client, bad)
        assert well.connections == 0


@pytest.mark.parametrize("half", [HalfAnswerSlave, HalfChunkedSlave])
def test_half_an_answer_is_none_though_what_came_is_valid(client: SlaveClient, half: type[BadSlave]) -> None:
    with half() as bad:
        assert read(client, bad) == "garbage"
        assert "before its answer was complete" in change(client, bad)


@pytest.mark.parametrize("tell_length", [True, False])
def test_what_is_too_large_is_not_read_to_its_end(client: SlaveClient, *, tell_length: bool) -> None:
    with HugeSlave(tell_length=tell_length) as bad:
        assert read(client, bad) == "too_large"
        assert bad.sent < (MAX_BODY_BYTES if tell_length else 2 * MAX_BODY_BYTES)
        assert "larger than 16 MiB" in change(client, bad)


def test_what_becomes_too_large_when_it_is_unpacked_is_not_kept(client: SlaveClient) -> None:
    with GzipBombSlave(MAX_BODY_BYTES + MEBIBYTE) as bad:
        assert len(bad.body) < MEBIBYTE
        assert read(client, bad) == "too_large"


def test_what_is_just_not_too_large_is_read(client: SlaveClient) -> None:
    for good in (GarbageSlave(b"[" + b" " * (MAX_BODY_BYTES - 2) + b"]"), GzipBombSlave(MAX_BODY_BYTES)):
        with good:
            assert client.read(fleet_of([entry("bad", good.url)]).get("bad"), None).devices() == []
