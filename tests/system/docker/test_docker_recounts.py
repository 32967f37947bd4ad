"""The ledger equals a fresh full count, after a burst and after a slave was down; and no override is lost."""

import json
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

from alembic import command
from alembic.config import Config

from app.db.engine import Database
from app.db.migrate import VERSIONS, alone, ensure_schema
from app.docker_quota.engine import SdkEngine
from app.docker_quota.entries import Key
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import Attribution, Candidate
from app.docker_quota.words import Saying
from app.quota.clock import utc_now
from tests.fakes.docker_rig import DockerRig
from tests.fakes.real_docker_ledger import PATIENCE_SECONDS, RealLedger
from tests.fakes.slave_app import empty_database

BOB = Candidate(1001, "bob")
AT_ONCE = 4
EXECS, VOLUMES = 2250, 125
"""Of each of those at once. An exec is one event, a volume that is made and removed two."""
OVERRIDES_CAME_WITH = "0012"


class Api:
    """Docker's API over one connection of its own."""

    def __init__(self, path: Path) -> None:
        self._connection = HTTPConnection("docker", timeout=60)
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.settimeout(60)
        self._connection.sock.connect(str(path))

    def ask(self, method: str, target: str, body: object = None) -> None:
        headers = {"Content-Type": "application/json"}
        self._connection.request(method, target, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status < 300, (method, target, answer.status)


def by(user: str) -> str:
    return f"--label=qman.user={user}"


def counted(ledger: RealLedger) -> Mapping[Key, tuple[int, int, Attribution]]:
    """What there is: sizes, creation and whose it is."""
    return {key: (each.bytes, each.created_ns, each.attribution) for key, each in ledger.ledger.entries().items()}


def fresh_count(rig: DockerRig, folder: Path) -> RealLedger:
    """By somebody who sees all of it for the first time."""
    folder.mkdir()
    fresh = RealLedger(empty_database(folder), SdkEngine(rig.host))
    assert fresh.turn_until_looked() == "ok"
    return fresh


def end(ledger: RealLedger) -> None:
    """The slave ends."""
    stopped = Event()
    stopped.set()
    ledger.rounds.run(stopped)


def migrate_down_and_up(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    with alone(database) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, OVERRIDES_CAME_WITH)
    ensure_schema(database)


def test_a_burst_of_ten_thousand_events_leaves_a_fresh_count(rig: DockerRig, engine: SdkEngine, tmp_path: Path) -> None:
    kept = RealLedger(empty_database(tmp_path), engine)
    running = rig.start("exec sleep 1000", by("alice"))
    assert kept.turn_until_looked() == "ok"

    def burst(number: int) -> None:
        api = Api(rig.socket)
        for _ in range(EXECS):
            api.ask("POST", f"/containers/{running}/exec", {"Cmd": ["true"]})
        for count in range(VOLUMES):
            api.ask("POST", "/volumes/create", {"Name": f"burst-{number}-{count}"})
            api.ask("DELETE", f"/volumes/burst-{number}-{count}")
        api.ask("POST", "/volumes/create", {"Name": f"left-{number}", "Labels": {"qman.user": "bob"}})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(burst, range(AT_ONCE)))
    ends = time.monotonic() + PATIENCE_SECONDS
    left = {f"left-{number}" for number in range(AT_ONCE)}
    while {entry.id for entry in kept.entries(ObjectKind.VOLUME)} != left:
        assert time.monotonic() < ends, "the ledger never followed"
        kept.rounds.turn(0.1)
    assert counted(kept) == counted(fresh_count(rig, tmp_path / "fresh"))
    kept.assert_all_adds_up(rig)


def test_a_slave_that_was_down_while_much_happened_has_a_fresh_count_and_every_override(
    rig: DockerRig, engine: SdkEngine, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path}/slave.sqlite")
    ensure_schema(database)
    before = RealLedger(database, engine)
    web, removed = rig.start("exec sleep 1000", "-v=data:/data", by("alice")), rig.create(by("alice"))
    for name in ("again", "removed"):
        rig.docker("volume", "create", by("alice"), name)
    assert before.turn_until_looked() == "ok"
    said = {(ObjectKind.CONTAINER, web), (ObjectKind.VOLUME, "data"), (ObjectKind.CONTAINER, removed)}
    for key in said:
        before.ledger.override(before.ledger.entries()[key], BOB, Saying("root", "asked them", utc_now()))
    end(before)

    rig.docker("exec", web, "sh", "-c", "dd if=/dev/urandom of=/data/file bs=1M count=3; echo x >/more; sync")
    rig.docker("rm", removed)
    rig.docker("volume", "rm", "removed", "again")
    rig.docker("volume", "create", by("bob"), "again")
    rig.docker("rm", rig.run("true", "-v=passing:/v", by("alice")))
    rig.run("dd if=/dev/urandom of=/v/file bs=1M count=2; sync", "-v=later:/v", by("bob"))
    rig.build("FROM rig/busybox\nRUN dd if=/dev/urandom of=/big bs=1M count=2\n", "-t", "built")
    rig.stop()
    rig.up()
    rig.docker("start", web)
    migrate_down_and_up(database)

    after = RealLedger(database, SdkEngine(rig.host))
    assert after.turn_until_looked() == "ok"
    its, fresh = counted(after), counted(fresh_count(rig, tmp_path / "fresh"))
    still_said = said & its.keys()
    assert still_said == said - {(ObjectKind.CONTAINER, removed)}
    assert {its[key][2].uid for key in still_said} == {BOB.uid}
    assert {key: each for key, each in its.items() if key not in still_said} == {
        key: each for key, each in fresh.items() if key not in still_said
    }
    assert {key: its[key][:2] for key in still_said} == {key: fresh[key][:2] for key in still_said}
    after.assert_all_adds_up(rig)
