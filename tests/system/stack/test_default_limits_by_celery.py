"""Celery as people start it, worker and schedule, puts default limits in place beside a server."""

from pathlib import Path
from typing import Any

import pytest
import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.fakes.ports import free_port
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import key, mock_slave, write_json

SDB = "/dev/sdb1"
CHARLIE = 1002
"""He has no limits on /dev/sdb1."""
CELERY = "CONFIG_PATH=config.slave.json celery -A app.celery_app:celery_app"


class Slave:
    """Signed calls to a slave."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/remote-api/quotas"
        self._keys = {"GET": key("h1", "read"), "PUT": key("h1", "write")}

    def call(self, method: str, path: str, body: dict[str, int] | None = None) -> Any:
        auth = SlaveAuth(SigningKey.model_validate(self._keys[method]))
        response = requests.request(method, self._url + path, json=body, auth=auth, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def rows(self) -> dict[int, dict[str, Any]]:
        """The users of /dev/sdb1, by uid."""
        return {row["uid"]: row for row in self.call("GET", f"?device={SDB}")[0]["user_quotas"]}


@pytest.mark.timeout(180)
def test_a_worker_applies_what_was_set_at_the_server(checkout: Path, database_url: str) -> None:
    port = free_port()
    settings = mock_slave("h1", port) | {"DEFAULTS_INTERVAL_SECONDS": 1, "DATABASE_URL": database_url}
    write_json(checkout / "config.slave.json", settings)
    with Program("CONFIG_PATH=config.slave.json python run.py", checkout) as server:
        server.wait_for(f"http://127.0.0.1:{port}/remote-api/ping")
        slave = Slave(port)
        slave.call("PUT", f"/users/1000?device={SDB}", {"block_soft_limit": 0, "block_hard_limit": 123 * 2**20})
        before = slave.rows()
        slave.call("PUT", f"/defaults?device={SDB}", {"block_soft_limit": 70 * 2**20})
        shown = slave.rows()[CHARLIE]
        assert (shown["block_soft_limit"], shown["status"], shown["block_time_limit"]) == (
            *(70 * 2**20, "soft_exceeded"),
            0,
        )
        with (
            Program(f"{CELERY} worker -Q qman.docker", checkout) as worker,
            Program(f"{CELERY} beat", checkout) as beat,
        ):
            wait_until(lambda: slave.rows()[CHARLIE]["block_time_limit"], 90, "charlie's grace period runs")
            assert (beat.stop(), worker.stop()) == (0, 0)
        after = slave.rows()
        assert (after[CHARLIE]["block_soft_limit"], after[CHARLIE]["limits_source"]) == (70 * 2**20, "default")
        assert {uid: row for uid, row in after.items() if uid != CHARLIE} == {
            uid: row for uid, row in before.items() if uid != CHARLIE
        }
