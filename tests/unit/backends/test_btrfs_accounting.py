"""The state of the accounting, also of filesystems that do not answer."""

from threading import Event

import pytest

from app.backends.btrfs.accounting import AccountingWatch, Answer
from app.backends.btrfs.filesystems import Filesystem
from app.quota.errors import BackendForbiddenError
from app.quota.values import Accounting, AccountingState, Capabilities, Device, DeviceKind

CAPABILITIES = Capabilities((), soft_limits=False, inode_limits=False, grace_periods=False, enforced_by_kernel=True)
DELAYED, RESCANNING, INCONSISTENT = AccountingState.DELAYED, AccountingState.RESCANNING, AccountingState.INCONSISTENT


def filesystem(name: str = "/dev/sdb", *, inconsistent: bool | None = False) -> Filesystem:
    device = Device(name, DeviceKind.BTRFS, "btrfs", CAPABILITIES, accounting=Accounting(DELAYED, 30))
    return Filesystem(f"uuid of {name}", device, (), inconsistent)


class Kernel:
    """Answers as it is told to; hangs for filesystems of one name, and counts how often."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.hanging = ""
        self.hangs = 0
        self.began, self.go_on = Event(), Event()

    def ask(self, asked: Filesystem) -> Answer:
        if asked.device.name == self.hanging:
            self.hangs += 1
            self.began.set()
            self.go_on.wait(30)
        return self.answer


@pytest.mark.parametrize(
    ("answer", "inconsistent", "state"),
    [
        (Answer(is_rescanning=False, is_inconsistent=False), False, DELAYED),
        (Answer(is_rescanning=True, is_inconsistent=False), False, RESCANNING),
        (Answer(is_rescanning=True, is_inconsistent=True), True, RESCANNING),
        (Answer(is_rescanning=False, is_inconsistent=False), True, INCONSISTENT),
        (Answer(is_rescanning=False, is_inconsistent=True), None, INCONSISTENT),
    ],
)
def test_states(answer: Answer, inconsistent: bool | None, state: AccountingState) -> None:
    watch = AccountingWatch(Kernel(answer).ask, 5)
    assert watch.described([filesystem(inconsistent=inconsistent)])[0].accounting == Accounting(state, 30)


def test_who_may_not_ask_believes_sysfs() -> None:
    def refused(_asked: Filesystem) -> Answer:
        raise BackendForbiddenError("no")

    states = [
        each.accounting.state
        for each in AccountingWatch(refused, 5).described([filesystem(), filesystem("/dev/sdc", inconsistent=True)])
    ]
    assert states == [DELAYED, INCONSISTENT]


def test_one_that_hangs_has_its_last_state_and_one_thread() -> None:
    kernel = Kernel(Answer(is_rescanning=True, is_inconsistent=False))
    both = [filesystem(), filesystem("/dev/sdc")]
    watch = AccountingWatch(kernel.ask, 0.05)
    while [each.accounting.state for each in watch.described(both)] != [RESCANNING, RESCANNING]:
        pass
    kernel.hanging, kernel.answer = "/dev/sdb", Answer(is_rescanning=False, is_inconsistent=False)
    try:
        while [each.accounting.state for each in watch.described(both)] != [RESCANNING, DELAYED]:
            pass
        assert kernel.began.wait(30)
        watch.described(both)
        assert kernel.hangs == 1
    finally:
        kernel.go_on.set()
