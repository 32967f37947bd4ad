"""Whose a container is by auditd's records, with a real dockerd, real users and real records."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from grp import getgrnam
from pathlib import Path

import pytest

from app.bootstrap.docker import docker_rounds
from app.docker_quota.attribution.decide import attribute
from app.docker_quota.attribution.evidence import Evidence
from app.docker_quota.attribution.suspects import LINGER
from app.docker_quota.audit.events import events_of
from app.docker_quota.audit.finding import find_by_audit
from app.docker_quota.audit.log import read_piece, skip_to_end
from app.docker_quota.audit.watch import AuditWatch
from app.docker_quota.engine import SdkEngine
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.objects import Container, Detail, EngineDown
from app.docker_quota.values import Attribution, Candidate, Certainty, Method
from app.settings.slave import SlaveSettings
from app.slave.directory import FixedDirectory
from app.slave.doctor.docker_audit import Audit, look_at_audit
from tests.fakes.auditd import Auditd, missing
from tests.fakes.docker_rig import IMAGE, DockerRig
from tests.fakes.slave_app import empty_database

ALICE, BOB = 3001, 3002
NAMES = {ALICE: "alice", BOB: "bob", 0: "root"}
BODY = f'{{"Image": "{IMAGE}", "HostConfig": {{"NetworkMode": "none"}}}}'
CREATE = ("docker", "create", "--network", "none", "--name")
LOGGED_IN = ("sh", "-c", f'echo {ALICE} >/proc/self/loginuid && exec "$@"', "sh")
SECONDS = 60


@pytest.fixture(scope="module")
def auditd(dockerd: DockerRig) -> Iterator[Auditd]:
    if lacks := missing():
        pytest.skip(f"needs {lacks}")
    with Auditd(dockerd.socket) as made:
        yield made


@pytest.fixture
def watch(rig: DockerRig, auditd: Auditd) -> AuditWatch:
    made = AuditWatch.of_this_host(auditd.log, str(rig.socket), lambda: datetime.now(UTC))
    made.look()
    return made


def as_user(uid: int) -> list[str]:
    return ["setpriv", f"--reuid={uid}", f"--regid={getgrnam('docker').gr_gid}", "--clear-groups"]


def run(rig: DockerRig, *command: str) -> None:
    subprocess.run(command, env=rig.environment, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)


def create_by_cli(rig: DockerRig, uid: int, name: str) -> None:
    run(rig, *as_user(uid), *CREATE, name, IMAGE)


def create_by_one_connection(rig: DockerRig, uid: int, prefix: str, count: int) -> None:
    """What an SDK does: one connection, many requests."""
    url = f"http://docker/v1.40/containers/create?name={prefix}-[1-{count}]"
    head = ("-H", "Content-Type: application/json")
    run(rig, *as_user(uid), "curl", "-sSf", "--unix-socket", str(rig.socket), *head, "-d", BODY, url)


def attributions(engine: SdkEngine, watch: AuditWatch) -> dict[str, Attribution]:
    """By name of the container."""
    moments = {each.name: created_at(engine, each) for each in listed(engine)}
    until = time.monotonic() + SECONDS
    while watch.read_until is None or watch.read_until < max(moments.values()):
        assert time.monotonic() < until
        watch.look()
        time.sleep(0.05)
    assert watch.problem is None
    found = {name: find_by_audit(watch, moment, NAMES.get, {}) for name, moment in moments.items()}
    return {name: attribute(Evidence(audit=each), trust_labels=True) for name, each in found.items()}


def listed(engine: SdkEngine) -> Sequence[Container]:
    found = engine.list_containers()
    assert not isinstance(found, EngineDown)
    return found


def created_at(engine: SdkEngine, container: Container) -> datetime:
    detail = engine.detail(container.id)
    assert isinstance(detail, Detail)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=detail.created_ns // 1000)


def wrong(found: dict[str, Attribution]) -> list[str]:
    """Containers that somebody would have to answer for who did not make them, or that somebody got for certain."""
    return [
        name
        for name, each in found.items()
        if each.certainty is Certainty.CERTAIN or (each.user is not None and not name.startswith(each.user))
    ]


def named(uid: int) -> Candidate:
    return Candidate(uid, NAMES[uid])


def test_a_single_user_is_probable_and_so_is_one_with_sudo(
    rig: DockerRig, engine: SdkEngine, watch: AuditWatch
) -> None:
    """A login sets loginuid, here by hand. The rig's own commands, which root gave, are over by then."""
    time.sleep(LINGER.total_seconds() + 0.1)
    create_by_cli(rig, ALICE, "alice-1")
    create_by_cli(rig, ALICE, "alice-2")
    run(rig, *LOGGED_IN, *CREATE, "alice-by-sudo", IMAGE)
    found = attributions(engine, watch)
    assert len(found) == 3
    assert set(found.values()) == {Attribution.of(named(ALICE), Method.AUDIT, Certainty.PROBABLE)}
    run(rig, *LOGGED_IN, *as_user(BOB), *CREATE, "by-su", IMAGE)
    assert attributions(engine, watch)["by-su"].candidates == (named(ALICE), named(BOB))


@pytest.mark.parametrize("way", ["a connection each", "one connection"])
def test_two_users_in_the_same_second_are_never_told_apart_by_guessing(
    rig: DockerRig, engine: SdkEngine, watch: AuditWatch, auditd: Auditd, way: str
) -> None:
    count = 10 if way == "a connection each" else 25

    def work(user: tuple[int, str]) -> None:
        uid, name = user
        if way == "one connection":
            create_by_one_connection(rig, uid, name, count)
            return
        for number in range(count):
            create_by_cli(rig, uid, f"{name}-{number}")

    start = skip_to_end(auditd.log).end
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [(ALICE, "alice"), (BOB, "bob")]))
    found = attributions(engine, watch)
    assert len(found) == 2 * count
    assert wrong(found) == []
    ambiguous = [each for each in found.values() if {named(ALICE), named(BOB)} <= {*each.candidates}]
    assert len(ambiguous) > count
    assert {(each.uid, each.certainty) for each in ambiguous} == {(None, Certainty.AMBIGUOUS)}
    connections = events_of(read_piece(auditd.log, start).lines).connections
    made = [each for each in connections if each.uid in {ALICE, BOB}]
    assert len(made) == (2 if way == "one connection" else 2 * count)


@contextmanager
def kept_connection(rig: DockerRig, uid: int) -> Iterator[None]:
    """`docker events` of that user, from the moment on that it has told an event of before."""
    rig.docker("volume", "create", "one")
    command = [*as_user(uid), "docker", "events", "--since", "10m"]
    with subprocess.Popen(command, env=rig.environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield
        finally:
            process.kill()


def test_a_connection_that_is_kept_is_not_forgotten_and_rotation_loses_none(
    rig: DockerRig, engine: SdkEngine, watch: AuditWatch, auditd: Auditd
) -> None:
    with kept_connection(rig, BOB):
        create_by_cli(rig, ALICE, "alice-1")
        auditd.rotate()
        create_by_cli(rig, ALICE, "alice-2")
        found = attributions(engine, watch)
    assert [{named(ALICE), named(BOB)} <= {*each.candidates} for each in found.values()] == [True, True]
    assert wrong(found) == []


def test_a_connection_of_before_the_rule_is_seen_by_its_socket(
    rig: DockerRig, engine: SdkEngine, auditd: Auditd
) -> None:
    auditd.delete_rule()
    with kept_connection(rig, BOB):
        auditd.add_rule()
        watch = AuditWatch.of_this_host(auditd.log, str(rig.socket), lambda: datetime.now(UTC))
        watch.look()
        create_by_cli(rig, ALICE, "alice-1")
        found = attributions(engine, watch)
    assert {named(ALICE), named(BOB)} <= {*found["alice-1"].candidates}


def test_the_job_of_a_slave_asks_the_log(rig: DockerRig, auditd: Auditd, tmp_path: Path) -> None:
    settings = SlaveSettings.model_validate(
        {
            "SLAVE_HOST_ID": "audited",
            "API_KEYS": ({"id": "read", "secret": "of-a-test-0123456789-0123456789-0123456789", "scope": "read"},),
            "USE_DOCKER_QUOTA": True,
            "DOCKER_HOST": rig.host,
            "DOCKER_AUDIT_LOG": str(auditd.log),
        }
    )
    database = empty_database(tmp_path)
    make = docker_rounds(settings, database, FixedDirectory(NAMES, {}), lambda: datetime.now(UTC))
    rounds = make(Holder("the test", timedelta(seconds=60)))
    assert rounds.turn(0) == "ok"
    create_by_cli(rig, ALICE, "alice-1")
    until = time.monotonic() + SECONDS
    while not (made := [each for each in Ledger(database).entries().values() if each.name == "alice-1"]):
        assert time.monotonic() < until
        rounds.turn(0.1)
    found = made[0].attribution
    assert found.method is Method.AUDIT, "at the first look"
    assert named(ALICE) in {Candidate(found.uid or 0, found.user), *found.candidates}


def test_the_doctor_sees_whether_the_rule_is_there(rig: DockerRig, auditd: Auditd) -> None:
    found = look_at_audit(rig.host, auditd.log, patience_seconds=SECONDS)
    assert found == Audit(auditd.log, is_needed=True, is_recorded=True, problem=None)
    auditd.delete_rule()
    assert not look_at_audit(rig.host, auditd.log, patience_seconds=0.5).is_recorded
    auditd.add_rule()
    assert look_at_audit(rig.host, Path("/nonexistent")).problem is not None
