"""Who is at the hard limit creates nothing more, where the settings want that."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.db.engine import Database
from app.docker_quota.ledger import Ledger
from app.docker_quota.proxy.quotas import Excess, LedgerOverQuota
from app.quota.units import GIB, MIB
from app.quota.values import Limits
from tests.fakes.docker_ledger import KeptLedger
from tests.fakes.dockerd import FakeDockerd
from tests.unit.docker_proxy.proxied import with_proxy

ALICE, BOB = 1000, 1001


@dataclass
class FixedExcesses:
    """As the test says."""

    by_uid: dict[int, Excess] = field(default_factory=dict)

    def find_excess(self, uid: int) -> Excess | None:
        return self.by_uid.get(uid)


MINE = FixedExcesses({os.getuid(): Excess(3 * GIB, 2 * GIB)})
OTHERS = FixedExcesses({os.getuid() + 1: Excess(3 * GIB, 2 * GIB)})


@pytest.mark.parametrize(
    "target", ["containers/create", "v1.41/volumes/create", "build?t=x", "commit", "images/create", "images/load"]
)
def test_what_takes_space_is_refused(dockerd: FakeDockerd, target: str) -> None:
    answer = with_proxy(dockerd, over_quota=MINE).create(b"{}", f"/{target}".encode())
    assert answer.startswith(b"HTTP/1.1 403")
    assert "3 GiB of the 2 GiB" in json.loads(answer.partition(b"\r\n\r\n")[2])["message"]
    assert dockerd.requests == []


@pytest.mark.parametrize(
    "request_line", ["DELETE /containers/web", "POST /containers/web/start", "POST /networks/create"]
)
def test_what_takes_none_passes(dockerd: FakeDockerd, request_line: str) -> None:
    request = f"{request_line} HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    assert with_proxy(dockerd, over_quota=MINE).exchange(request).startswith(b"HTTP/1.1 20")
    assert len(dockerd.requests) == 1


def test_an_upload_that_is_refused_hears_why(dockerd: FakeDockerd) -> None:
    content = bytes(30_000_000)
    answer = with_proxy(dockerd, over_quota=MINE).create(content, b"/images/load")
    assert b"quota exceeded" in answer


def test_others_are_not_refused(dockerd: FakeDockerd) -> None:
    assert with_proxy(dockerd, over_quota=OTHERS).create(b"{}").startswith(b"HTTP/1.1 201")


def kept_with(folder: Path, limit: int | None) -> KeptLedger:
    """Alice has a container of 5 MiB, bob one of 1 MiB, both with the limit."""
    kept = KeptLedger(folder)
    kept.look()
    for user, size in (("alice", 5 * MIB), ("bob", MIB)):
        kept.store.sizes[kept.engine.add_container(user, labels={"qman.user": user})] = size
    kept.look()
    for uid in (ALICE, BOB):
        kept.ledger.set_limits(uid, Limits(None, limit))
    return kept


@pytest.mark.parametrize(("limit", "is_over"), [(5 * MIB, True), (4 * MIB, True), (5 * MIB + 1, False), (None, False)])
def test_the_ledger_tells_who_is_at_the_limit(tmp_path: Path, limit: int | None, is_over: bool) -> None:
    over_quota = LedgerOverQuota(kept_with(tmp_path, limit).ledger)
    assert over_quota.find_excess(ALICE) == (Excess(5 * MIB, limit) if is_over and limit else None)
    assert over_quota.find_excess(BOB) is None
    assert over_quota.find_excess(4711) is None


def test_a_ledger_that_cannot_be_read_refuses_nobody(tmp_path: Path) -> None:
    (tmp_path / "slave.sqlite").mkdir()
    assert LedgerOverQuota(Ledger(Database(f"sqlite:///{tmp_path}/slave.sqlite"))).find_excess(ALICE) is None
