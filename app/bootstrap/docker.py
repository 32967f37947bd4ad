"""Builds the Docker device of a slave: its backend, which reads the ledger, and the job that keeps it."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from app.db.engine import Database
from app.docker_quota.attributing import Evidences
from app.docker_quota.audit.watch import AuditWatch
from app.docker_quota.audited import AuditTrail
from app.docker_quota.backend import DockerBackend
from app.docker_quota.cache_book import CacheBook
from app.docker_quota.embedded import EmbeddedKeeper
from app.docker_quota.engine import DEFAULT_HOST, SdkEngine
from app.docker_quota.estimating import estimate_store
from app.docker_quota.keeping import LedgerKeeper, Measure
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.mock import MockDocker
from app.docker_quota.objects import Engine, EngineInfo
from app.docker_quota.rounds import LedgerRounds
from app.docker_quota.store import LayerStore, Measured
from app.quota.clock import Clock
from app.quota.values import QuotaType
from app.settings.slave import SlaveSettings
from app.slave.directory import Directory
from app.slave.names import NameBook
from app.slave.uids import UidBook


def docker_backend(settings: SlaveSettings, database: Database) -> DockerBackend:
    """The backend; it never asks the engine."""
    reserved = settings.DOCKER_QUOTA_RESERVED_BYTES
    return DockerBackend(Ledger(database), reserved_bytes=reserved, data_root=settings.DOCKER_DATA_ROOT)


def start_docker_ledger(settings: SlaveSettings, database: Database, directory: Directory, clock: Clock) -> None:
    """Has the ledger kept, by one of all server processes."""
    EmbeddedKeeper(database, clock, docker_rounds(settings, database, directory, clock)).start()


def start_mock_docker(database: Database, clock: Clock) -> None:
    """Has the objects of a mock host kept, by one of all server processes."""
    EmbeddedKeeper(database, clock, lambda holder: MockDocker(Ledger(database), clock, holder)).start()


def docker_rounds(
    settings: SlaveSettings, database: Database, directory: Directory, clock: Clock
) -> Callable[[Holder], LedgerRounds]:
    """Makes the rounds of who holds the lease."""

    def make(holder: Holder) -> LedgerRounds:
        engine = SdkEngine(settings.DOCKER_HOST)
        evidences = _evidences(settings, database, directory, clock)
        measure = measure_at(settings.DOCKER_DATA_ROOT, engine)
        cache = CacheBook(SdkEngine(settings.DOCKER_HOST))
        ledger = Ledger(database)
        return LedgerRounds(engine, LedgerKeeper(engine, measure, ledger, evidences.gather, clock, holder, cache))

    return make


def _evidences(settings: SlaveSettings, database: Database, directory: Directory, clock: Clock) -> Evidences:
    names = NameBook(directory, clock)

    def names_of(uids: Collection[int]) -> Mapping[int, str | None]:
        return names.names_of(QuotaType.USER, uids).by_id

    socket = (settings.DOCKER_HOST or DEFAULT_HOST).removeprefix("unix://")
    is_audited = socket.startswith("/")
    watch = AuditWatch.of_this_host(Path(settings.DOCKER_AUDIT_LOG), socket, clock) if is_audited else None
    return Evidences(
        database,
        UidBook(directory, clock).uids_of,
        names_of,
        trust_labels=settings.DOCKER_QUOTA_TRUST_LABELS,
        audit=None if watch is None else AuditTrail(watch, names_of),
        clock=clock,
    )


def measure_at(data_root: str | None, engine: Engine) -> Measure:
    """Measures the store at this place; where None, where the engine says that it is.

    What cannot be measured is estimated, by the engine's own figures.
    """
    stores: dict[Path, LayerStore] = {}

    def measure(info: EngineInfo) -> Measured:
        root = Path(data_root or info.data_root)
        if info.estimated:
            return estimate_store(engine, root)
        return stores.setdefault(root, LayerStore(root)).measure()

    return measure
