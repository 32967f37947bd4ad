"""What enforcement did, on the slave's wire."""

from pathlib import Path

from app.db.repositories.docker_enforcement import DockerOutboxRepository
from app.docker_quota.backend import DockerBackend
from app.slave.directory import FixedDirectory
from tests.fakes.docker_ledger import USERS
from tests.fakes.enforcing import GRACE, Enforced
from tests.fakes.slave_app import empty_database, start_slave


def test_events_are_listed_with_how_their_delivery_stands(tmp_path: Path) -> None:
    it = Enforced(tmp_path)
    for name in ("web-1", "web-2"):
        it.container(name)
    it.after(0)
    it.after(GRACE)
    slave = start_slave(
        it.database,
        backends=[DockerBackend(it.kept.ledger)],
        directory=FixedDirectory({uid: name for name, uid in USERS.items()}, {}),
        clock=it.clock,
        inspector=it.engine,
    )
    listed = slave.get("/remote-api/docker/events").get_json()
    assert [(each["type"], each["delivery"]) for each in listed] == [
        ("docker.container_stopped", "queued"),
        ("docker.warned", "queued"),
    ]
    assert listed[0]["explanation"].startswith("stopped web-2, newest of alice's 2")
    with it.database.write() as connection:
        DockerOutboxRepository(connection).set_state([listed[1]["id"]], "parked", "status 422")
    [parked] = slave.get("/remote-api/docker/events?delivery=parked&most=1").get_json()
    assert (parked["id"], parked["problem"]) == (listed[1]["id"], "status 422")
    assert slave.get("/remote-api/docker/events?most=0").status_code == 422


def test_without_docker_there_are_none(tmp_path: Path) -> None:
    slave = start_slave(empty_database(tmp_path), MOCK_HOST_ID="host1")
    assert slave.get("/remote-api/docker/events").status_code == 409
