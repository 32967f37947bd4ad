"""When a token was last used is noted once a minute, and never at the cost of the call; slips cost no look-up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.auth.bearer import BearerTokens, LastUses
from app.auth.errors import UnauthenticatedError
from app.auth.token_text import new_token
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.tokens import ApiToken, ApiTokenRepository
from tests.fakes.fleet_database import HandClock, new_database
from tests.fakes.people import MasterWithPeople


class FullDatabase(Database):
    """Its disk is full: what is written fails, and is counted."""

    tried = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """NoSpaceError."""
        self.tried += 1
        raise NoSpaceError("The disk with qman's database is full. Nothing was changed.")
        yield  # a generator


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def token(clock: HandClock) -> ApiToken:
    return ApiToken("1", "p", "h", "qman_x", "a script", "read", clock(), clock() + timedelta(days=1), None)


def test_a_full_disk_is_tried_once_a_minute_and_stops_nobody(clock: HandClock, token: ApiToken) -> None:
    full = FullDatabase("sqlite://")
    uses = LastUses(full, clock)
    for _ in range(10):
        uses.note(token)
    assert full.tried == 1
    clock.forward(60)
    uses.note(token)
    assert full.tried == 2


def test_what_was_noted_within_the_minute_is_not_written_again(clock: HandClock, token: ApiToken) -> None:
    full = FullDatabase("sqlite://")
    for process in range(3):
        LastUses(full, clock).note(replace(token, last_used_at=clock() - timedelta(seconds=process * 20)))
    assert full.tried == 0


def test_it_never_goes_back(tmp_path: Path, clock: HandClock, token: ApiToken) -> None:
    """Two processes have read the same row; the slower one writes nothing."""
    database = new_database(tmp_path)
    master = MasterWithPeople(tmp_path, [], clock=clock, database=database)
    token = replace(token, person_id=master.log_in("alice").person_id)
    with database.write() as connection:
        ApiTokenRepository(connection).add(token)
    early, late = LastUses(database, HandClock(clock())), LastUses(database, HandClock(clock()))
    assert isinstance(late.clock, HandClock)
    late.clock.forward(30)
    late.note(token)
    early.note(token)
    with database.read() as connection:
        stored = ApiTokenRepository(connection).find(token.id)
    assert stored is not None
    assert stored.last_used_at == clock() + timedelta(seconds=30)
    master.close()


def test_a_slip_of_the_keyboard_is_found_without_the_database(tmp_path: Path, clock: HandClock) -> None:
    nowhere = Database(f"sqlite:///{tmp_path}/no-such-folder/qman.sqlite")
    tokens, token = BearerTokens(nowhere, clock, admin_login_days=7, demo=False), new_token()
    with pytest.raises(DatabaseUnavailableError):
        tokens.find(token, "192.0.2.1")
    with pytest.raises(UnauthenticatedError):
        tokens.find(token[:-1] + ("0" if token[-1] != "0" else "1"), "192.0.2.1")
