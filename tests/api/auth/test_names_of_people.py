"""What people are called, and which login name counts, where the settings name other claims."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.auth.browsers import MasterWithLogin, oauth_settings, through
from tests.api.auth.providers import LyingProvider
from tests.fakes.fleet_database import HandClock


@pytest.fixture
def master_of_full_names(tmp_path: Path, clock: HandClock, liar: LyingProvider) -> Iterator[MasterWithLogin]:
    master = MasterWithLogin(tmp_path, oauth_settings(liar.issuer, claims={"name": "name"}), clock)
    yield master
    master.close()


def names_of(master: MasterWithLogin) -> list[tuple[str, str | None, str | None]]:
    with master.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, username, matched_name FROM person").all()
    return [(name, username, matched) for name, username, matched in rows]


def test_a_full_name_that_is_a_login_name_opens_nobody_s_account(
    master_of_full_names: MasterWithLogin, liar: LyingProvider
) -> None:
    liar.claims = {"name": "root", "preferred_username": "mallory"}
    through(master_of_full_names.browser(), liar)
    assert names_of(master_of_full_names) == [("root", "mallory", "mallory")]


def test_who_has_no_login_name_gets_nobody_s_account(
    master_of_full_names: MasterWithLogin, liar: LyingProvider
) -> None:
    liar.claims = {"name": "root", "preferred_username": None}
    liar.userinfo = {"sub": "s-1"}
    through(master_of_full_names.browser(), liar)
    assert names_of(master_of_full_names) == [("root", None, None)]


def test_a_login_name_that_only_userinfo_tells_counts(
    master_of_full_names: MasterWithLogin, liar: LyingProvider
) -> None:
    liar.claims = {"name": "Alice A.", "preferred_username": None}
    liar.userinfo = {"sub": "s-1", "preferred_username": "alice"}
    through(master_of_full_names.browser(), liar)
    assert names_of(master_of_full_names) == [("Alice A.", "alice", "alice")]


def test_a_second_person_of_the_same_login_name_is_mapped_by_an_admin_only(
    deceived: MasterWithLogin, liar: LyingProvider
) -> None:
    through(deceived.browser(), liar)
    liar.claims = {"sub": "s-2"}
    second = deceived.browser()
    through(second, liar)
    assert names_of(deceived) == [("alice", "alice", "alice"), ("alice", "alice", None)]
    assert second.client.get("/api/me/quotas").get_json()["items"] == []
