"""Worker and schedule by the commands that people type: what happens to who is above, and what the master is told."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.fakes.docker_rig import DockerRig
from tests.fakes.killable import RedisServer
from tests.system.docker.enforced_host import GRACE, REMOVE_GRACE, STATE_SECONDS, EnforcedHost, deeds
from tests.system.stack.programs import wait_until

MIB = 1024


@pytest.mark.timeout(600)
def test_by_files_two_workers_take_turns(rig: DockerRig, tmp_path: Path) -> None:
    since = datetime.now(UTC)
    with EnforcedHost(tmp_path, rig) as host:
        rig.start_with_data("web-1", "daemon")
        rig.start_with_data("others", "bin")
        rig.start_with_data("web-2", "daemon")
        rig.start_with_data("fleeting", "daemon", "--rm")
        host.master()
        host.slave()
        host.start_by_sudo("exempt", "--label=qman.exempt=true")
        host.set_limit(10 * MIB)
        beat, workers = host.beat(), [host.worker(), host.worker("-n second@%h")]
        warned = host.wait_for("warned", None)
        stopped = host.wait_for("container_stopped", "web-2")
        host.wait_for("container_removed", "web-2")
        host.wait_for("back_below", None)
        both_take_part = lambda: all("docker_round" in worker.complained for worker in workers)  # noqa: E731 - used once
        wait_until(both_take_part, STATE_SECONDS, "both take part")
        host.wait_until_master_has_all()
        assert (beat.stop(), *(worker.stop() for worker in workers)) == (0, 0, 0)
        host_told = host.named()
        assert [each for each in host_told if each != ("container_stopped", "web-1")] == [
            ("warned", None),
            ("skipped", "fleeting"),
            ("container_stopped", "web-2"),
            ("container_removed", "web-2"),
            ("back_below", None),
        ]
        states = rig.states()
        assert states | {"web-1": ""} == dict.fromkeys(("others", "exempt", "fleeting"), "running") | {"web-1": ""}
        assert host.rounds_after(warned, GRACE, "stop") <= 2
        assert host.rounds_after(stopped, REMOVE_GRACE, "remove") <= 2
        done = deeds(rig, since)
        assert [(deed.what, deed.container) for deed in done if deed.container != "web-1"] == [
            ("stop", "web-2"),
            ("destroy", "web-2"),
        ]
        assert Counter(deed.container for deed in done)["web-1"] == host_told.count(("container_stopped", "web-1")) <= 1
        assert all(before.ended_ns <= after.began_ns for before, after in pairwise(done)), done


@pytest.mark.timeout(600)
def test_by_redis_everything_is_killed_in_between(rig: DockerRig, redis: RedisServer, tmp_path: Path) -> None:
    with EnforcedHost(tmp_path, rig, CELERY_BROKER_URL=redis.url) as host:
        rig.start_with_data("web-1", "daemon")
        rig.start_with_data("others", "bin", "--restart=always")
        rig.start_with_data("web-2", "daemon")
        slave = host.slave()
        host.set_limit(4 * MIB)
        programs = [host.worker(), host.worker("-n second@%h"), host.beat(), slave]
        host.wait_for("warned", None)
        for program in programs:
            program.kill()
        redis.kill()
        redis.start()
        host.slave()
        host.worker()
        host.worker("-n second@%h")
        host.beat()
        host.wait_for("container_stopped", "web-2")
        redis.kill()
        rig.kill()
        redis.start()
        rig.up()
        host.wait_for("container_removed", "web-2")
        master = host.master()
        host.wait_for("back_below", None)
        host.wait_until_master_has_all()
        master.kill()
        host.master()
        host.wait_until_master_has_all()
        assert [each for each in host.named() if each[1] in {None, "web-2"}] == [
            ("warned", None),
            ("container_stopped", "web-2"),
            ("container_removed", "web-2"),
            ("back_below", None),
        ]
        assert {name for _, name in host.named()} <= {None, "web-1", "web-2"}
        states = rig.states()
        assert (set(states), states["others"]) == ({"web-1", "others"}, "running")
