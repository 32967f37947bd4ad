"""P9: what a round of accounting costs, beside `docker system df -v` of the same engine."""

import io
import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker as sdk

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.docker_quota.cache_book import CacheBook
from app.docker_quota.engine import SdkEngine
from app.docker_quota.ledger import OK
from app.docker_quota.objects import ObjectKind
from tests.bench.figures import Figure, figure, percentile, seconds_of
from tests.fakes.docker_rig import IMAGE, DockerRig, remove_leftovers
from tests.fakes.proxy_process import docker
from tests.fakes.real_docker_ledger import RealLedger

CONTAINERS, IMAGES, VOLUMES = 200, 100, 100
RUNNING = 20
FILES, FILE_BYTES = 100, 3000
ROUNDS = 9
AT_ONCE = 4


def measure(folder: Path) -> list[Figure]:
    """On a dockerd of its own, full of files. Both ways take turns, so that what disturbs one disturbs the other."""
    folder.mkdir()
    remove_leftovers()
    with DockerRig() as rig:
        _fill(rig)
        database = Database(f"sqlite:///{folder}/ledger.sqlite")
        ensure_schema(database)
        engine = SdkEngine(rig.host)
        kept = RealLedger(database, engine, CacheBook(SdkEngine(rig.host)))
        first = 1000 * seconds_of(lambda: _look(kept))
        _check(kept)
        second = 1000 * seconds_of(lambda: _look(kept))
        pairs = [(seconds_of(lambda: _look(kept)), seconds_of(lambda: _system_df(rig))) for _ in range(ROUNDS)]
        engine.close()
        database.dispose()
    ours, dockers = (1000 * percentile(each, 0.5) for each in zip(*pairs, strict=True))
    store = f"at {CONTAINERS} containers ({RUNNING} run), {IMAGES} images, {VOLUMES} volumes"
    return [
        figure("P9", f"a round of accounting {store}", ours, "ms", beside=dockers, ratio_at_most=1.0),
        figure("P9", "a round that walks all of the store, as every hour", second, "ms", beside=dockers),
        figure("P9", "the very first round, which inspects every container too", first, "ms", beside=dockers),
    ]


def _look(kept: RealLedger) -> None:
    outcome = kept.keeper.look()
    assert outcome == OK, outcome


def _check(kept: RealLedger) -> None:
    """What is not counted costs nothing."""
    found = [entry.kind for entry in kept.ledger.entries().values() if entry.bytes > 0]
    counts = [found.count(kind) for kind in (ObjectKind.CONTAINER, ObjectKind.LAYER, ObjectKind.VOLUME)]
    assert counts == [CONTAINERS, IMAGES + 1, VOLUMES], counts


def _system_df(rig: DockerRig) -> None:
    status, told, errors = docker(rig.socket, "system", "df", "-v")
    assert status == 0, errors
    assert told.count(b"\n") > CONTAINERS + IMAGES + VOLUMES, told


def _fill(rig: DockerRig) -> None:
    client = sdk.DockerClient(base_url=rig.host, timeout=120)

    def make(number: int) -> None:
        volume = client.volumes.create(f"data-{number}") if number < VOLUMES else None
        if volume is not None:
            _write_into(Path(volume.attrs["Mountpoint"]))
        binds = [f"data-{number}:/data"] if volume is not None else []
        container = client.containers.create(IMAGE, ["sleep", "100000"], network_mode="none", volumes=binds)
        container.put_archive("/", _files())
        if number < IMAGES:
            container.commit("app", f"v{number}")
        elif number >= CONTAINERS - RUNNING:
            container.start()

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(make, range(CONTAINERS)))
    client.close()


def _names() -> Iterator[str]:
    yield from (f"files/{number // 10}/{number}" for number in range(FILES))


def _files() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in _names():
            member = tarfile.TarInfo(name)
            member.size = FILE_BYTES
            archive.addfile(member, io.BytesIO(os.urandom(FILE_BYTES)))
    return file.getvalue()


def _write_into(folder: Path) -> None:
    for name in _names():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(os.urandom(FILE_BYTES))
