"""A mock host's Docker quota is enforced as a real one's is; what was done to its containers stays done."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.backends.mock.hosts import MOCK_HOSTS
from app.bootstrap.enforcement import docker_enforcement, enforces_docker
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.mock import MockDocker
from app.docker_quota.objects import ObjectKind
from app.quota.clock import utc_now
from tests.fakes.enforcing import told
from tests.fakes.slave_app import slave_settings

AT_ONCE = {"DOCKER_QUOTA_GRACE_SECONDS": 0, "DOCKER_QUOTA_REMOVE_GRACE_SECONDS": 0}


class MockHost:
    """host4 with its slave's looks and its worker's rounds."""

    def __init__(self, folder: Path, **settings: object) -> None:
        url = f"sqlite:///{folder}/slave.sqlite"
        its = {"SLAVE_HOST_ID": "host4", "MOCK_HOST_ID": "host4", "DATABASE_URL": url}
        self.database = Database(url)
        ensure_schema(self.database)
        self._docker = MockDocker(Ledger(self.database), utc_now, Holder("the slave", timedelta(seconds=20)))
        self._docker.put()
        self._round = docker_enforcement(slave_settings(**its, **settings))

    def round(self) -> str:
        outcome = self._round()
        self._docker.put()
        return outcome

    def states(self) -> dict[str, str]:
        entries = Ledger(self.database).entries().values()
        return {each.name: each.facts["state"] for each in entries if each.kind is ObjectKind.CONTAINER}


def test_who_is_above_is_warned_and_what_is_surely_theirs_is_stopped(tmp_path: Path) -> None:
    host = MockHost(tmp_path, **AT_ONCE, DOCKER_QUOTA_ENFORCEMENT_ACTION="stop")
    before = host.states()
    assert [host.round() for _ in range(3)] == ["ok"] * 3
    assert told(host.database) == [("warned", None), ("container_stopped", "postgres"), ("skipped", None)]
    assert host.states() == {**before, "postgres": "exited"}


def test_what_was_removed_is_not_there_again_with_the_next_look(tmp_path: Path) -> None:
    host = MockHost(tmp_path, **AT_ONCE)
    before = host.states()
    assert [host.round() for _ in range(3)] == ["ok"] * 3
    assert [kind for kind, _ in told(host.database)] == [
        *("warned", "container_stopped", "container_removed", "back_below")
    ]
    assert host.states() == {name: state for name, state in before.items() if name != "postgres"}


@pytest.mark.parametrize("name", sorted(MOCK_HOSTS))
def test_only_where_there_is_docker(name: str) -> None:
    assert enforces_docker(slave_settings(MOCK_HOST_ID=name)) is (name == "host4")
    assert enforces_docker(slave_settings(MOCK_QUOTA=False, USE_DOCKER_QUOTA=True))
    assert not enforces_docker(slave_settings(MOCK_QUOTA=False))
