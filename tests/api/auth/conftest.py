"""Masters with the mock provider, and with one that lies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.auth.browsers import Browser, MasterWithLogin, oauth_settings
from tests.api.auth.providers import LyingProvider, mock_provider
from tests.fakes.fleet_database import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def provider_url(clock: HandClock) -> Iterator[str]:
    with mock_provider(clock) as url:
        yield url


@pytest.fixture
def master(tmp_path: Path, clock: HandClock, provider_url: str) -> Iterator[MasterWithLogin]:
    master = MasterWithLogin(tmp_path, oauth_settings(provider_url), clock)
    yield master
    master.close()


@pytest.fixture
def browser(master: MasterWithLogin) -> Browser:
    return master.browser()


@pytest.fixture
def liar(clock: HandClock) -> Iterator[LyingProvider]:
    provider = LyingProvider(clock)
    with provider.served():
        yield provider


@pytest.fixture
def deceived(tmp_path: Path, clock: HandClock, liar: LyingProvider) -> Iterator[MasterWithLogin]:
    """A master whose provider lies."""
    master = MasterWithLogin(tmp_path, oauth_settings(liar.issuer), clock)
    yield master
    master.close()
