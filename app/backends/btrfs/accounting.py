"""Whether a rescan runs, which only an ioctl tells: asked aside, so that a filesystem that hangs holds nobody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.backends.aside import PATIENCE_SECONDS, AskedAside
from app.backends.btrfs import ioctls, trees
from app.backends.btrfs.filesystems import Filesystem
from app.backends.btrfs.opening import opened
from app.quota.errors import QmanError
from app.quota.values import AccountingState, Device


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
    """The last answer of each filesystem, asked anew for each list."""

    def __init__(self, ask: Ask = ask, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._ask = ask
        self._aside: AskedAside[str, Answer | None] = AskedAside("btrfs accounting", patience_seconds)

    def described(self, filesystems: Sequence[Filesystem]) -> list[Device]:
        """The devices with the state of their accounting. One that does not answer in time has its last one."""
        answers = self._aside.ask({filesystem.uuid: partial(self._answer, filesystem) for filesystem in filesystems})
        return [_with_state(filesystem, answers.get(filesystem.uuid)) for filesystem in filesystems]

    def _answer(self, filesystem: Filesystem) -> Answer | None:
        try:
            return self._ask(filesystem)
        except QmanError:
            return None  # reading it says why


def _with_state(filesystem: Filesystem, answer: Answer | None) -> Device:
    device = filesystem.device
    if answer is not None and answer.is_rescanning:
        state = AccountingState.RESCANNING
    elif filesystem.inconsistent or (answer is not None and answer.is_inconsistent):
        state = AccountingState.INCONSISTENT
    else:
        return device
    return replace(device, accounting=replace(device.accounting, state=state))
