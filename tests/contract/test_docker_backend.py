"""The Docker backend keeps the promises of every backend, upon a ledger."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.docker_quota.backend import DockerBackend
from app.quota.units import MIB
from tests.contract.backend_contract import BackendContract, Subject
from tests.fakes.docker_ledger import KeptLedger


def filled(directory: Path) -> KeptLedger:
    """A ledger with something of each kind."""
    kept = KeptLedger(directory)
    kept.clock.now = datetime.now(UTC)
    kept.look()
    kept.engine.add_image("alices", "sha256:" + "a" * 64, labels={"qman.user": "alice"})
    kept.engine.add_volume("data")
    its = kept.engine.add_container("web", "", "data", labels={"qman.user": "alice"})
    kept.engine.add_container("db")
    kept.store.sizes[its] = 5 * MIB
    kept.look()
    return kept


class TestDockerBackend(BackendContract):
    @pytest.fixture
    def subject(self, tmp_path: Path) -> Subject:
        kept = filled(tmp_path)
        return Subject(DockerBackend(kept.ledger, reserved_bytes=MIB), "docker", 54_321)
