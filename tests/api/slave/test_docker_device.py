"""The Docker device on the wire: what users have by parts, what is nobody's, and limits that stand in the database."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.docker_quota.backend import DockerBackend
from app.docker_quota.objects import EngineDown, EngineState, Store
from app.quota.units import KIB
from app.slave.directory import FixedDirectory
from tests.fakes.docker_ledger import EACH, FREE, OVERHEAD, USERS, KeptLedger
from tests.fakes.slave_app import SlaveUnderTest, start_slave

RESERVED = 10**6
USER_PATH = "/remote-api/quotas/users/1000?device=docker"


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    return KeptLedger(tmp_path)


@pytest.fixture
def slave(kept: KeptLedger) -> SlaveUnderTest:
    backend = DockerBackend(kept.ledger, reserved_bytes=RESERVED)
    directory = FixedDirectory({uid: name for name, uid in USERS.items()}, {})
    return start_slave(
        kept.database, backends=[backend], directory=directory, clock=kept.clock, READ_INTERVAL_SECONDS=0
    )


def docker(slave: SlaveUnderTest) -> Any:
    answer = slave.get("/remote-api/quotas")
    assert answer.status_code == 200
    [device] = answer.get_json()
    return device


def fill(kept: KeptLedger) -> None:
    kept.look()
    kept.engine.add_image("alices", "sha256:" + "a" * 64, labels={"qman.user": "alice"})
    kept.engine.add_volume("data")
    its = kept.engine.add_container("web", "", "data", labels={"qman.user": "alice"})
    kept.engine.add_container("db")
    kept.store.sizes[its] = 5 * EACH
    kept.store.cache["record"] = 3 * EACH
    kept.look()


def test_rows_and_what_is_nobodys_add_up_to_what_is_used(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    fill(kept)
    device = docker(slave)
    head = [device[name] for name in ("name", "kind", "fstype", "status")]
    assert head == ["docker", "docker", "overlay2", "ok"]
    [alice] = device["user_quotas"]
    parts = ("container", "image_layer", "volume", "build_cache")
    assert [alice[f"docker_{part}_bytes"] for part in parts] == [5 * EACH, EACH, EACH, 0]
    assert (alice["name"], alice["block_current"]) == ("alice", 7 * EACH)
    assert device["unattributed_usage"] == 4 * EACH + OVERHEAD
    usage = device["usage"]
    assert usage["used"] == alice["block_current"] + device["unattributed_usage"]
    assert usage["free"] == FREE - RESERVED
    assert usage["used"] + usage["free"] == usage["total"]


def test_limits_stand_in_the_slaves_database(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    fill(kept)
    answer = slave.put(USER_PATH, json={"block_hard_limit": 5, "block_soft_limit": 2})
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "hard_reached"
    again = DockerBackend(kept.ledger)
    other = start_slave(kept.database, backends=[again], clock=kept.clock, run_id="run-2")
    [alice] = docker(other)["user_quotas"]
    assert (alice["block_soft_limit"], alice["block_hard_limit"], alice["status"]) == (2, 5, "hard_reached")
    assert 7 * EACH > 5 * KIB


def test_the_soft_limit_is_a_warning_without_a_timer(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    fill(kept)
    row = slave.put(USER_PATH, json={"block_soft_limit": 2}).get_json()
    assert (row["status"], row["block_time_limit"]) == ("soft_exceeded", 0)


@pytest.mark.parametrize("limits", [{"inode_hard_limit": 5}, {"inode_soft_limit": 5}])
def test_inode_limits_are_refused(kept: KeptLedger, slave: SlaveUnderTest, limits: dict[str, int]) -> None:
    fill(kept)
    answer = slave.put(USER_PATH, json=limits)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_supported")


def test_before_the_first_look_the_device_is_failed_and_says_why(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    device = docker(slave)
    assert (device["status"], device["problem"]["code"]) == ("failed", "device_unavailable")
    kept.engine.down = EngineDown(EngineState.STOPPED, "No engine listens at the socket.")
    kept.look()
    assert "No engine listens" in docker(slave)["problem"]["detail"]


def test_while_the_engine_is_away_the_last_figures_are_served_with_their_age(
    kept: KeptLedger, slave: SlaveUnderTest
) -> None:
    fill(kept)
    before = docker(slave)
    kept.engine.down = EngineDown(EngineState.STOPPED, "No engine listens at the socket.")
    kept.clock.advance(600)
    kept.look()
    device = docker(slave)
    assert device["user_quotas"] == before["user_quotas"]
    assert device["measured_at"] == before["measured_at"] == "2026-11-21T12:00:02Z"


def test_figures_of_a_store_that_cannot_be_measured_are_called_estimated(
    kept: KeptLedger, slave: SlaveUnderTest
) -> None:
    fill(kept)
    assert "estimated" not in docker(slave)
    kept.engine.its_info = replace(kept.engine.its_info, store=Store.CONTAINERD, lacks=("No layer database.",))
    kept.look()
    assert docker(slave)["estimated"] is True


def test_requests_never_ask_the_engine(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    fill(kept)
    asked = list(kept.engine.calls)
    docker(slave)
    slave.get(USER_PATH)
    slave.put(USER_PATH, json={"block_hard_limit": 5})
    assert kept.engine.calls == asked
