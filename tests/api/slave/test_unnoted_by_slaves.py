"""The slave's database fails after a limit was set: the answer tells what stands, not that nothing was changed."""

from pathlib import Path

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST1
from app.db.errors import DatabaseUnavailableError
from app.quota.errors import QmanError
from tests.fakes.backends import BackendAround
from tests.fakes.failing_database import FULL, FailingDatabase
from tests.fakes.slave_app import SlaveUnderTest, empty_database, start_slave

DEVICE = "/dev/sda1"
BUSY = DatabaseUnavailableError("The database is busy with other changes. Nothing was changed.", retry_after_seconds=1)


class BackendThatFailsTheDatabase(BackendAround):
    """As soon as limits are to be set, the database fails."""

    database: FailingDatabase
    failure: QmanError

    def before(self, call: str) -> None:
        if call == "set_limits":
            self.database.failure = self.failure


@pytest.fixture(params=[FULL, BUSY], ids=["full", "busy"])
def slave(request: pytest.FixtureRequest, tmp_path: Path) -> SlaveUnderTest:
    empty_database(tmp_path).dispose()
    backend = BackendThatFailsTheDatabase(MockBackend(HOST1))
    backend.database = FailingDatabase(f"sqlite:///{tmp_path}/slave.sqlite")
    backend.failure = request.param
    return start_slave(backend.database, backends=[backend])


def test_a_limit(slave: SlaveUnderTest) -> None:
    answer = slave.put(f"/remote-api/quotas/users/1000?device={DEVICE}", json={"block_hard_limit": 2**25})
    assert (answer.status_code, answer.get_json()["block_hard_limit"]) == (200, 2**25)


def test_limits_of_many(slave: SlaveUnderTest) -> None:
    body = {"device": DEVICE, "quota_type": "user", "ids": [1000, 1001], "limits": {"block_hard_limit": 2**25}}
    answer = slave.post("/remote-api/quotas/batch", json=body)
    assert answer.status_code == 200
    assert [each["row"]["block_hard_limit"] for each in answer.get_json()["results"]] == [2**25, 2**25]
