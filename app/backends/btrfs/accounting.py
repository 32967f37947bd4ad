"""Whether a rescan runs, which only an ioctl tells: asked aside, so that a filesystem that hangs holds nobody."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread

from app.backends.btrfs import ioctls, trees
from app.backends.btrfs.filesystems import Filesystem
from app.backends.btrfs.opening import opened
from app.quota.errors import QmanError
from app.quota.values import AccountingState, Device

PATIENCE_SECONDS = 0.25
"""How long a list of devices waits for all of its filesystems together."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a filesystem said of its qgroups."""

    is_rescanning: bool
    is_inconsistent: bool


Ask = Callable[[Filesystem], Answer]


def ask(filesystem: Filesystem) -> Answer:
    """Asks now. May block. The errors of `opened`."""
    with opened(filesystem) as directory:
        inconsistent = filesystem.inconsistent
        if inconsistent is None:
            inconsistent = trees.is_inconsistent(directory)
        return Answer(ioctls.is_rescanning(directory), inconsistent)


class AccountingWatch:
    """The last answer of each filesystem, asked anew for each list, by one thread a filesystem at most."""

    def __init__(self, ask: Ask = ask, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._ask = ask
        self._patience_seconds = patience_seconds
        self._lock = Lock()
        self._under_way: dict[str, Thread] = {}
        self._answers: dict[str, Answer] = {}

    def described(self, filesystems: Sequence[Filesystem]) -> list[Device]:
        """The devices with the state of their accounting. One that does not answer in time has its last one."""
        threads = [self._start(filesystem) for filesystem in filesystems]
        until = time.monotonic() + self._patience_seconds
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return [self._with_state(filesystem) for filesystem in filesystems]

    def _start(self, filesystem: Filesystem) -> Thread:
        with self._lock:
            thread = self._under_way.get(filesystem.uuid)
            if thread is None or not thread.is_alive():
                thread = Thread(target=self._keep, args=(filesystem,), name="btrfs accounting", daemon=True)
                self._under_way[filesystem.uuid] = thread
                thread.start()
            return thread

    def _keep(self, filesystem: Filesystem) -> None:
        try:
            self._answers[filesystem.uuid] = self._ask(filesystem)
        except QmanError:
            self._answers.pop(filesystem.uuid, None)  # reading it says why

    def _with_state(self, filesystem: Filesystem) -> Device:
        device, answer = filesystem.device, self._answers.get(filesystem.uuid)
        if answer is not None and answer.is_rescanning:
            state = AccountingState.RESCANNING
        elif filesystem.inconsistent or (answer is not None and answer.is_inconsistent):
            state = AccountingState.INCONSISTENT
        else:
            return device
        return replace(device, accounting=replace(device.accounting, state=state))
