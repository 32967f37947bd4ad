"""The misbehaving backends misbehave as named, and are whole otherwise."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST2
from app.quota.backend import QuotaBackend
from app.quota.errors import BackendError, DeviceUnavailableError
from app.quota.values import QuotaType
from tests.fakes.backends import DownBackend, HangingBackend, SlowBackend

DEVICE = "/dev/vdb1"


def test_a_slow_backend_answers() -> None:
    slow: QuotaBackend = SlowBackend(MockBackend(HOST2), 0)
    assert [quota.quota_id for quota in slow.iter_quotas(DEVICE, QuotaType.USER)] == [1000, 1001]


def test_a_backend_that_is_down_lists_its_devices_and_nothing_else() -> None:
    down = DownBackend(MockBackend(HOST2))
    assert len(down.list_devices()) == 2
    with pytest.raises(DeviceUnavailableError):
        down.get_usage(DEVICE)
    down.down = False
    assert down.get_usage(DEVICE).total > 0


def test_a_failing_list_is_an_error() -> None:
    with pytest.raises(BackendError):
        DownBackend(MockBackend(HOST2), list_fails=True).list_devices()


def test_a_hanging_backend_answers_once_released() -> None:
    hanging = HangingBackend(MockBackend(HOST2))
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(hanging.get_quota, DEVICE, QuotaType.USER, 1000)
        assert hanging.entered.wait(10)
        assert not answer.done()
        hanging.release()
        assert answer.result(10).name == "alice"
