"""Rounds of enforcement against a real dockerd: the clock is the test's, containers and figures are real."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.docker import measure_at
from app.bootstrap.enforcement import enforcement_round
from app.db.engine import Database
from app.docker_quota.attributing import Evidences
from app.docker_quota.cache_book import CacheBook
from app.docker_quota.engine import SdkEngine
from app.docker_quota.keeping import LedgerKeeper
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.objects import Engine
from app.quota.clock import utc_now
from app.quota.values import Limits
from tests.fakes.docker_ledger import names_of, uids_of
from tests.fakes.docker_rig import DockerRig
from tests.fakes.enforcing import KilledError, KillingEngine, by_root, told
from tests.fakes.slave_app import empty_database, slave_settings

MIB = 2**20
ALICE = 1000
GRACE, REMOVE_GRACE = 5, 20
GRACES = {"DOCKER_QUOTA_GRACE_SECONDS": GRACE, "DOCKER_QUOTA_REMOVE_GRACE_SECONDS": REMOVE_GRACE}


class Host:
    """The rig's engine with a ledger and rounds; its time goes on when it is told to."""

    def __init__(self, database: Database, engine: SdkEngine, **settings: Any) -> None:
        self.database, self.engine = database, engine
        self.later = timedelta(0)
        evidences = Evidences(database, uids_of, names_of, trust_labels=True)
        holder = Holder("the test", timedelta(hours=1))
        ledger = Ledger(database)
        cache, measure = CacheBook(engine), measure_at(None, engine)
        self.keeper = LedgerKeeper(engine, measure, ledger, evidences.gather, self.clock, holder, cache)
        self.settings = slave_settings(DOCKER_QUOTA_STOP_TIMEOUT_SECONDS=1, **{**GRACES, **settings})
        ledger.set_limits(ALICE, Limits(None, 4 * MIB))
        assert self.keeper.look() == "ok"

    def clock(self) -> datetime:
        return utc_now() + self.later

    def after(self, seconds: float, engine: Engine | None = None) -> str:
        """A look so many seconds later, and a round."""
        self.later += timedelta(seconds=seconds)
        assert self.keeper.look() == "ok"
        return enforcement_round(self.settings, self.database, engine or self.engine, names_of, self.clock).run()

    @property
    def told(self) -> list[tuple[str, str | None]]:
        return told(self.database)


@pytest.fixture
def host(rig: DockerRig, engine: SdkEngine, tmp_path: Path) -> Host:
    return Host(empty_database(tmp_path), engine)


def test_the_newest_is_stopped_and_removed_and_others_stay(rig: DockerRig, host: Host) -> None:
    for name, user in (("web-1", "alice"), ("web-2", "alice"), ("bobs", "bob")):
        rig.start_with_data(name, user)
    by_root(host.database, rig.start_with_data("exempt", "alice", "--label", "qman.exempt=true"))
    rig.start_with_data("fleeting", "alice", "--rm")
    everything = dict.fromkeys(("web-1", "web-2", "bobs", "exempt", "fleeting"), "running")
    host.after(0)
    host.after(GRACE - 3)
    assert (host.told, rig.states()) == ([("warned", None)], everything)
    host.after(GRACE)
    assert rig.states() == everything | {"web-2": "exited"}
    rig.docker("pause", "web-1")
    host.after(0)
    assert rig.states() == everything | {"web-2": "exited", "web-1": "exited"}
    assert host.told[1:] == [
        ("skipped", "fleeting"),
        ("container_stopped", "web-2"),
        ("container_stopped", "web-1"),
    ]
    host.after(REMOVE_GRACE)
    host.after(0)
    assert rig.states() == dict.fromkeys(("bobs", "exempt", "fleeting"), "running")
    assert host.told[4:] == [("container_removed", "web-2"), ("container_removed", "web-1")]


def test_what_a_stop_deletes_is_last_and_below_the_limit_all_ends(rig: DockerRig, host: Host) -> None:
    rig.start_with_data("web-1", "alice")
    rig.start_with_data("fleeting", "alice", "--rm")
    for seconds in (0, GRACE, REMOVE_GRACE):
        host.after(seconds)
    assert rig.states() == {"fleeting": "running"}
    host.after(0)
    assert host.told[-2:] == [("container_removed", "web-1"), ("back_below", None)]


@pytest.mark.parametrize("before", [True, False])
def test_a_killed_round_is_taken_up(rig: DockerRig, host: Host, *, before: bool) -> None:
    for name in ("web-1", "web-2"):
        rig.start_with_data(name, "alice", "--restart=always")
    host.after(0)
    with pytest.raises(KilledError):
        host.after(GRACE, KillingEngine(host.engine, before=before))  # type: ignore[arg-type]  # passes the rest on
    assert host.told == [("warned", None)]
    host.after(0)
    if before:
        assert rig.states() == {"web-1": "running", "web-2": "exited"}
    assert host.told.count(("container_stopped", "web-2")) == 1


def test_without_graces_one_is_removed_at_once(rig: DockerRig, engine: SdkEngine, tmp_path: Path) -> None:
    at_once = {"DOCKER_QUOTA_GRACE_SECONDS": 0, "DOCKER_QUOTA_REMOVE_GRACE_SECONDS": 0}
    host = Host(empty_database(tmp_path), engine, **at_once)
    for name in ("web-1", "web-2"):
        rig.start_with_data(name, "alice")
    host.after(0)
    assert rig.states() == {"web-1": "running"}
    assert host.told == [("warned", None), ("container_stopped", "web-2"), ("container_removed", "web-2")]


def test_while_dockerd_is_stopped_nothing_is_told(rig: DockerRig, host: Host) -> None:
    for name in ("web-1", "web-2"):
        rig.start_with_data(name, "alice")
    host.after(0)
    rig.stop()
    settings, database = host.settings, host.database
    assert enforcement_round(settings, database, host.engine, names_of, host.clock).run() == "engine_down"
    rig.up()
    assert host.told == [("warned", None)]
