"""Who somebody is, and whose a login name is for the rule "same name"."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.people import LONGEST_TEXT, Identity, cleaned, login_name, sign_in
from app.db.repositories.people import Person, PersonRepository
from tests.fakes.fleet_database import NOON, new_database

SignIn = Callable[..., Person]


@pytest.fixture
def log_in(tmp_path: Path) -> Iterator[SignIn]:
    database = new_database(tmp_path)

    def log_in(subject: str, username: str | None, *, issuer: str = "https://p", is_admin: bool = False) -> Person:
        identity = Identity(issuer, subject, username, "x@example.org", is_admin)
        with database.write() as connection:
            sign_in(PersonRepository(connection), identity, NOON)
        with database.read() as connection:
            found = PersonRepository(connection).find_by_subject(issuer, subject)
        assert found is not None
        return found

    yield log_in
    database.dispose()


def test_a_person_is_issuer_and_subject(log_in: SignIn) -> None:
    alice = log_in("1", "alice")
    assert log_in("1", "renamed").id == alice.id
    assert log_in("2", "alice").id != alice.id
    assert log_in("1", "alice", issuer="https://other").id != alice.id


def test_the_first_who_comes_with_a_login_name_has_it(log_in: SignIn) -> None:
    assert log_in("1", "alice").matched_name == "alice"
    second = log_in("2", "alice")
    assert (second.name, second.username, second.matched_name) == ("alice", "alice", None)
    assert log_in("1", "alice").matched_name == "alice"
    assert log_in("3", "alice", issuer="https://other").matched_name is None


def test_who_is_renamed_takes_a_free_name_and_gives_the_old_one_up(log_in: SignIn) -> None:
    log_in("1", "alice")
    assert log_in("1", "alicia").matched_name == "alicia"
    assert log_in("2", "alice").matched_name == "alice"


def test_who_is_renamed_to_a_taken_name_has_none(log_in: SignIn) -> None:
    log_in("1", "alice")
    log_in("2", "bob")
    assert log_in("2", "alice").matched_name is None
    assert log_in("1", "alice").matched_name == "alice"
    assert log_in("3", "bob").matched_name == "bob"


def test_a_namesake_gets_the_name_once_it_is_free(log_in: SignIn) -> None:
    log_in("1", "alice")
    log_in("2", "alice")
    log_in("1", "alicia")
    assert log_in("2", "alice").matched_name == "alice"


def test_without_a_login_name_nothing_matches(log_in: SignIn) -> None:
    log_in("1", "alice")
    nameless = log_in("1", None)
    assert (nameless.name, nameless.username, nameless.matched_name) == ("x@example.org", None, None)


def test_names_are_told_apart_by_case(log_in: SignIn) -> None:
    assert log_in("1", "alice").matched_name == "alice"
    assert log_in("2", "Alice").matched_name == "Alice"


def test_what_the_provider_says_of_the_role_counts_now(log_in: SignIn) -> None:
    assert log_in("1", "alice", is_admin=True).is_admin is True
    assert log_in("1", "alice").is_admin is False


@given(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())))
def test_claims_become_short_visible_text_or_nothing(claim: object) -> None:
    text = cleaned(claim)
    assert text is None or (text == text.strip() and text.isprintable() and 0 < len(text) <= LONGEST_TEXT)
    assert login_name(claim) in {None, claim if isinstance(claim, str) else None}


@pytest.mark.parametrize("claim", ["ali\u200bce", " alice", "alice\n", "alice\x00", "a" * 257, "", 7, None, ["alice"]])
def test_a_claim_that_would_have_to_be_changed_is_no_login_name(claim: object) -> None:
    assert login_name(claim) is None
