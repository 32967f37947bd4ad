"""A disk that hangs holds one thread of the slave, never the slave, and nobody else waits for it."""

import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from threading import Thread
from typing import Any

import pytest
import requests

from tests.system.isolation.hanging import FIRST_ID, IDS, FrozenDevice, device_beyond
from tests.system.isolation.slave import TIMEOUT_SECONDS, Answer, RunningSlave
from tests.system.stack.programs import wait_until

pytestmark = pytest.mark.timeout(1500)

HOLD_SECONDS = 90.0
WAITED_SECONDS = TIMEOUT_SECONDS / 2
"""Who takes so much longer than usual has waited for the device, which is given up after twice that."""

POLLS_OF_AN_HOUR = 240
"""One each 15 s."""
POLLS_OF_SOME_MINUTES = 41


def other_than(frozen: FrozenDevice) -> str:
    return os.environ[f"RIG_{frozen.fstype.upper()}_DEV"]


def wait_for(slave: RunningSlave, device: str, status: str) -> dict[str, Any]:
    """The device once it has that status."""

    def found() -> dict[str, Any] | None:
        shown: dict[str, Any] = slave.devices()[device]
        return shown if shown["status"] == status else None

    shown = wait_until(found, HOLD_SECONDS, f"{device} is {status}")
    assert shown is not None
    return shown


def change(slave: RunningSlave, device: str) -> Answer:
    """A user's limit of files is set."""
    return slave.ask(f"/remote-api/quotas/users/{FIRST_ID}", method="PUT", json={"inode_hard_limit": 9}, device=device)


def poll(slave: RunningSlave, times: int, *, stuck: str, other: str) -> list[Answer]:
    """So many polls, with other calls between them. Each shows both devices rightly."""
    calls: list[Callable[[], Answer]] = [
        lambda: slave.ask(f"/remote-api/quotas/users/{FIRST_ID}"),
        lambda: slave.ask("/remote-api/host"),
        lambda: slave.ask("/remote-api/quotas", device=stuck),
        lambda: change(slave, stuck),
    ]
    answers = []
    for number in range(times):
        answers.append(slave.ask("/remote-api/quotas"))
        shown = {device["name"]: device for device in answers[-1].body}
        assert (shown[stuck]["status"], shown[other]["status"]) == ("failed", "ok")
        if number % 10 == 0:
            calls[number // 10 % len(calls)]()
    return answers


def hold_one_thread(slave: RunningSlave, device: str) -> None:
    """Has the slave read the device, until the kernel holds the thread that does."""

    def ask() -> None:
        with suppress(requests.ConnectionError):  # the slave has ended
            slave.ask("/remote-api/quotas", device=device)

    Thread(target=ask, daemon=True).start()
    wait_until(slave.held, HOLD_SECONDS, "the kernel holds a thread of the slave")


def test_the_process_goes_on_while_the_kernel_holds_a_read(slave: RunningSlave, frozen: FrozenDevice) -> None:
    """In the middle of the list, that is: pyquota keeps the interpreter's lock there, and nobody is ever answered."""
    other = other_than(frozen)
    assert slave.devices()[frozen.name]["status"] == "ok"
    usual = slave.usual_seconds("/remote-api/ping")
    frozen.freeze(first_ids_in_memory=3)
    hold_one_thread(slave, frozen.name)
    assert slave.usual_seconds("/remote-api/ping") < usual + WAITED_SECONDS
    assert slave.devices(device=other)[other]["status"] == "ok"
    assert len(slave.held()) == 1


def test_after_an_hour_of_polls_there_is_still_one_stuck_thread(slave: RunningSlave, frozen: FrozenDevice) -> None:
    usual = slave.usual_seconds("/remote-api/quotas")
    good = slave.devices()[frozen.name]
    assert len(good["user_quotas"]) >= IDS
    frozen.freeze()
    hold_one_thread(slave, frozen.name)
    shown = wait_for(slave, frozen.name, "failed")
    assert shown["problem"]["code"] == "device_timeout"
    assert (shown["user_quotas"], shown["measured_at"]) == (good["user_quotas"], good["measured_at"])
    answers = poll(slave, POLLS_OF_AN_HOUR, stuck=frozen.name, other=other_than(frozen))
    assert median(answer.seconds for answer in answers) < usual + WAITED_SECONDS
    assert len(slave.held()) == 1
    frozen.release()
    assert wait_for(slave, frozen.name, "ok")["measured_at"] > good["measured_at"]
    assert not slave.held()


def test_a_change_of_a_frozen_filesystem_is_a_timeout_and_holds_one_thread(
    slave: RunningSlave, frozen: FrozenDevice
) -> None:
    slave.devices()
    subprocess.run(["fsfreeze", "-f", str(frozen.mount_point)], check=True)
    try:
        for _ in range(3):
            answer = change(slave, frozen.name)
            assert (answer.status, answer.body["code"]) == (503, "device_timeout")
        assert slave.devices()[other_than(frozen)]["status"] == "ok"
        assert len(slave.held()) <= 1
    finally:
        subprocess.run(["fsfreeze", "-u", str(frozen.mount_point)], check=True)
    wait_for(slave, frozen.name, "ok")
    assert change(slave, frozen.name).status == 200


def test_a_mount_beyond_a_filesystem_that_never_answers(slave: RunningSlave, frozen: FrozenDevice) -> None:
    with device_beyond(frozen) as (server, name):
        usual = slave.usual_seconds("/remote-api/quotas")
        good = slave.devices()[name]
        assert good["status"] == "ok"
        server.hang()
        shown = wait_for(slave, name, "failed")
        assert (shown["problem"]["code"], shown["measured_at"]) == ("device_timeout", good["measured_at"])
        threads = len(slave.tasks())
        answers = poll(slave, POLLS_OF_SOME_MINUTES, stuck=name, other=frozen.name)
        assert median(answer.seconds for answer in answers) < usual + WAITED_SECONDS
        assert len(slave.tasks()) < threads + POLLS_OF_SOME_MINUTES / 4, "the server's own pool may have grown a little"
        server.release()
        wait_for(slave, name, "ok")
