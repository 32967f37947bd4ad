"""Prepares what `qman docker` does on a host."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.bootstrap import read_settings
from app.bootstrap.enforcement import enforcement_round
from app.bootstrap.slave import SlaveParts, real_parts
from app.db.inspection import inspect_database
from app.docker_quota.enforcement.values import Case, Step
from app.docker_quota.engine import SdkEngine
from app.docker_quota.ledger import Ledger
from app.docker_quota.mock import MockEngine
from app.quota.values import QuotaType
from app.settings.files import SettingsError
from app.settings.slave import SlaveSettings
from app.slave.docker_desk import DockerDesk
from app.slave.docker_objects import DockerObjects
from app.slave.names import NameBook
from app.slave.uids import UidBook


def docker_desk(config: Path | None) -> DockerDesk:
    """Of the slave of these settings. SettingsError: they are wrong, a master's, or have no Docker or database yet."""
    configured = read_settings(config)
    settings, path = configured.settings, configured.path
    if not isinstance(settings, SlaveSettings):
        raise SettingsError(f'{path}: ROLE: found "master", expected "slave": run it on the host whose Docker it is')
    parts = real_parts(settings, is_server=False)
    if parts.inspector is None:
        raise SettingsError(f"{path}: USE_DOCKER_QUOTA: found false, expected true")
    _require_database(path, settings)
    names = NameBook(parts.directory, parts.clock)
    ledger = Ledger(parts.database)
    reserved = settings.DOCKER_QUOTA_RESERVED_BYTES
    objects = DockerObjects(ledger, parts.inspector, names, parts.clock, reserved)
    return DockerDesk(
        objects,
        ledger,
        UidBook(parts.directory, parts.clock),
        lambda: _hard_limits(settings, parts, ledger),
        lambda: _plan(settings, parts, names),
    )


def _hard_limits(settings: SlaveSettings, parts: SlaveParts, ledger: Ledger) -> Mapping[int, int | None]:
    if not settings.MOCK_QUOTA:
        return {uid: its.hard for uid, its in ledger.account()[2].items()}
    [mock] = parts.backends
    return {quota.quota_id: quota.block.limits.hard for quota in mock.iter_quotas("docker", QuotaType.USER)}


def _require_database(path: Path, settings: SlaveSettings) -> None:
    """It is the slave's to make: a file that root made would be closed to it."""
    found = inspect_database(settings.database_url)
    if found.problem or found.revision is None:
        raise SettingsError(
            f"{path}: DATABASE_URL: {found.name}: found {found.problem or 'no tables'}, expected the slave's database,"
            " which it makes when it is first started; read it as its user, or as root"
        )
    if found.revision != found.newest:
        raise SettingsError(
            f"{path}: DATABASE_URL: {found.name}: found revision {found.revision}, expected {found.newest}: start the"
            " slave of this version first"
        )


def _plan(settings: SlaveSettings, parts: SlaveParts, names: NameBook) -> Sequence[tuple[Case, Sequence[Step]]] | str:
    def names_of(uids: Any) -> Mapping[int, str | None]:
        return names.names_of(QuotaType.USER, uids).by_id

    if settings.MOCK_QUOTA:
        mock = MockEngine(Ledger(parts.database), parts.clock)
        return enforcement_round(settings, parts.database, mock, names_of, parts.clock).plan()
    engine = SdkEngine(settings.DOCKER_HOST)
    try:
        return enforcement_round(settings, parts.database, engine, names_of, parts.clock).plan()
    finally:
        engine.close()
