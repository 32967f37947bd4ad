"""A disk that hangs holds one thread of the slave, never the slave."""

import os
from contextlib import suppress
from threading import Thread

import pytest
import requests

from tests.system.isolation.hanging import FrozenDevice
from tests.system.isolation.slave import RunningSlave
from tests.system.stack.programs import wait_until

pytestmark = pytest.mark.timeout(400)

HOLD_SECONDS = 30.0
AT_ONCE_SECONDS = 1.0


def hold_one_thread(slave: RunningSlave, device: str) -> None:
    """Has the slave read the device, until the kernel holds the thread that does."""

    def ask() -> None:
        with suppress(requests.ConnectionError):  # the slave has ended
            slave.ask("/remote-api/quotas", device=device)

    Thread(target=ask, daemon=True).start()
    wait_until(slave.held, HOLD_SECONDS, "the kernel holds a thread of the slave")


def test_the_process_goes_on_while_the_kernel_holds_a_read(slave: RunningSlave, frozen: FrozenDevice) -> None:
    """In the middle of the list, that is: pyquota keeps the interpreter's lock there, and nobody is ever answered."""
    other = os.environ[f"RIG_{frozen.fstype.upper()}_DEV"]
    assert slave.devices()[frozen.name]["status"] == "ok"
    frozen.freeze(first_ids_in_memory=3)
    hold_one_thread(slave, frozen.name)
    assert slave.ask("/remote-api/ping").seconds < AT_ONCE_SECONDS
    assert slave.devices(device=other)[other]["status"] == "ok"
    assert len(slave.held()) == 1
