"""No request looks at Docker's store, however it asks: sizes are what the background job found."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap.documents import openapi_of
from app.docker_quota.backend import DockerBackend
from app.docker_quota.store import LayerStore
from app.slave.directory import FixedDirectory
from tests.fakes.docker_ledger import USERS, KeptLedger
from tests.fakes.slave_app import SlaveUnderTest, start_slave

EVENTS = {"os.scandir", "os.listdir", "open"}
_walked: list[str] = []
_watched: list[Path] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    """Python itself tells of each directory and file that is opened (PEP 578). It cannot be taken away again."""
    if _watched and event in EVENTS and str(arguments[0]).startswith(str(_watched[0])):
        _walked.append(f"{event} {arguments[0]}")


sys.addaudithook(_audit)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A store that is watched."""
    place = tmp_path / "docker"
    (place / "overlay2" / ("a" * 64) / "diff").mkdir(parents=True)
    _walked.clear()
    _watched.append(place)
    yield place
    _watched.clear()


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    made.engine.add_container("web", labels={"qman.user": "alice"})
    made.look()
    made.engine.calls.clear()
    return made


@pytest.fixture
def slave(kept: KeptLedger, root: Path) -> SlaveUnderTest:
    return start_slave(
        kept.database,
        backends=[DockerBackend(kept.ledger, data_root=str(root))],
        directory=FixedDirectory({uid: name for name, uid in USERS.items()}, {}),
        clock=kept.clock,
        inspector=kept.engine,
        READ_INTERVAL_SECONDS=0,
        DOCKER_DATA_ROOT=str(root),
    )


def test_no_request_walks_the_store_or_asks_the_engine_for_sizes(
    kept: KeptLedger, slave: SlaveUnderTest, root: Path
) -> None:
    its = next(iter(kept.ledger.entries().values())).id
    filled = {"uid": "1000", "gid": "1000", "project_id": "1", "name": "alice"}
    queries = {"/docker/inspect": f"?kind=container&id={its}", "/docker/attributions": f"?kind=container&id={its}"}
    queries |= {"/users/resolve": "?username=alice", "/quotas/defaults": "?device=docker"}
    asked = []
    for path, methods in openapi_of("slave")["paths"].items():
        if "get" in methods:
            query = next((query for end, query in queries.items() if path.endswith(end)), "")
            asked.append((path, slave.get(path.format_map(filled) + query).status_code))
    assert {path for path, status in asked if "docker" in path and status == 200} == {
        path for path, _ in asked if "docker" in path
    }
    assert len(asked) > 15
    assert slave.put("/remote-api/quotas/users/1000?device=docker", json={"block_hard_limit": 5}).status_code == 200
    assert _walked == []
    assert {call.partition(" ")[0] for call in kept.engine.calls} <= {"inspect"}
    LayerStore(root).measure()
    assert any(each.startswith("os.scandir") or "overlay2" in each for each in _walked)  # it would have been seen
