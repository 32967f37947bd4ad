"""How many logins may begin in a minute, and how much is remembered of them."""

import pytest
import structlog

from app.auth.errors import TooManyLoginsError
from app.auth.rate import LoginRate
from tests.fakes.fleet_database import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def refused(rate: LoginRate, address: str = "192.0.2.1") -> int:
    """The seconds that somebody has to wait."""
    with pytest.raises(TooManyLoginsError) as error:
        rate.check(address)
    assert error.value.retry_after_seconds is not None
    return error.value.retry_after_seconds


def test_20_a_minute_are_always_allowed(clock: HandClock) -> None:
    rate = LoginRate(clock, per_minute=20)
    for _ in range(20):
        rate.check("192.0.2.1")
    assert refused(rate) == 60
    clock.forward(59)
    assert refused(rate) == 1
    clock.forward(1)
    rate.check("192.0.2.1")


def test_one_address_does_not_use_up_what_all_have(clock: HandClock) -> None:
    rate = LoginRate(clock, per_minute=600)
    for _ in range(60):
        rate.check("192.0.2.1")
    refused(rate)
    rate.check("192.0.2.2")


def test_all_addresses_together_have_a_bound(clock: HandClock) -> None:
    rate = LoginRate(clock, per_minute=100)
    for number in range(100):
        rate.check(f"192.0.2.{number}")
    assert refused(rate, "198.51.100.1") == 60


def test_what_is_refused_is_neither_counted_nor_remembered(clock: HandClock) -> None:
    rate = LoginRate(clock, per_minute=20)
    for number in range(20):
        rate.check(f"192.0.2.{number}")
    for number in range(1000):
        refused(rate, f"10.0.0.{number}")
    assert len(rate._begun) == 20
    clock.forward(60)
    rate.check("192.0.2.1")
    assert len(rate._begun) == 1


def test_a_clock_set_back_locks_nobody_out(clock: HandClock) -> None:
    rate = LoginRate(clock, per_minute=20)
    for _ in range(20):
        rate.check("192.0.2.1")
    clock.forward(-3600)
    rate.check("192.0.2.1")


def test_a_flood_of_logins_is_no_flood_of_logs(clock: HandClock) -> None:
    rate = LoginRate(clock, per_minute=20)
    with structlog.testing.capture_logs() as logs:
        for _ in range(20):
            rate.check("192.0.2.1")
        for _ in range(500):
            refused(rate)
        clock.forward(1)
        refused(rate)
    assert [(entry["event"], entry["address"]) for entry in logs] == [("request_refused", "192.0.2.1")] * 2
