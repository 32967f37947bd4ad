"""ZFS on a faked host: what is discovered, what failures mean, and pools that do not answer."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from threading import enumerate as living_threads

import pytest

from app.backends.command import ToolFailedError
from app.backends.zfs.backend import ZfsBackend
from app.backends.zfs.tools import run_zfs
from app.quota.errors import (
    BackendError,
    BackendForbiddenError,
    DeviceNotFoundError,
    DeviceTimeoutError,
    DeviceUnavailableError,
    NotSupportedError,
    QmanError,
)
from app.quota.values import UNLIMITED, Accounting, AccountingState, Limits, QuotaType
from tests.fakes.zfs import FakeDataset, FakeZfs
from tests.unit.backends.zfs_outputs import SAID_2_1

USER, PROJECT = QuotaType.USER, QuotaType.PROJECT
MOUNTS = """\
38 27 0:32 / /tank rw - zfs tank rw,xattr,noacl
39 38 0:33 / /srv/my\\040home rw - zfs tank/home rw,xattr,noacl
40 38 0:34 / /tank/home/.zfs/snapshot/one rw - zfs tank/home@one ro,xattr,noacl
41 38 0:35 / /bad/home rw - zfs bad/home rw,xattr,noacl
42 38 0:36 / /bad/home/.zfs/snapshot/one rw - zfs bad/home@one ro,xattr,noacl
"""
BRIEF, PATIENCE_SECONDS = 1.0, 30
"""How long a tool may take, and what no healthy run waits for."""


@pytest.fixture
def zfs() -> Iterator[FakeZfs]:
    fake = FakeZfs("tank", "tank/home", "bad", "bad/home", "bad/other")
    yield fake
    fake.release()


def listed(backend: ZfsBackend) -> list[str]:
    return [device.name for device in backend.list_devices()]


def eventually_listed(backend: ZfsBackend, names: Sequence[str]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while listed(backend) != list(names):
        assert time.monotonic() < until


def eventually_listing(*names: str) -> None:
    """The threads that list end as soon as they can: all but these."""
    until = time.monotonic() + PATIENCE_SECONDS
    while [each.name for each in living_threads() if each.name.startswith("zfs list")] != list(names):
        assert time.monotonic() < until


def every_call(backend: ZfsBackend, device: str) -> list[Callable[[], object]]:
    return [
        lambda: backend.get_usage(device),
        lambda: list(backend.iter_quotas(device, USER)),
        lambda: backend.get_quota(device, USER, 1000),
        lambda: backend.set_limits(device, USER, 1000, block=Limits(None, 5000), inode=UNLIMITED),
    ]


def test_without_settings_every_filesystem_of_every_pool_is_a_device(zfs: FakeZfs, tmp_path: Path) -> None:
    (tmp_path / "zfs_txg_timeout").write_text("7\n")
    bad, bad_home, _, tank, home = zfs.backend(tmp_path, mounts=MOUNTS).list_devices()
    assert (bad.name, bad_home.name, tank.name, home.name) == ("bad", "bad/home", "tank", "tank/home")
    assert home.mount_points == ("/srv/my home",)
    assert (tank.opts, bad.opts) == (("rw",), ("rw", "unmounted"))
    assert home.accounting == Accounting(AccountingState.DELAYED, 7)
    assert home.capabilities.quota_types == tuple(QuotaType)


def test_an_old_pool_counts_neither_projects_nor_objects(tmp_path: Path) -> None:
    backend = FakeZfs("old", objects=False, projects=False).backend(tmp_path)
    [device] = backend.list_devices()
    assert device.capabilities.quota_types == (USER, QuotaType.GROUP)
    assert not device.capabilities.inode_limits
    assert device.accounting.delay_seconds == 5
    with pytest.raises(NotSupportedError):
        backend.iter_quotas("old", PROJECT)


def test_configured_datasets_are_listed_whether_they_are_there_or_not(zfs: FakeZfs, tmp_path: Path) -> None:
    backend = zfs.backend(tmp_path, "tank/home", "tank/nope", "elsewhere/home")
    zfs.datasets["tank/home"].properties["readonly"] = "on"
    elsewhere, home, nope = backend.list_devices()
    assert [(each.name, each.opts[0]) for each in (elsewhere, home, nope)] == [
        ("elsewhere/home", "rw"),
        ("tank/home", "ro"),
        ("tank/nope", "rw"),
    ]
    assert backend.get_quota("tank/home", USER, 1000).block.used == 0
    for missing in ("tank/nope", "elsewhere/home"):
        with pytest.raises(DeviceUnavailableError, match="does not exist"):
            backend.get_usage(missing)
    with pytest.raises(DeviceNotFoundError):
        backend.get_usage("tank")
    assert not any("bad" in word for call in zfs.calls for word in call)


def test_a_name_from_outside_reaches_no_tool(zfs: FakeZfs, tmp_path: Path) -> None:
    backend = zfs.backend(tmp_path)
    for name in ("-r", "tank/home tank", "../etc", "tank/home@one", "tank/other"):
        with pytest.raises(DeviceNotFoundError):
            backend.get_usage(name)
    assert not any(call[-1] in {"-r", "../etc", "tank/other"} for call in zfs.calls)


def test_a_tool_that_fails_is_never_no_datasets(zfs: FakeZfs, tmp_path: Path) -> None:
    zfs.broken = "zfs is not installed, or not on the PATH of the slave."
    backend = zfs.backend(tmp_path)
    for call in (backend.list_devices, *every_call(backend, "tank/home")):
        with pytest.raises(BackendError, match="not installed"):
            call()


def test_a_dataset_that_is_gone_is_unavailable(zfs: FakeZfs, tmp_path: Path) -> None:
    backend = zfs.backend(tmp_path)
    assert "tank/home" in listed(backend)
    del zfs.datasets["tank/home"]
    assert "tank/home" not in listed(backend)
    for call in every_call(backend, "tank/home"):
        with pytest.raises(DeviceUnavailableError, match="does not exist"):
            call()


def test_figures_that_want_a_key_are_not_nothing(zfs: FakeZfs, tmp_path: Path) -> None:
    home, backend = zfs.datasets["tank/home"], zfs.backend(tmp_path)
    home.locked, home.has_key, home.figures["userused@1000"] = True, False, 5000
    [device] = [device for device in backend.list_devices() if device.name == "tank/home"]
    assert {"encryption=aes-256-gcm", "keystatus=unavailable"} <= set(device.opts)
    for call in every_call(backend, "tank/home")[1:]:
        with pytest.raises(DeviceUnavailableError, match="key of tank/home is not loaded"):
            call()


def test_only_what_differs_is_set_at_once(zfs: FakeZfs, tmp_path: Path) -> None:
    backend = zfs.backend(tmp_path)

    def sets(block: int | None, inode: int | None) -> list[tuple[str, ...]]:
        zfs.calls.clear()
        backend.set_limits("tank/home", USER, 7, block=Limits(None, block), inode=Limits(None, inode))
        return [call[2:] for call in zfs.calls if call[1] == "set"]

    assert sets(5000, 9) == [("userquota@+7=5000", "userobjquota@+7=9", "tank/home")]
    assert sets(5000, 9) == []
    assert sets(6000, 9) == [("userquota@+7=6000", "tank/home")]
    assert sets(6000, None) == [("userobjquota@+7=none", "tank/home")]


def test_limits_that_do_not_stand_are_a_failure(zfs: FakeZfs, tmp_path: Path) -> None:
    class Deaf(FakeZfs):
        """Says that it set the limits, and did not."""

        def _set(self, found: FakeDataset, changes: Sequence[str]) -> bytes:
            return b""

    with pytest.raises(DeviceUnavailableError, match="others stand"):
        Deaf("tank").backend(tmp_path).set_limits("tank", USER, 7, block=Limits(None, 5), inode=UNLIMITED)


def test_a_suspended_pool_fails_at_once_and_alone(zfs: FakeZfs, tmp_path: Path) -> None:
    backend = zfs.backend(tmp_path, mounts=MOUNTS)
    before = listed(backend)
    zfs.suspended.add("bad")
    zfs.calls.clear()
    assert listed(backend) == before
    assert not any("bad" in word for call in zfs.calls for word in call)
    state = tmp_path / "kstat" / "bad" / "state"
    state.parent.mkdir(parents=True)
    state.write_text("SUSPENDED\n")
    zfs.calls.clear()
    assert listed(backend) == before
    for call in every_call(backend, "bad/home"):
        with pytest.raises(DeviceUnavailableError, match="suspended"):
            call()
    assert not any("bad" in word for call in zfs.calls for word in call)
    assert backend.get_quota("tank/home", USER, 1000).block.used == 0
    assert listed(zfs.backend(tmp_path, mounts=MOUNTS)) == ["bad/home", "tank", "tank/home"]
    assert listed(zfs.backend(tmp_path)) == ["bad", "tank", "tank/home"]


def test_a_pool_that_hangs_holds_one_tool_and_one_thread(zfs: FakeZfs, tmp_path: Path) -> None:
    backend, before = zfs.backend(tmp_path, timeout_seconds=BRIEF), sorted(zfs.datasets)
    eventually_listed(backend, before)
    eventually_listing()
    zfs.hanging.add("bad")
    first = Thread(target=backend.get_usage, args=("bad/home",), daemon=True)
    first.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not zfs.inside:
        assert time.monotonic() < until
    for device in ("bad/home", "bad/other", "bad"):
        for call in every_call(backend, device):
            with pytest.raises(DeviceTimeoutError, match="pool bad does not answer"):
                call()
    started_at = time.monotonic()
    for _ in range(20):
        assert listed(backend) == before
        assert backend.get_quota("tank/home", USER, 1000).block.used == 0
        with pytest.raises(DeviceTimeoutError):
            backend.get_usage("bad/other")
    assert time.monotonic() - started_at < 20 * BRIEF
    eventually_listing()
    assert zfs.inside == 1
    zfs.release()
    first.join(PATIENCE_SECONDS)
    assert backend.get_quota("bad/home", USER, 1000).block.used == 0


def test_a_pool_that_hangs_while_it_is_listed_takes_no_other_along(zfs: FakeZfs, tmp_path: Path) -> None:
    backend = zfs.backend(tmp_path, timeout_seconds=BRIEF, mounts=MOUNTS)
    zfs.hanging.add("bad")
    started_at = time.monotonic()
    for _ in range(40):
        assert listed(backend) == ["bad/home", "tank", "tank/home"]
    assert time.monotonic() - started_at < 10 * BRIEF
    eventually_listing("zfs list bad")
    assert zfs.inside == 1
    zfs.release()
    eventually_listed(backend, ["bad", "bad/home", "bad/other", "tank", "tank/home"])


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("suspended", DeviceUnavailableError),
        ("gone", DeviceUnavailableError),
        ("volume", DeviceUnavailableError),
        ("read_only", DeviceUnavailableError),
        ("denied", BackendForbiddenError),
        ("denied_at_all", BackendForbiddenError),
        ("old_dataset", NotSupportedError),
        ("old_pool", NotSupportedError),
        ("no_module", BackendError),
    ],
)
def test_what_a_tool_says_has_a_meaning(said: str, meaning: type[QmanError]) -> None:
    def fail(argv: object, *, timeout_seconds: float) -> bytes:
        raise ToolFailedError("zfs", 1, SAID_2_1[said])

    with pytest.raises(QmanError) as failed:
        run_zfs(fail, ["zfs", "list"], 1)
    assert type(failed.value) is meaning
    assert SAID_2_1[said].partition("\n")[0].rstrip(".") in failed.value.detail
