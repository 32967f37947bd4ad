"""The doctor examines Docker, not what the slave's own database says of it."""

from pathlib import Path

from app.bootstrap.doctor import patient_of
from tests.fakes.slave_app import slave_settings


def test_a_slave_that_was_never_started_is_not_ill_for_that(tmp_path: Path) -> None:
    file = tmp_path / "slave.sqlite"
    settings = slave_settings(MOCK_QUOTA=False, USE_DOCKER_QUOTA=True, USE_ZFS=True, DATABASE_URL=f"sqlite:///{file}")
    patient = patient_of(tmp_path / "config.slave.json", settings)
    assert {backend.name for backend in patient.backends} == {"kernel", "zfs"}
    assert not file.exists()
